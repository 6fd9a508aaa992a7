/* A session against a network, an entropy source and an allocator that do as they are told. */
#include <errno.h>
#include <limits.h>

#include "check.h"
#include "chrony.h"
#include "fakes.h"
#include "fields.h"
#include "report.h"
#include "wire.h"

enum { FD = 2, REQUEST_CODE = 4, REQUEST_SEQUENCE = 8 };

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

/* Makes the answer to the last request: bytes counting from 1. */
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

/* Nothing is asked and nothing is held. */
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
  for (int i = 0; i < chrony_get_number_supported_reports(); i++) {
    const char *const name = chrony_get_report_name(i);
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

  /* an error drops what was outstanding, too */
  CHECK(chrony_request_record(s, "tracking", 0) == CHRONY_OK && chrony_needs_response(s));
  CHECK(chrony_request_record(s, "nothing", 0) == CHRONY_UNKNOWN_REPORT && is_idle(s));
  chrony_deinit_session(s);
  chrony_deinit_session(NULL);
}

/* Asks for a record and takes an answer of this layout; for reports by address, for the source's before. */
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
  for (int i = 0; i < chronyi_number_reports; i++) {
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

/* The second request's answer must not touch the first's names, nor one address the other. */
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
                                : status == 6 || status == 13  ? CHRONY_DISABLED
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

/* The same wherever a request is sent: as the first, and as the one that follows from its answer. */
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

/* The answer may come after a failure, to the first request and to the one that follows from it. */
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

  /* a socket that was shut down gives datagrams of no length: no answer, and no error */
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

/* A new sequence number each time, and nothing left in a request of what was in the message before. */
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
}
