/*
 * A program as a user of the library writes it: it includes only the public header, and is valid as C and as C++. Prints all
 * reports of a server, for client.test.ts to check.
 *
 *   client all [ADDRESS]      every record of every report: REPORT RECORD FIELD TYPE CONTENT VALUE NAMES, separated by tabs
 *   client open [ADDRESS...]  opens a socket for each address, and prints the outcomes
 */
#include <chrony.h>

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#define TIMEOUT_MS 5000

/* Waits until the request is answered. */
static chrony_err await_response(chrony_session *s) {
  while (chrony_needs_response(s)) {
    struct pollfd readable;
    chrony_err e;

    readable.fd = chrony_get_fd(s);
    readable.events = POLLIN;
    if (poll(&readable, 1, TIMEOUT_MS) <= 0)
      return CHRONY_RECV_FAILED;
    e = chrony_process_response(s);
    if (e != CHRONY_OK)
      return e;
  }
  return CHRONY_OK;
}

static void print_names(chrony_session *s, int field) {
  const uint64_t value = chrony_get_field_uinteger(s, field);
  const chrony_field_content content = chrony_get_field_content(s, field);
  const char *name;
  int i;

  if (content == CHRONY_CONTENT_ENUM) {
    name = chrony_get_field_constant_name(s, field, value);
    printf("%s", name ? name : "?");
  }
  for (i = 0; content == CHRONY_CONTENT_FLAGS && i < 64; i++) {
    const uint64_t bit = (uint64_t)1 << i;

    name = value & bit ? chrony_get_field_constant_name(s, field, bit) : NULL;
    if (name)
      printf("%s,", name);
  }
}

static void print_value(chrony_session *s, int field) {
  struct timespec time;
  const char *text;

  switch (chrony_get_field_type(s, field)) {
  case CHRONY_TYPE_UINTEGER:
    printf("%" PRIu64, chrony_get_field_uinteger(s, field));
    break;
  case CHRONY_TYPE_INTEGER:
    printf("%" PRId64, chrony_get_field_integer(s, field));
    break;
  case CHRONY_TYPE_FLOAT:
    printf("%.17g", chrony_get_field_float(s, field));
    break;
  case CHRONY_TYPE_TIMESPEC:
    time = chrony_get_field_timespec(s, field);
    printf("%lld.%09ld", (long long)time.tv_sec, time.tv_nsec);
    break;
  case CHRONY_TYPE_STRING:
    text = chrony_get_field_string(s, field);
    printf("%s", text ? text : "");
    break;
  case CHRONY_TYPE_NONE:
    break;
  }
}

static void print_record(chrony_session *s, const char *report, int record) {
  int field;

  for (field = 0; field < chrony_get_record_number_fields(s); field++) {
    const char *const name = chrony_get_field_name(s, field);

    if (chrony_get_field_index(s, name) != field)
      printf("%s is not at %d\n", name, field);
    printf("%s\t%d\t%s\t%d\t%d\t", report, record, name, (int)chrony_get_field_type(s, field),
           (int)chrony_get_field_content(s, field));
    print_value(s, field);
    putchar('\t');
    print_names(s, field);
    putchar('\n');
  }
}

/* Prints a line for an error: REPORT, "error", its number and its message. */
static bool succeeded(chrony_err e, const char *report) {
  if (e != CHRONY_OK)
    printf("%s\terror\t%d\t%s\n", report, (int)e, chrony_get_error_string(e));
  return e == CHRONY_OK;
}

static void print_report(chrony_session *s, const char *report) {
  chrony_err e = chrony_request_report_number_records(s, report);
  int number, record;

  if (e == CHRONY_OK)
    e = await_response(s);
  if (!succeeded(e, report))
    return;
  number = chrony_get_report_number_records(s);
  printf("%s\trecords\t%d\n", report, number);
  for (record = 0; record < number; record++) {
    e = chrony_request_record(s, report, record);
    if (e == CHRONY_OK)
      e = await_response(s);
    if (succeeded(e, report))
      print_record(s, report, record);
  }
}

static void print_everything(int fd) {
  chrony_session *s;
  int i;

  if (!succeeded(chrony_init_session(&s, fd), "session"))
    return;
  for (i = 0; i < chrony_get_number_supported_reports(); i++)
    print_report(s, chrony_get_report_name(i));
  chrony_deinit_session(s);
}

static void print_reason(int error) {
  printf("%s\n", error == EINVAL         ? "EINVAL"
                 : error == ENAMETOOLONG ? "ENAMETOOLONG"
                 : error == ENOENT       ? "ENOENT"
                 : error == ECONNREFUSED ? "ECONNREFUSED"
                                         : strerror(error));
}

static void ask(const char *address, bool all) {
  int fd;

  errno = 0;
  fd = chrony_open_socket(address);
  if (fd < 0)
    print_reason(errno);
  else if (all)
    print_everything(fd);
  else
    printf("open\n");
  chrony_close_socket(fd); /* which may be -1 */
}

int main(int argc, char **argv) {
  int i;

  if (argc < 2)
    return 2;
  if (argc == 2)
    ask(NULL, strcmp(argv[1], "all") == 0);
  for (i = 2; i < argc; i++)
    ask(argv[i], strcmp(argv[1], "all") == 0);
  return 0;
}
