/*
 * A native program with the same library: `native ADDRESS`. Runs the command on each line of its input, and prints the
 * nanoseconds it took:
 *
 *   query N     gets the tracking report N times: request, poll(), response, every field
 *   decode N    reads every field of the current record, N times
 */
/* For clock_gettime(). */
#define _DEFAULT_SOURCE

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "chrony.h"

enum { TIMEOUT_MS = 5000 };

/* Sinks for the values, so that the compiler does not remove the reads. */
static volatile double number;
static volatile const char *text;

static void read_field(chrony_session *s, int field) {
  switch (chrony_get_field_type(s, field)) {
  case CHRONY_TYPE_UINTEGER: {
    const uint64_t value = chrony_get_field_uinteger(s, field);

    if (chrony_get_field_content(s, field) == CHRONY_CONTENT_ENUM)
      text = chrony_get_field_constant_name(s, field, value);
    number = (double)value;
    break;
  }
  case CHRONY_TYPE_INTEGER:
    number = (double)chrony_get_field_integer(s, field);
    break;
  case CHRONY_TYPE_FLOAT:
    number = chrony_get_field_float(s, field);
    break;
  case CHRONY_TYPE_TIMESPEC: {
    const struct timespec time = chrony_get_field_timespec(s, field);

    number = (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
    break;
  }
  case CHRONY_TYPE_STRING:
    text = chrony_get_field_string(s, field);
    break;
  case CHRONY_TYPE_NONE:
    break;
  }
}

static void decode(chrony_session *s) {
  const int fields = chrony_get_record_number_fields(s);

  for (int i = 0; i < fields; i++)
    read_field(s, i);
}

static bool query(chrony_session *s) {
  struct pollfd readable = {.fd = chrony_get_fd(s), .events = POLLIN};

  if (chrony_request_record(s, "tracking", 0) != CHRONY_OK)
    return false;
  while (chrony_needs_response(s)) {
    if (poll(&readable, 1, TIMEOUT_MS) <= 0 || chrony_process_response(s) != CHRONY_OK)
      return false;
  }
  decode(s);
  return true;
}

static int64_t now(void) {
  struct timespec time;

  clock_gettime(CLOCK_MONOTONIC, &time);
  return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static bool run(chrony_session *s, const char *line) {
  const int64_t start = now();
  unsigned times;

  if (sscanf(line, "query %u", &times) == 1) {
    for (unsigned i = 0; i < times; i++) {
      if (!query(s))
        return false;
    }
  } else if (sscanf(line, "decode %u", &times) == 1) {
    for (unsigned i = 0; i < times; i++)
      decode(s);
  } else {
    errno = EINVAL;
    return false;
  }
  printf("%" PRId64 "\n", now() - start);
  return fflush(stdout) == 0;
}

int main(int argc, char **argv) {
  const int fd = chrony_open_socket(argc == 2 ? argv[1] : "");
  chrony_session *s = NULL;
  char line[80];
  bool ok = fd >= 0 && chrony_init_session(&s, fd) == CHRONY_OK && query(s);

  while (ok && fgets(line, sizeof line, stdin))
    ok = run(s, line);
  if (!ok)
    perror(argv[0]);
  chrony_deinit_session(s);
  chrony_close_socket(fd);
  return ok ? 0 : 1;
}
