/*
 * Sends a request over a non-blocking socket, and processes the response without waiting for it. Prints "early" for each call
 * before the answer, and finally the outcome of the request.
 *
 *   early ADDRESS REPORT
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>

#include "chrony.h"

enum { TIMEOUT_MS = 60000 };

static chrony_err await_response(chrony_session *s) {
  while (chrony_needs_response(s)) {
    struct pollfd readable = {.fd = chrony_get_fd(s), .events = POLLIN};
    const chrony_err e = chrony_process_response(s);

    if (e == CHRONY_OK)
      continue;
    if (e != CHRONY_RECV_FAILED || errno != EAGAIN)
      return e;
    printf("early\n");
    fflush(stdout);
    if (poll(&readable, 1, TIMEOUT_MS) <= 0)
      return e;
  }
  return CHRONY_OK;
}

int main(int argc, char **argv) {
  const int fd = chrony_open_socket(argc == 3 ? argv[1] : NULL);
  chrony_session *s;
  chrony_err e;

  if (fd < 0 || fcntl(fd, F_SETFL, O_NONBLOCK) < 0 || chrony_init_session(&s, fd) != CHRONY_OK)
    return 1;
  e = chrony_request_record(s, argv[argc - 1], 0);
  if (e == CHRONY_OK)
    e = await_response(s);
  printf("error %d, fields %d\n", (int)e, chrony_get_record_number_fields(s));
  chrony_deinit_session(s);
  chrony_close_socket(fd);
  return 0;
}
