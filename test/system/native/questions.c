/*
 * A program as a user of the library writes it with chrony_extensions.h, valid as C and as C++. Makes the requests that chrony.h
 * does not have, and prints the answers for client.test.ts to check, one per line, separated by tabs:
 *
 *   name ADDRESS NAME, for each source that is not a reference clock
 *   client ADDRESS HITS
 *   sample SECONDS, for each time in the manual list
 */
#include <chrony_extensions.h>

#include <poll.h>
#include <stdio.h>
#include <string.h>

#define TIMEOUT_MS 5000

/* Waits until a request is answered; `e` is the result of making it. */
static chrony_err await_response(chrony_session *s, chrony_err e) {
  while (e == CHRONY_OK && chrony_needs_response(s)) {
    struct pollfd readable;

    readable.fd = chrony_get_fd(s);
    readable.events = POLLIN;
    if (poll(&readable, 1, TIMEOUT_MS) <= 0)
      return CHRONY_RECV_FAILED;
    e = chrony_process_response(s);
  }
  return e;
}

static const char *string_in(chrony_session *s, const char *name) {
  return chrony_get_field_string(s, chrony_get_field_index(s, name));
}

static chrony_err print_name(chrony_session *s, int source) {
  char address[64] = "";
  chrony_err e = await_response(s, chrony_request_record(s, "sourcestats", source));

  if (e != CHRONY_OK || !string_in(s, "address"))
    return e;
  snprintf(address, sizeof address, "%s", string_in(s, "address"));
  e = await_response(s, chrony_request_record_of_source(s, "sourcename", address));
  if (e == CHRONY_OK)
    printf("name\t%s\t%s\n", address, string_in(s, "name"));
  return e;
}

static chrony_err print_names(chrony_session *s) {
  chrony_err e = await_response(s, chrony_request_report_number_records(s, "sourcename"));
  const int number = chrony_get_report_number_records(s);
  int i;

  for (i = 0; e == CHRONY_OK && i < number; i++)
    e = print_name(s, i);
  return e;
}

static chrony_err print_clients(chrony_session *s) {
  uint64_t next = 0, indices = 1;
  chrony_err e = CHRONY_OK;
  int i;

  while (e == CHRONY_OK && next < indices) {
    e = await_response(s, chrony_request_clients(s, (uint32_t)next, 0));
    next = chrony_get_field_uinteger(s, chrony_get_field_index(s, "next index"));
    indices = chrony_get_field_uinteger(s, chrony_get_field_index(s, "indices"));
    for (i = 0; i < chrony_get_number_entries(s); i++) {
      if (chrony_select_entry(s, i) && string_in(s, "address"))
        printf("client\t%s\t%u\n", string_in(s, "address"),
               (unsigned)chrony_get_field_uinteger(s, chrony_get_field_index(s, "NTP hits")));
    }
  }
  return e;
}

static chrony_err print_samples(chrony_session *s) {
  const chrony_err e = await_response(s, chrony_request_record(s, "manual list", 0));
  int i;

  for (i = 0; i < chrony_get_number_entries(s); i++) {
    if (chrony_select_entry(s, i))
      printf("sample\t%lld\n", (long long)chrony_get_field_timespec(s, chrony_get_field_index(s, "time")).tv_sec);
  }
  return e;
}

int main(int argc, char **argv) {
  const int fd = chrony_open_socket(argc == 2 ? argv[1] : NULL);
  chrony_session *s;
  chrony_err e;

  if (fd < 0 || chrony_init_session(&s, fd) != CHRONY_OK)
    return 2;
  e = print_names(s);
  if (e == CHRONY_OK)
    e = print_clients(s);
  if (e == CHRONY_OK)
    e = print_samples(s);
  if (e != CHRONY_OK)
    fprintf(stderr, "%s\n", chrony_get_error_string(e));
  chrony_deinit_session(s);
  chrony_close_socket(fd);
  return e == CHRONY_OK ? 0 : 1;
}
