/* A session against a network, an entropy source and an allocator that do as they are told. */
#define _DEFAULT_SOURCE

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <sys/socket.h>
#include <unistd.h>

#include "check.h"
#include "chrony.h"
#include "report.h"
#include "wire.h"

enum { FD = 42, REQUEST_CODE = 4, REPLY_CODE = 6, STATUS = 8, REQUEST_SEQUENCE = 8, REPLY_SEQUENCE = 16, HEADER = 28 };

static uint8_t request[1024];
static size_t request_length;
static int requests;
static uint8_t answer[1024];
static size_t answer_length;

static bool no_memory, short_send;
static int send_error, recv_error, entropy_error;

/* The linker makes the core call the first of these for calloc(), and calloc() the second (--wrap). */
void *__wrap_calloc(size_t number, size_t size);
void *__real_calloc(size_t number, size_t size);

void *__wrap_calloc(size_t number, size_t size) {
  return no_memory ? NULL : __real_calloc(number, size);
}

int getentropy(void *bytes, size_t length) {
  if (entropy_error != 0) {
    errno = entropy_error;
    return -1;
  }
  memset(bytes, requests + 1, length);
  return 0;
}

ssize_t send(int fd, const void *bytes, size_t length, int flags) {
  CHECK(fd == FD && flags == 0 && length <= sizeof request);
  if (send_error != 0) {
    errno = send_error;
    return -1;
  }
  requests++;
  request_length = length;
  memcpy(request, bytes, length);
  return (ssize_t)(short_send ? length - 1 : length);
}

ssize_t recv(int fd, void *bytes, size_t size, int flags) {
  const size_t length = answer_length < size ? answer_length : size;

  CHECK(fd == FD && flags == 0);
  if (recv_error != 0) {
    errno = recv_error;
    return -1;
  }
  memcpy(bytes, answer, length);
  return (ssize_t)length;
}

static chrony_session *new_session(void) {
  chrony_session *s;

  CHECK(chrony_init_session(&s, FD) == CHRONY_OK);
  CHECK(chrony_get_fd(s) == FD);
  requests = 0;
  return s;
}

/* Makes the answer to the last request: bytes counting from 1. */
static uint8_t *make_answer(uint16_t code, uint16_t status, size_t body_length) {
  memset(answer, 0, sizeof answer);
  answer[0] = 6;
  answer[1] = 2;
  memcpy(answer + REQUEST_CODE, request + REQUEST_CODE, 2);
  chronyi_put16(answer + REPLY_CODE, code);
  chronyi_put16(answer + STATUS, status);
  memcpy(answer + REPLY_SEQUENCE, request + REQUEST_SEQUENCE, 4);
  for (size_t i = 0; i < body_length; i++)
    answer[HEADER + i] = (uint8_t)(i + 1);
  answer_length = HEADER + body_length;
  return answer + HEADER;
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
    CHECK(requests == 0);
    CHECK(chrony_request_record(s, name, INT_MAX) == (single ? CHRONY_INVALID_ARGUMENT : CHRONY_OK));
    CHECK(chrony_needs_response(s) == !single);
    requests = 0;

    CHECK(chrony_request_report_number_records(s, name) == CHRONY_OK);
    CHECK(chrony_get_report_number_records(s) == (single ? 1 : 0));
    CHECK(requests == (single ? 0 : 1) && chrony_needs_response(s) == !single);
    requests = 0;
  }

  /* an error drops what was outstanding, too */
  CHECK(chrony_request_record(s, "tracking", 0) == CHRONY_OK && chrony_needs_response(s));
  CHECK(chrony_request_record(s, "nothing", 0) == CHRONY_UNKNOWN_REPORT && is_idle(s));
  chrony_deinit_session(s);
  chrony_deinit_session(NULL);
}

/* Every getter at every field and beyond: the value of its type, nothing for any other. */
static void test_getters(chrony_session *s, int field) {
  const chrony_field_type type = chrony_get_field_type(s, field);
  const struct timespec time = chrony_get_field_timespec(s, field);
  const bool is_float = type == CHRONY_TYPE_FLOAT;

  CHECK(type == CHRONY_TYPE_UINTEGER || chrony_get_field_uinteger(s, field) == 0);
  CHECK(type == CHRONY_TYPE_INTEGER || chrony_get_field_integer(s, field) == 0);
  CHECK(is_float ? isfinite(chrony_get_field_float(s, field)) : isnan(chrony_get_field_float(s, field)));
  CHECK(type == CHRONY_TYPE_TIMESPEC || (time.tv_sec == 0 && time.tv_nsec == 0));
  CHECK(type == CHRONY_TYPE_STRING || !chrony_get_field_string(s, field));
  CHECK(!chrony_get_field_constant_name(s, field, UINT64_C(0x10000)));
  CHECK(!chrony_get_field_constant_name(s, field, UINT64_MAX));
  if (type == CHRONY_TYPE_NONE) {
    CHECK(!chrony_get_field_name(s, field));
    CHECK(chrony_get_field_content(s, field) == CHRONY_CONTENT_NONE);
    CHECK(!chrony_get_field_constant_name(s, field, 0));
    CHECK(!chrony_get_field_constant_name(s, field, 1));
  } else {
    CHECK(chrony_get_field_index(s, chrony_get_field_name(s, field)) == field);
  }
}

static void test_out_of_range(chrony_session *s, int number) {
  const int outside[] = {-1, INT_MIN, number, number + 1, REPORT_MAX_FIELDS, 255, 256, 65536, INT_MAX};

  CHECK(chrony_get_record_number_fields(s) == number);
  for (size_t i = 0; i < sizeof outside / sizeof outside[0]; i++) {
    if (outside[i] < 0 || outside[i] >= number) {
      CHECK(chrony_get_field_type(s, outside[i]) == CHRONY_TYPE_NONE);
      test_getters(s, outside[i]);
    }
  }
  CHECK(chrony_get_field_index(s, "no such field") < 0);
  CHECK(chrony_get_field_index(s, "") < 0 && chrony_get_field_index(s, NULL) < 0);
}

/* Asks for a record and takes an answer of this layout; for reports by address, for the source's before. */
static void get_record(chrony_session *s, const struct report *report, const struct layout *layout) {
  CHECK(chrony_request_record(s, report->name, 0) == CHRONY_OK);
  if (report->query.selector == SELECT_BY_ADDRESS) {
    CHECK(chronyi_get16(request + REQUEST_CODE) == 34);
    set_address(make_answer(6, 0, 56) + 4, 1, 9);
    CHECK(chrony_process_response(s) == CHRONY_OK && chrony_needs_response(s));
    CHECK(request[20 + 3] == 9 && request[20 + 17] == 1);
  }
  CHECK(chronyi_get16(request + REQUEST_CODE) == report->query.request_code);
  CHECK(request_length >= HEADER + chronyi_layout_length(layout));
  CHECK(chrony_get_record_number_fields(s) == 0);
  make_answer(layout->reply_code, 0, chronyi_layout_length(layout));
  CHECK(chrony_process_response(s) == CHRONY_OK && !chrony_needs_response(s));
}

static void test_fields(void) {
  chrony_session *const s = new_session();

  test_out_of_range(s, 0);
  for (int i = 0; i < chronyi_number_reports; i++) {
    const struct query *const query = &chronyi_reports[i].query;

    for (int j = 0; j < query->number_layouts; j++) {
      get_record(s, &chronyi_reports[i], &query->layouts[j]);
      for (int field = 0; field < chrony_get_record_number_fields(s); field++) {
        CHECK(chrony_get_field_type(s, field) != CHRONY_TYPE_NONE);
        test_getters(s, field);
      }
      test_out_of_range(s, query->layouts[j].number_fields);
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
  chrony_session *s = (chrony_session *)&no_memory;

  no_memory = true;
  CHECK(chrony_init_session(&s, FD) == CHRONY_NO_MEMORY && !s);
  no_memory = false;
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
    send_error = cases[i].send;
    entropy_error = cases[i].entropy;
    short_send = cases[i].cut;
    e = follow_up ? chrony_process_response(s) : chrony_request_record(s, "tracking", 0);
    CHECK(e == cases[i].expected && is_idle(s));
    CHECK(send_error == 0 || errno == send_error);
    send_error = entropy_error = 0;
    short_send = false;
  }
}

static void test_recv_failure(chrony_session *s) {
  CHECK(chrony_request_record(s, "ntpdata", 0) == CHRONY_OK);
  recv_error = ECONNREFUSED;
  CHECK(chrony_process_response(s) == CHRONY_RECV_FAILED && errno == ECONNREFUSED && is_idle(s));
  recv_error = 0;

  /* a socket that was shut down gives datagrams of no length: no answer, and no error */
  CHECK(chrony_request_record(s, "tracking", 0) == CHRONY_OK);
  answer_length = 0;
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
  uint8_t first[1024];
  size_t first_length;

  CHECK(chrony_request_record(s, "tracking", 0) == CHRONY_OK);
  memcpy(first, request, sizeof first);
  first_length = request_length;
  get_record(s, &chronyi_reports[7], &chronyi_reports[7].query.layouts[3]);
  CHECK(chrony_request_record(s, "tracking", 0) == CHRONY_OK);
  CHECK(request_length == first_length);
  CHECK(memcmp(request + REQUEST_SEQUENCE, first + REQUEST_SEQUENCE, 4) != 0);
  memcpy(request + REQUEST_SEQUENCE, first + REQUEST_SEQUENCE, 4);
  CHECK(memcmp(request, first, first_length) == 0);
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
