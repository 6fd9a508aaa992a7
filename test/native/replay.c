/*
 * Replays scripts through the native core and prints what comes of each step, for replay.test.ts to compare with what
 * comes of it in the sandbox. A line each:
 *
 *   count REPORT          chrony_request_report_number_records
 *   record INDEX REPORT   chrony_request_record
 *   reply HEX             chrony_process_response, which receives this datagram
 *   fail send|entropy     the next call of this function fails
 *   end                   ends the session; the next script gets a new one
 *
 * All that would differ from run to run is made up here: the network, and the random numbers, which count.
 */
#define _DEFAULT_SOURCE

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "chrony.h"

/* Places of the sequence number. */
enum { IN_REQUEST = 8, IN_REPLY = 16, SEQUENCE_LENGTH = 4 };

static uint32_t requests;
static uint8_t sequence[SEQUENCE_LENGTH];
static bool fail_send, fail_entropy;
static uint8_t *datagram;
static size_t datagram_length;

static bool take(bool *flag) {
  const bool was = *flag;

  *flag = false;
  return was;
}

int getentropy(void *bytes, size_t length) {
  const uint32_t number = ++requests * 0x9e3779b1u;

  if (take(&fail_entropy) || length != sizeof number) {
    errno = EIO;
    return -1;
  }
  for (size_t i = 0; i < length; i++)
    ((uint8_t *)bytes)[i] = (uint8_t)(number >> (24 - 8 * i));
  return 0;
}

ssize_t send(int fd, const void *bytes, size_t length, int flags) {
  const uint8_t *const b = (const uint8_t *)bytes;

  (void)fd;
  (void)flags;
  if (take(&fail_send)) {
    errno = ECONNREFUSED;
    return -1;
  }
  memcpy(sequence, b + IN_REQUEST, sizeof sequence);
  printf("sent ");
  for (size_t i = 0; i < length; i++)
    printf("%02x", b[i]);
  putchar('\n');
  return (ssize_t)length;
}

ssize_t recv(int fd, void *bytes, size_t size, int flags) {
  const size_t length = datagram_length < size ? datagram_length : size;

  (void)fd;
  (void)flags;
  memcpy(bytes, datagram, length);
  return (ssize_t)length;
}

/* A datagram in a script has its sequence number relative to the last request's: a script is written before it runs. */
static void set_datagram(const char *hex) {
  datagram_length = strlen(hex) / 2;
  for (size_t i = 0; i < datagram_length; i++) {
    unsigned byte = 0;

    sscanf(hex + 2 * i, "%2x", &byte);
    datagram[i] = (uint8_t)byte;
    if (i >= IN_REPLY && i < IN_REPLY + SEQUENCE_LENGTH)
      datagram[i] ^= sequence[i - IN_REPLY];
  }
}

static void print_flags(chrony_session *s, int field, uint64_t value) {
  const char *separator = "";
  uint64_t rest = value;

  for (uint64_t bit = 1; bit != 0; bit <<= 1) {
    const char *const name = value & bit ? chrony_get_field_constant_name(s, field, bit) : NULL;

    if (name) {
      printf("%s%s", separator, name);
      separator = ", ";
      rest &= ~bit;
    }
  }
  if (rest)
    printf("%sunknown (%" PRIu64 ")", separator, rest);
}

static void print_uinteger(chrony_session *s, int field) {
  const uint64_t value = chrony_get_field_uinteger(s, field);
  const char *const name = chrony_get_field_constant_name(s, field, value);

  printf("%" PRIu64 "\t", value);
  switch (chrony_get_field_content(s, field)) {
  case CHRONY_CONTENT_ENUM:
    if (name)
      printf("%s", name);
    else
      printf("unknown (%" PRIu64 ")", value);
    break;
  case CHRONY_CONTENT_FLAGS:
    print_flags(s, field, value);
    break;
  default:
    break;
  }
}

static void print_float(double value) {
  uint64_t bits;

  memcpy(&bits, &value, sizeof bits);
  printf("%016" PRIx64 "\t", bits);
}

/* The lower half of the seconds only: the sandbox's time_t has no more. */
static void print_timespec(struct timespec time) {
  printf("%" PRIu32 " %ld\t", (uint32_t)time.tv_sec, time.tv_nsec);
}

static void print_string(const char *text) {
  printf("%s\t", text ? text : "NULL");
}

static void print_field(chrony_session *s, int field) {
  const chrony_field_type type = chrony_get_field_type(s, field);

  printf("%s\t%d\t%d\t", chrony_get_field_name(s, field), (int)type, (int)chrony_get_field_content(s, field));
  switch (type) {
  case CHRONY_TYPE_UINTEGER:
    print_uinteger(s, field);
    break;
  case CHRONY_TYPE_INTEGER:
    printf("%" PRId64 "\t", chrony_get_field_integer(s, field));
    break;
  case CHRONY_TYPE_FLOAT:
    print_float(chrony_get_field_float(s, field));
    break;
  case CHRONY_TYPE_TIMESPEC:
    print_timespec(chrony_get_field_timespec(s, field));
    break;
  case CHRONY_TYPE_STRING:
    print_string(chrony_get_field_string(s, field));
    break;
  default:
    break;
  }
  putchar('\n');
}

static void print_state(chrony_session *s, chrony_err e) {
  const int fields = chrony_get_record_number_fields(s);

  printf("error %d, needs response %d, records %d, fields %d\n", (int)e, (int)chrony_needs_response(s),
         chrony_get_report_number_records(s), fields);
  for (int i = 0; i < fields; i++)
    print_field(s, i);
}

static chrony_err run(chrony_session *s, const char *command, const char *argument) {
  if (strcmp(command, "count") == 0)
    return chrony_request_report_number_records(s, argument);
  if (strcmp(command, "record") == 0) {
    char *report;
    const long index = strtol(argument, &report, 10);

    return chrony_request_record(s, report + 1, (int)index);
  }
  if (strcmp(command, "reply") == 0) {
    set_datagram(argument);
    return chrony_process_response(s);
  }
  fail_send = strcmp(argument, "send") == 0;
  fail_entropy = strcmp(argument, "entropy") == 0;
  return CHRONY_OK;
}

static chrony_session *start(void) {
  chrony_session *s;

  requests = 0;
  fail_send = fail_entropy = false;
  memset(sequence, 0, sizeof sequence);
  if (chrony_init_session(&s, 0) != CHRONY_OK)
    abort();
  return s;
}

int main(void) {
  static char line[1 << 18];
  static uint8_t buffer[sizeof line / 2];
  chrony_session *s = start();

  datagram = buffer;
  while (fgets(line, sizeof line, stdin)) {
    char *argument = line + strcspn(line, " \n");

    line[strcspn(line, "\n")] = '\0';
    if (*argument == ' ')
      *argument++ = '\0';
    if (strcmp(line, "end") == 0) {
      chrony_deinit_session(s);
      s = start();
      printf("end\n");
      fflush(stdout);
    } else {
      print_state(s, run(s, line, argument));
    }
  }
  chrony_deinit_session(s);
  return 0;
}
