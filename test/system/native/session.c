/* A session with a fake network, entropy source and allocator. */
#include <errno.h>
#include <limits.h>

#include "check.h"
#include "chrony.h"
#include "chrony_extensions.h"
#include "fakes.h"
#include "fields.h"
#include "report.h"
#include "wire.h"

enum { FD = 2, REQUEST_CODE = 4, REQUEST_SEQUENCE = 8 };

#define NUMBER_ALL (chronyi_number_reports + chronyi_number_extensions)

/* The fake socket in use. */
static struct fake_socket *const net = &fake_sockets[FD];
static uint8_t answer[1024];

static chrony_session *new_session(void) {
  chrony_session *s;

  CHECK(chrony_init_session(&s, FD) == CHRONY_OK);
  CHECK(chrony_get_fd(s) == FD);
  fake_reset();
  return s;
}

/* Makes the answer to the last request. Its body consists of bytes that count from 1. */
static uint8_t *make_answer(uint16_t code, uint16_t status, size_t body_length) {
  fake_reply_header(answer, net, code, status);
  for (size_t i = 0; i < body_length; i++)
    answer[REPLY_HEADER + i] = (uint8_t)(i + 1);
  net->datagram = answer;
  net->datagram_length = REPLY_HEADER + body_length;
  return answer + REPLY_HEADER;
}

static void set_address(uint8_t *p, uint8_t family, uint8_t last) {
  memset(p, 0, WIRE_ADDRESS_LENGTH);
  p[family == 1 ? 3 : 15] = last;
  p[17] = family;
}

/* True if no request is outstanding and no record is held. */
static bool is_idle(chrony_session *s) {
  return !chrony_needs_response(s) && chrony_get_record_number_fields(s) == 0 &&
         chrony_process_response(s) == CHRONY_UNEXPECTED_CALL && !chrony_get_field_name(s, 0);
}

static void test_error_strings(void) {
  const char *const unknown = chrony_get_error_string((chrony_err)15);

  CHECK(unknown && *unknown != '\0');
  for (int e = 0; e <= CHRONY_INVALID_RESPONSE; e++) {
    const char *const text = chrony_get_error_string((chrony_err)e);

    CHECK(text && *text != '\0' && !same(text, unknown));
    for (int other = 0; other < e; other++)
      CHECK(!same(text, chrony_get_error_string((chrony_err)other)));
  }
  CHECK(CHRONY_OK == 0 && CHRONY_UNKNOWN_REPORT == 3 && CHRONY_UNAUTHORIZED == 9 && CHRONY_INVALID_RESPONSE == 14);
}

static void test_arguments(void) {
  chrony_session *const s = new_session();

  CHECK(is_idle(s));
  CHECK(chrony_request_record(s, "no such report", 0) == CHRONY_UNKNOWN_REPORT && is_idle(s));
  CHECK(chrony_request_record(s, "", 0) == CHRONY_UNKNOWN_REPORT && is_idle(s));
  CHECK(chrony_request_record(s, NULL, 0) == CHRONY_UNKNOWN_REPORT && is_idle(s));
  CHECK(chrony_request_report_number_records(s, "Tracking") == CHRONY_UNKNOWN_REPORT && is_idle(s));
  CHECK(chrony_request_report_number_records(s, NULL) == CHRONY_UNKNOWN_REPORT && is_idle(s));
  for (int i = 0; i < NUMBER_ALL; i++) {
    const char *const name = chronyi_reports[i].name;
    const bool single = chronyi_reports[i].query.selector == SELECT_NOTHING;

    CHECK(chrony_request_record(s, name, -1) == CHRONY_INVALID_ARGUMENT && is_idle(s));
    CHECK(chrony_request_record(s, name, INT_MIN) == CHRONY_INVALID_ARGUMENT && is_idle(s));
    CHECK(net->sent == 0);
    CHECK(chrony_request_record(s, name, INT_MAX) == (single ? CHRONY_INVALID_ARGUMENT : CHRONY_OK));
    CHECK(chrony_needs_response(s) == !single);
    net->sent = 0;

    CHECK(chrony_request_report_number_records(s, name) == CHRONY_OK);
    CHECK(chrony_get_report_number_records(s) == (single ? 1 : 0));
    CHECK(net->sent == (single ? 0 : 1) && chrony_needs_response(s) == !single);
    net->sent = 0;
  }

  /* An error also drops the outstanding request. */
  CHECK(chrony_request_record(s, "tracking", 0) == CHRONY_OK && chrony_needs_response(s));
  CHECK(chrony_request_record(s, "nothing", 0) == CHRONY_UNKNOWN_REPORT && is_idle(s));
  chrony_deinit_session(s);
  chrony_deinit_session(NULL);
}

/* Requests a record and processes an answer of this layout. For a report by address, the lookup of the source comes first. */
static void get_record(chrony_session *s, const struct report *report, const struct layout *layout) {
  CHECK(chrony_request_record(s, report->name, 0) == CHRONY_OK);
  if (report->query.selector == SELECT_BY_ADDRESS) {
    CHECK(chronyi_get16(net->request + REQUEST_CODE) == 34);
    set_address(make_answer(6, 0, 56) + 4, 1, 9);
    CHECK(chrony_process_response(s) == CHRONY_OK && chrony_needs_response(s));
    CHECK(net->request[REQUEST_HEADER + 3] == 9 && net->request[REQUEST_HEADER + 17] == 1);
  }
  CHECK(chronyi_get16(net->request + REQUEST_CODE) == report->query.request_code);
  CHECK(net->request_length >= REPLY_HEADER + chronyi_layout_length(layout));
  CHECK(chrony_get_record_number_fields(s) == 0);
  make_answer(layout->reply_code, 0, chronyi_layout_length(layout));
  CHECK(chrony_process_response(s) == CHRONY_OK && !chrony_needs_response(s));
}

static void test_fields(void) {
  chrony_session *const s = new_session();

  check_out_of_range(s, 0);
  for (int i = 0; i < NUMBER_ALL; i++) {
    const struct query *const query = &chronyi_reports[i].query;

    for (int j = 0; j < query->number_layouts; j++) {
      get_record(s, &chronyi_reports[i], &query->layouts[j]);
      for (int field = 0; field < chrony_get_record_number_fields(s); field++) {
        CHECK(chrony_get_field_type(s, field) != CHRONY_TYPE_NONE);
        check_getters(s, field);
      }
      check_out_of_range(s, query->layouts[j].number_fields);
    }
  }
  chrony_deinit_session(s);
}

static void test_sign_extension(void) {
  chrony_session *const s = new_session();

  CHECK(chrony_request_record(s, "sources", 0) == CHRONY_OK);
  chronyi_put16(make_answer(3, 0, 48) + 20, 0xfffe);
  CHECK(chrony_process_response(s) == CHRONY_OK);
  CHECK(chrony_get_field_integer(s, chrony_get_field_index(s, "poll")) == -2);
  chrony_deinit_session(s);
}

/* The answer to the second request must not change the names of the first, nor one address another. */
static void test_lifetimes(void) {
  chrony_session *const s = new_session();
  const char *name, *remote, *local, *constant;
  uint8_t *body;

  get_record(s, &chronyi_reports[6], &chronyi_reports[6].query.layouts[1]);
  CHECK(chrony_request_record(s, "ntpdata", 0) == CHRONY_OK);
  set_address(make_answer(6, 0, 56) + 4, 2, 7);
  CHECK(chrony_process_response(s) == CHRONY_OK);
  body = make_answer(26, 0, chronyi_layout_length(&chronyi_reports[6].query.layouts[1]));
  set_address(body, 2, 7);
  set_address(body + WIRE_ADDRESS_LENGTH, 1, 5);
  body[2 * WIRE_ADDRESS_LENGTH + 2] = 3;
  CHECK(chrony_process_response(s) == CHRONY_OK);

  remote = chrony_get_field_string(s, chrony_get_field_index(s, "remote address"));
  local = chrony_get_field_string(s, chrony_get_field_index(s, "local address"));
  name = chrony_get_field_name(s, 1);
  constant = chrony_get_field_constant_name(s, chrony_get_field_index(s, "leap status"), 3);
  CHECK(same(remote, "::7") && same(local, "0.0.0.5"));
  CHECK(chrony_get_field_content(s, 0) == CHRONY_CONTENT_ADDRESS);
  CHECK(chrony_request_record(s, "tracking", 0) == CHRONY_OK);
  chrony_deinit_session(s);
  CHECK(same(name, "local address") && same(constant, "not synchronized"));
}

static void test_unspecified_address(void) {
  chrony_session *const s = new_session();

  for (int family = 0; family < 5; family++) {
    const bool known = family >= 1 && family <= 3;

    CHECK(chrony_request_record(s, "tracking", 0) == CHRONY_OK);
    set_address(make_answer(5, 0, 76) + 4, (uint8_t)family, 1);
    CHECK(chrony_process_response(s) == CHRONY_OK);
    CHECK(chrony_get_field_type(s, 1) == CHRONY_TYPE_STRING);
    CHECK(chrony_get_field_content(s, 1) == (known ? CHRONY_CONTENT_ADDRESS : CHRONY_CONTENT_NONE));
    CHECK((chrony_get_field_string(s, 1) != NULL) == known);
  }
  chrony_deinit_session(s);
}

static void test_statuses(void) {
  chrony_session *const s = new_session();

  for (int status = 1; status <= 0xffff; status++) {
    const chrony_err expected = status == 2                   ? CHRONY_UNAUTHORIZED
                                : status == 3                 ? CHRONY_OLD_SERVER
                                : status == 6 || status == 13 || status == 15 ? CHRONY_DISABLED
                                : status == 18 || status == 19 ? CHRONY_NEW_SERVER
                                                               : CHRONY_UNEXPECTED_STATUS;

    CHECK(chrony_request_record(s, "tracking", 0) == CHRONY_OK);
    make_answer(1, (uint16_t)status, 0);
    CHECK(chrony_process_response(s) == expected && is_idle(s));
  }
  chrony_deinit_session(s);
}

static void test_no_memory(void) {
  chrony_session *s = (chrony_session *)&fake_failures;

  fake_failures.no_memory = true;
  CHECK(chrony_init_session(&s, FD) == CHRONY_NO_MEMORY && !s);
}

/* A failure to send has the same result for the first request and for a request that follows its answer. */
static void test_send_failures(chrony_session *s, bool follow_up) {
  static const struct {
    int send, entropy;
    bool cut;
    chrony_err expected;
  } cases[] = {
      {ECONNREFUSED, 0, false, CHRONY_SEND_FAILED},  {EAGAIN, 0, false, CHRONY_SEND_FAILED},
      {0, 0, true, CHRONY_SEND_FAILED},              {0, ENOSYS, false, CHRONY_NO_RANDOM},
      {0, EIO, false, CHRONY_RANDOM_FAILED},
  };

  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    chrony_err e;

    if (follow_up) {
      CHECK(chrony_request_record(s, "authdata", 0) == CHRONY_OK);
      set_address(make_answer(6, 0, 56) + 4, 1, 9);
    }
    fake_failures.send = cases[i].send;
    fake_failures.entropy = cases[i].entropy;
    fake_failures.short_send = cases[i].cut;
    e = follow_up ? chrony_process_response(s) : chrony_request_record(s, "tracking", 0);
    CHECK(e == cases[i].expected && is_idle(s));
    CHECK(cases[i].send == 0 || errno == cases[i].send);
  }
}

/* An answer is accepted after a failure to receive, for the first request and for the one that follows its answer. */
static void test_recv_failure(chrony_session *s) {
  static const int errors[] = {EINTR, EAGAIN, ECONNREFUSED};

  for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++) {
    CHECK(chrony_request_record(s, "authdata", 0) == CHRONY_OK);
    set_address(make_answer(6, 0, 56) + 4, 1, 9);
    fake_failures.recv = errors[i];
    CHECK(chrony_process_response(s) == CHRONY_RECV_FAILED && errno == errors[i]);
    CHECK(chrony_needs_response(s) && chrony_get_record_number_fields(s) == 0);
    CHECK(chrony_process_response(s) == CHRONY_OK && chrony_needs_response(s));

    make_answer(20, 0, 24);
    fake_failures.recv = errors[i];
    CHECK(chrony_process_response(s) == CHRONY_RECV_FAILED && errno == errors[i]);
    CHECK(chrony_needs_response(s) && chrony_get_record_number_fields(s) == 0);
    CHECK(chrony_process_response(s) == CHRONY_OK && !chrony_needs_response(s));
    CHECK(chrony_get_record_number_fields(s) == 10);
  }

  /* A socket that was shut down returns empty datagrams: they are neither an answer nor an error. */
  CHECK(chrony_request_record(s, "tracking", 0) == CHRONY_OK);
  net->datagram_length = 0;
  CHECK(chrony_process_response(s) == CHRONY_OK && chrony_needs_response(s));
}

static void test_failures(void) {
  chrony_session *const s = new_session();

  test_send_failures(s, false);
  test_send_failures(s, true);
  test_recv_failure(s);
  get_record(s, &chronyi_reports[0], &chronyi_reports[0].query.layouts[0]);
  CHECK(chrony_get_record_number_fields(s) == 14);
  chrony_deinit_session(s);
}

/* Each request has a new sequence number, and contains no bytes of the previous message. */
static void test_requests(void) {
  chrony_session *const s = new_session();
  uint8_t first[FAKE_REQUEST_SIZE];
  size_t first_length;

  CHECK(chrony_request_record(s, "tracking", 0) == CHRONY_OK);
  memcpy(first, net->request, sizeof first);
  first_length = net->request_length;
  get_record(s, &chronyi_reports[7], &chronyi_reports[7].query.layouts[3]);
  CHECK(chrony_request_record(s, "tracking", 0) == CHRONY_OK);
  CHECK(net->request_length == first_length);
  CHECK(memcmp(net->request + REQUEST_SEQUENCE, first + REQUEST_SEQUENCE, 4) != 0);
  memcpy(net->request + REQUEST_SEQUENCE, first + REQUEST_SEQUENCE, 4);
  CHECK(memcmp(net->request, first, first_length) == 0);
  for (size_t i = 12; i < first_length; i++)
    CHECK(first[i] == 0);
  chrony_deinit_session(s);
}

/* Requests a record of a report with a single kind of reply, and makes a reply whose bytes count from 1. Returns its body. */
static uint8_t *begin(chrony_session *s, const char *report, int record, uint16_t code, size_t body_length) {
  CHECK(chrony_request_record(s, report, record) == CHRONY_OK && chrony_needs_response(s));
  return make_answer(code, 0, body_length);
}

static void finish(chrony_session *s) {
  CHECK(chrony_process_response(s) == CHRONY_OK && !chrony_needs_response(s));
}

enum { NAME_LENGTH = 256, CLIENTS_LENGTH = 492, SAMPLES_LENGTH = 388, SOURCESTATS_LENGTH = 56 };

/* A name may fill its 256 bytes or end earlier. It is always terminated. */
static void test_text(void) {
  chrony_session *const s = new_session();

  for (int length = 0; length <= NAME_LENGTH; length++) {
    uint8_t *body;
    const char *name;

    CHECK(chrony_request_record_of_source(s, "sourcename", "192.0.2.1") == CHRONY_OK);
    body = make_answer(19, 0, NAME_LENGTH);
    memset(body, 'x', NAME_LENGTH);
    if (length < NAME_LENGTH)
      body[length] = '\0';
    finish(s);
    name = chrony_get_field_string(s, 0);
    CHECK(name && strlen(name) == (size_t)(length < NAME_LENGTH ? length : NAME_LENGTH - 1));
    CHECK(strspn(name, "x") == strlen(name) && chrony_get_field_string(s, 0) == name);
    CHECK(same(chrony_get_field_name(s, 0), "name") && chrony_get_field_type(s, 0) == CHRONY_TYPE_STRING);
    CHECK(chrony_get_field_content(s, 0) == CHRONY_CONTENT_NONE && chrony_get_number_entries(s) == 0);
    check_getters(s, 0);
    check_out_of_range(s, 1);
  }
  chrony_deinit_session(s);
}

/* Checks that this entry cannot be selected, and that the attempt changes nothing. */
static void check_no_entry(chrony_session *s, int entry) {
  const char *const first = chrony_get_field_name(s, 0);
  const int fields = chrony_get_record_number_fields(s), entries = chrony_get_number_entries(s);
  const uint64_t value = chrony_get_field_uinteger(s, 1);

  CHECK(!chrony_select_entry(s, entry));
  CHECK(chrony_get_field_name(s, 0) == first && chrony_get_record_number_fields(s) == fields);
  CHECK(chrony_get_number_entries(s) == entries && chrony_get_field_uinteger(s, 1) == value);
}

/* Checks that the held record has exactly this number of entries. */
static void check_number_entries(chrony_session *s, int number) {
  const int outside[] = {-1, INT_MIN, number, number + 1, 8, 16, 255, 256, INT_MAX};

  CHECK(chrony_get_number_entries(s) == number);
  for (size_t i = 0; i < sizeof outside / sizeof outside[0]; i++) {
    if (outside[i] < 0 || outside[i] >= number)
      check_no_entry(s, outside[i]);
  }
}

/* The number of entries is limited to the room in the reply, even if chronyd gives a larger number. */
static void test_number_entries(void) {
  static const struct {
    const char *report;
    uint16_t code;
    size_t length;
    int fields, room;
  } lists[] = {{"clients", 21, CLIENTS_LENGTH, 3, 8}, {"manual list", 18, SAMPLES_LENGTH, 1, 16}};
  static const uint32_t numbers[] = {0, 1, 7, 8, 9, 15, 16, 17, 255, 256, 0x7fffffff, 0x80000000, 0xffffffff};
  chrony_session *const s = new_session();

  check_number_entries(s, 0);
  for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
    for (size_t j = 0; j < sizeof numbers / sizeof numbers[0]; j++) {
      const int number = numbers[j] < (uint32_t)lists[i].room ? (int)numbers[j] : lists[i].room;
      uint8_t *const body = begin(s, lists[i].report, 0, lists[i].code, lists[i].length);

      check_number_entries(s, 0);
      chronyi_put32(body + 4 * (lists[i].fields - 1), numbers[j]);
      finish(s);
      check_out_of_range(s, lists[i].fields);
      check_number_entries(s, number);
      for (int entry = number - 1; entry >= 0; entry--) {
        CHECK(chrony_select_entry(s, entry));
        check_number_entries(s, number);
        check_out_of_range(s, lists[i].room == 8 ? 14 : 4);
        for (int field = 0; field < chrony_get_record_number_fields(s); field++)
          check_getters(s, field);
      }
    }
  }
  chrony_deinit_session(s);
}

/* Each entry is read at its own offset: the bytes of the body count from 1. */
static void test_client_entries(void) {
  static const char *const names[] = {"address",        "NTP hits",         "NTS-KE hits",   "command hits",  "NTP drops",
                                      "NTS-KE drops",   "command drops",    "NTP interval",  "NTS-KE interval",
                                      "command interval", "NTP timeout interval", "last NTP hit ago",
                                      "last NTS-KE hit ago", "last command hit ago"};
  chrony_session *const s = new_session();
  uint8_t *const body = begin(s, "clients", 0, 21, CLIENTS_LENGTH);

  chronyi_put32(body, 1000);
  chronyi_put32(body + 4, 0xfffffff0);
  chronyi_put32(body + 8, 8);
  for (int i = 0; i < 8; i++)
    set_address(body + 12 + 60 * i, (uint8_t)(i < 3 ? i : 1), (uint8_t)(i + 1));
  finish(s);
  CHECK(chrony_get_field_uinteger(s, chrony_get_field_index(s, "indices")) == 1000);
  CHECK(chrony_get_field_uinteger(s, chrony_get_field_index(s, "next index")) == 0xfffffff0);
  CHECK(chrony_get_field_content(s, 1) == CHRONY_CONTENT_INDEX);
  CHECK(chrony_get_field_uinteger(s, chrony_get_field_index(s, "clients")) == 8);
  for (int i = 7; i >= 0; i--) {
    const uint8_t *const entry = body + 12 + 60 * i;

    CHECK(chrony_select_entry(s, i) && chrony_get_record_number_fields(s) == 14);
    for (int field = 0; field < 14; field++)
      CHECK(same(chrony_get_field_name(s, field), names[field]));
    CHECK((chrony_get_field_content(s, 0) == CHRONY_CONTENT_NONE) == (i == 0));
    CHECK((chrony_get_field_string(s, 0) == NULL) == (i == 0));
    CHECK(i != 2 || same(chrony_get_field_string(s, 0), "::3"));
    CHECK(i != 7 || same(chrony_get_field_string(s, 0), "0.0.0.8"));
    for (int field = 1; field <= 6; field++)
      CHECK(chrony_get_field_uinteger(s, field) == chronyi_get32(entry + 16 + 4 * field));
    for (int field = 7; field <= 10; field++)
      CHECK(chrony_get_field_integer(s, field) == (int8_t)entry[44 + field - 7]);
    for (int field = 11; field <= 13; field++)
      CHECK(chrony_get_field_uinteger(s, field) == chronyi_get32(entry + 48 + 4 * (field - 11)));
  }
  chrony_deinit_session(s);
}

static void test_sample_entries(void) {
  chrony_session *const s = new_session();
  uint8_t *const body = begin(s, "manual list", 0, 18, SAMPLES_LENGTH);

  chronyi_put32(body, 16);
  for (int i = 0; i < 16; i++) {
    chronyi_put32(body + 4 + 24 * i, 0);
    chronyi_put32(body + 8 + 24 * i, (uint32_t)(1000 + i));
  }
  finish(s);
  for (int i = 0; i < 16; i++) {
    CHECK(chrony_select_entry(s, i) && same(chrony_get_field_name(s, 0), "time"));
    CHECK(chrony_get_field_timespec(s, 0).tv_sec == 1000 + i);
    CHECK(same(chrony_get_field_name(s, 1), "slewed offset") && same(chrony_get_field_name(s, 2), "original offset"));
    CHECK(same(chrony_get_field_name(s, 3), "residual"));
    for (int field = 1; field < 4; field++)
      CHECK(chrony_get_field_float(s, field) == chronyi_get_float(body + 4 + 24 * i + 8 + 4 * field));
  }
  chrony_deinit_session(s);
}

/* Entries belong to the held reply, and are dropped with it. */
static void test_entries_end(void) {
  chrony_session *const s = new_session();

  for (int way = 0; way < 6; way++) {
    chronyi_put32(begin(s, "clients", 0, 21, CLIENTS_LENGTH) + 8, 8);
    finish(s);
    CHECK(chrony_get_number_entries(s) == 8 && chrony_select_entry(s, 3));
    CHECK(chrony_process_response(s) == CHRONY_UNEXPECTED_CALL && chrony_get_number_entries(s) == 8);
    switch (way) {
    case 0:
      CHECK(chrony_request_record(s, "tracking", 0) == CHRONY_OK);
      break;
    case 1:
      CHECK(chrony_request_record(s, "no such report", 0) == CHRONY_UNKNOWN_REPORT);
      break;
    case 2:
      CHECK(chrony_request_clients(s, 0, 0) == CHRONY_OK);
      make_answer(1, 6, 0);
      CHECK(chrony_process_response(s) == CHRONY_DISABLED);
      break;
    case 3:
      CHECK(chrony_request_record_of_source(s, "sourcename", "nothing") == CHRONY_INVALID_ARGUMENT);
      break;
    case 4:
      CHECK(chrony_request_report_number_records(s, "manual list") == CHRONY_OK);
      CHECK(chrony_get_report_number_records(s) == 1);
      break;
    default:
      /* a batch that is one byte too short */
      CHECK(chrony_request_clients(s, 0, 0) == CHRONY_OK);
      make_answer(21, 0, CLIENTS_LENGTH - 1);
      CHECK(chrony_process_response(s) == CHRONY_INVALID_RESPONSE);
    }
    check_number_entries(s, 0);
    CHECK(chrony_get_record_number_fields(s) == 0);
  }
  chrony_deinit_session(s);
}

/* The number of records of `clients` is the length of the table. The reply is also held. */
static void test_number_clients(void) {
  static const uint32_t lengths[] = {0, 16, 0x7fffffff, 0xffffffff};
  chrony_session *const s = new_session();

  for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
    uint8_t *body;

    CHECK(chrony_request_report_number_records(s, "clients") == CHRONY_OK && chrony_needs_response(s));
    CHECK(chrony_get_report_number_records(s) == 0);
    body = make_answer(21, 0, CLIENTS_LENGTH);
    chronyi_put32(body, lengths[i]);
    chronyi_put32(body + 8, 5);
    finish(s);
    CHECK(chrony_get_report_number_records(s) == (lengths[i] > INT_MAX ? INT_MAX : (int)lengths[i]));
    CHECK(chrony_get_record_number_fields(s) == 3 && chrony_get_number_entries(s) == 5);
  }
  chrony_deinit_session(s);
}

static void check_clients_request(uint32_t first, uint32_t minimum) {
  const uint8_t *const r = net->request;

  CHECK(net->request_length == REPLY_HEADER + CLIENTS_LENGTH);
  CHECK(chronyi_get16(r + REQUEST_CODE) == 68);
  CHECK(chronyi_get32(r + REQUEST_HEADER) == first && chronyi_get32(r + REQUEST_HEADER + 4) == 8);
  CHECK(chronyi_get32(r + REQUEST_HEADER + 8) == minimum);
  /* the word that would reset the counters, and the bytes after it */
  for (size_t i = REQUEST_HEADER + 12; i < FAKE_REQUEST_SIZE; i++)
    CHECK(r[i] == 0);
}

static void test_clients_requests(void) {
  static const uint32_t numbers[] = {0, 1, 8, 0x01020304, INT_MAX, 0x80000000, UINT32_MAX};
  const size_t length = sizeof numbers / sizeof numbers[0];
  chrony_session *const s = new_session();

  for (size_t i = 0; i < length; i++) {
    /* a previous reply of ones, in which every word would be a reset */
    chronyi_put32(begin(s, "clients", 0, 21, CLIENTS_LENGTH) + 8, 8);
    finish(s);
    CHECK(chrony_request_clients(s, numbers[i], numbers[length - 1 - i]) == CHRONY_OK);
    check_clients_request(numbers[i], numbers[length - 1 - i]);
    if (numbers[i] <= INT_MAX) {
      CHECK(chrony_request_record(s, "clients", (int)numbers[i]) == CHRONY_OK);
      check_clients_request(numbers[i], 0);
    }
  }
  CHECK(chrony_request_report_number_records(s, "clients") == CHRONY_OK);
  check_clients_request(0, 0);
  fake_failures.send = ECONNREFUSED;
  CHECK(chrony_request_clients(s, 0, 0) == CHRONY_SEND_FAILED && is_idle(s));
  chrony_deinit_session(s);
}

static void test_by_address(void) {
  static const struct {
    const char *report;
    uint16_t code, reply;
    size_t length;
    int fields;
  } reports[] = {{"authdata", 67, 20, 24, 10}, {"ntpdata", 57, 26, 144, 33}, {"sourcename", 65, 19, 256, 1}};
  static const char *const others[] = {"tracking", "sources", "sourcestats", "selectdata", "clients", "manual list"};
  uint8_t expected[WIRE_ADDRESS_LENGTH];
  chrony_session *const s = new_session();
  char text[] = "2001:db8::7";

  for (size_t i = 0; i < sizeof reports / sizeof reports[0]; i++) {
    CHECK(chrony_request_record_of_source(s, reports[i].report, strcpy(text, "2001:db8::7")) == CHRONY_OK);
    /* The library no longer needs the string. */
    memset(text, '?', sizeof text - 1);
    CHECK(chrony_needs_response(s) && chronyi_get16(net->request + REQUEST_CODE) == reports[i].code);
    CHECK(chronyi_parse_address("2001:db8::7", expected));
    CHECK(memcmp(net->request + REQUEST_HEADER, expected, sizeof expected) == 0);
    make_answer(reports[i].reply, 0, reports[i].length);
    finish(s);
    CHECK(chrony_get_record_number_fields(s) == reports[i].fields);

    CHECK(chrony_request_record_of_source(s, reports[i].report, "192.0.2.1") == CHRONY_OK);
    make_answer(1, 4, 0);
    CHECK(chrony_process_response(s) == CHRONY_UNEXPECTED_STATUS && is_idle(s));

    net->sent = 0;
    CHECK(chrony_request_record_of_source(s, reports[i].report, NULL) == CHRONY_INVALID_ARGUMENT && is_idle(s));
    CHECK(chrony_request_record_of_source(s, reports[i].report, "") == CHRONY_INVALID_ARGUMENT && is_idle(s));
    CHECK(chrony_request_record_of_source(s, reports[i].report, "GPS") == CHRONY_INVALID_ARGUMENT && is_idle(s));
    CHECK(net->sent == 0);
  }
  for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
    CHECK(chrony_request_record_of_source(s, others[i], "192.0.2.1") == CHRONY_INVALID_ARGUMENT && is_idle(s));
  CHECK(chrony_request_record_of_source(s, "nothing", "192.0.2.1") == CHRONY_UNKNOWN_REPORT && is_idle(s));
  CHECK(chrony_request_record_of_source(s, NULL, "192.0.2.1") == CHRONY_UNKNOWN_REPORT && is_idle(s));
  CHECK(net->sent == 0);
  chrony_deinit_session(s);
}

/* The address may be a string that belongs to this session. */
static void test_address_of_session(void) {
  chrony_session *const s = new_session();

  set_address(begin(s, "sourcestats", 4, 6, SOURCESTATS_LENGTH) + 4, 1, 9);
  finish(s);
  CHECK(chrony_request_record_of_source(s, "ntpdata", chrony_get_field_string(s, 1)) == CHRONY_OK);
  CHECK(net->request[REQUEST_HEADER + 3] == 9 && net->request[REQUEST_HEADER + 17] == 1);
  chrony_deinit_session(s);
}

/* Makes the session hold sourcestats of a source with an address of this family. */
static void hold_sourcestats(chrony_session *s, int record, uint8_t family) {
  set_address(begin(s, "sourcestats", record, 6, SOURCESTATS_LENGTH) + 4, family, 9);
  finish(s);
  CHECK(chrony_get_record_number_fields(s) == 10);
}

/* Requests the record of a source, and checks that the session uses the held address, or looks the address up first. */
static void check_lookup(chrony_session *s, const char *report, int record, bool looks_up) {
  const unsigned sent = net->sent;

  CHECK(chrony_request_record(s, report, record) == CHRONY_OK);
  CHECK(net->sent == sent + 1 && chrony_needs_response(s));
  CHECK((chronyi_get16(net->request + REQUEST_CODE) == 34) == looks_up);
  if (looks_up) {
    CHECK(chronyi_get32(net->request + REQUEST_HEADER) == (uint32_t)record);
    set_address(make_answer(6, 0, SOURCESTATS_LENGTH) + 4, 1, 9);
    CHECK(chrony_process_response(s) == CHRONY_OK && net->sent == sent + 2);
  }
  CHECK(net->request[REQUEST_HEADER + 3] == 9 && net->request[REQUEST_HEADER + 17] == 1);
}

/* The address in the held record saves a request, and is used only for its own source. */
static void test_held_address(void) {
  static const char *const reports[] = {"authdata", "ntpdata", "sourcename"};
  chrony_session *const s = new_session();

  for (size_t i = 0; i < sizeof reports / sizeof reports[0]; i++) {
    const char *const report = reports[i];
    unsigned sent;

    for (int record = 0; record <= 300; record += 100) {
      hold_sourcestats(s, record, 1);
      check_lookup(s, report, record, false);
    }
    hold_sourcestats(s, INT_MAX, 1);
    check_lookup(s, report, INT_MAX, false);

    /* not for another source */
    hold_sourcestats(s, 1, 1);
    check_lookup(s, report, 0, true);
    hold_sourcestats(s, 0, 1);
    check_lookup(s, report, 1, true);

    /* For a reference clock or an unknown address family, no request is sent, and the record has no fields. */
    for (int family = 0; family < 5; family++) {
      if (family >= 1 && family <= 3)
        continue;
      hold_sourcestats(s, 2, (uint8_t)family);
      sent = net->sent;
      CHECK(chrony_request_record(s, report, 2) == CHRONY_OK && net->sent == sent && is_idle(s));
      CHECK(chrony_get_number_entries(s) == 0);
      /* The next request looks the address up again. */
      check_lookup(s, report, 2, true);
    }

    /* The address is used only once, since a record by address does not contain it. */
    hold_sourcestats(s, 3, 1);
    check_lookup(s, report, 3, false);
    check_lookup(s, report, 3, true);

    /* not after another record, a number of records, an error, a failed request, or a reply with an error status */
    hold_sourcestats(s, 3, 1);
    begin(s, "selectdata", 3, 23, 48);
    finish(s);
    check_lookup(s, report, 3, true);
    hold_sourcestats(s, 0, 1);
    chronyi_put32(begin(s, "clients", 0, 21, CLIENTS_LENGTH) + 8, 8);
    finish(s);
    CHECK(chrony_select_entry(s, 0));
    check_lookup(s, report, 0, true);
    hold_sourcestats(s, 0, 1);
    CHECK(chrony_request_report_number_records(s, "sourcestats") == CHRONY_OK);
    make_answer(2, 0, 4);
    finish(s);
    check_lookup(s, report, 0, true);
    hold_sourcestats(s, 3, 1);
    CHECK(chrony_request_report_number_records(s, "tracking") == CHRONY_OK);
    check_lookup(s, report, 3, true);
    hold_sourcestats(s, 3, 1);
    CHECK(chrony_request_record(s, report, -1) == CHRONY_INVALID_ARGUMENT);
    check_lookup(s, report, 3, true);
    hold_sourcestats(s, 3, 1);
    CHECK(chrony_request_record(s, "nothing", 3) == CHRONY_UNKNOWN_REPORT);
    check_lookup(s, report, 3, true);
    hold_sourcestats(s, 3, 1);
    fake_failures.send = ECONNREFUSED;
    CHECK(chrony_request_record(s, report, 3) == CHRONY_SEND_FAILED && is_idle(s));
    check_lookup(s, report, 3, true);
    hold_sourcestats(s, 3, 1);
    CHECK(chrony_request_record(s, "sourcestats", 3) == CHRONY_OK);
    make_answer(1, 4, 0);
    CHECK(chrony_process_response(s) == CHRONY_UNEXPECTED_STATUS);
    check_lookup(s, report, 3, true);

    /* not while a request is outstanding */
    hold_sourcestats(s, 3, 1);
    CHECK(chrony_request_record(s, "sourcestats", 3) == CHRONY_OK);
    check_lookup(s, report, 3, true);
  }
  chrony_deinit_session(s);
}

void test_session(void) {
  test_error_strings();
  test_arguments();
  test_fields();
  test_sign_extension();
  test_lifetimes();
  test_unspecified_address();
  test_statuses();
  test_no_memory();
  test_failures();
  test_requests();
  test_text();
  test_number_entries();
  test_client_entries();
  test_sample_entries();
  test_entries_end();
  test_number_clients();
  test_clients_requests();
  test_by_address();
  test_address_of_session();
  test_held_address();
}
