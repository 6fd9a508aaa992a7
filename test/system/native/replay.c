/*
 * Replays scripts through the native core and prints the result of each step, which replay.test.ts compares with the result in
 * the sandbox. The steps, one per line:
 *
 *   count REPORT          chrony_request_report_number_records
 *   record INDEX REPORT   chrony_request_record
 *   source ADDRESS REPORT chrony_request_record_of_source
 *   clients FIRST MINIMUM chrony_request_clients
 *   entry NUMBER          chrony_select_entry
 *   reply HEX             chrony_process_response, which receives this datagram
 *   fail send|entropy     the next call of this function fails
 *   end                   ends the session; the next script gets a new one
 *
 * fakes.c replaces everything that would differ between runs: the network, and the random numbers, which come from a counter.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "chrony.h"
#include "chrony_extensions.h"
#include "fakes.h"
#include "fields.h"

enum { FD = 0, LINE_SIZE = 1 << 18 };

static struct fake_socket *const net = &fake_sockets[FD];

static void set_datagram(uint8_t *datagram, const char *hex) {
  const size_t length = strlen(hex) / 2;

  for (size_t i = 0; i < length; i++) {
    unsigned byte = 0;

    sscanf(hex + 2 * i, "%2x", &byte);
    datagram[i] = (uint8_t)byte;
  }
  fake_shift_sequence(datagram, length, net);
  net->datagram = datagram;
  net->datagram_length = length;
}

static void print_request(void) {
  printf("sent ");
  for (size_t i = 0; i < net->request_length; i++)
    printf("%02x", net->request[i]);
  putchar('\n');
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

static void print_uinteger(chrony_session *s, int field, uint64_t value, chrony_field_content content) {
  const char *const name = chrony_get_field_constant_name(s, field, value);

  printf("%" PRIu64 "\t", value);
  switch (content) {
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

static void print_timespec(struct timespec time) {
  printf("%" PRId64 " %ld\t", (int64_t)time.tv_sec, time.tv_nsec);
}

/* Prints a text. A backslash and each byte that is not printable ASCII are printed as a number. */
static void print_string(const char *text) {
  for (const char *c = text ? text : "NULL"; *c != '\0'; c++) {
    if (*c >= ' ' && *c <= '~' && *c != '\\')
      putchar(*c);
    else
      printf("\\%02x", (unsigned)(unsigned char)*c);
  }
  putchar('\t');
}

static void print_field(chrony_session *s, int field) {
  const struct reading r = read_field(s, field);

  printf("%s\t%d\t%d\t", r.name, (int)r.type, (int)r.content);
  switch (r.type) {
  case CHRONY_TYPE_UINTEGER:
    print_uinteger(s, field, r.value.uinteger, r.content);
    break;
  case CHRONY_TYPE_INTEGER:
    printf("%" PRId64 "\t", r.value.integer);
    break;
  case CHRONY_TYPE_FLOAT:
    print_float(r.value.number);
    break;
  case CHRONY_TYPE_TIMESPEC:
    print_timespec(r.value.time);
    break;
  case CHRONY_TYPE_STRING:
    print_string(r.value.string);
    break;
  default:
    break;
  }
  putchar('\n');
}

static void print_state(chrony_session *s, chrony_err e) {
  const int fields = chrony_get_record_number_fields(s), entries = chrony_get_number_entries(s);

  printf("error %d, needs response %d, records %d, fields %d\n", (int)e, (int)chrony_needs_response(s),
         chrony_get_report_number_records(s), fields);
  if (entries > 0)
    printf("entries %d\n", entries);
  for (int i = 0; i < fields; i++)
    print_field(s, i);
}

static chrony_err run(chrony_session *s, const char *command, char *argument) {
  static uint8_t datagram[LINE_SIZE / 2];

  if (strcmp(command, "count") == 0)
    return chrony_request_report_number_records(s, argument);
  if (strcmp(command, "record") == 0) {
    char *report;
    const long index = strtol(argument, &report, 10);

    return chrony_request_record(s, report + 1, (int)index);
  }
  if (strcmp(command, "source") == 0) {
    char *const separator = strchr(argument, ' ');

    *separator = '\0';
    return chrony_request_record_of_source(s, separator + 1, argument);
  }
  if (strcmp(command, "clients") == 0) {
    char *minimum;
    const unsigned long first = strtoul(argument, &minimum, 10);

    return chrony_request_clients(s, (uint32_t)first, (uint32_t)strtoul(minimum, NULL, 10));
  }
  if (strcmp(command, "entry") == 0) {
    chrony_select_entry(s, (int)strtol(argument, NULL, 10));
    return CHRONY_OK;
  }
  if (strcmp(command, "reply") == 0) {
    set_datagram(datagram, argument);
    return chrony_process_response(s);
  }
  fake_failures.send = strcmp(argument, "send") == 0 ? ECONNREFUSED : 0;
  fake_failures.entropy = strcmp(argument, "entropy") == 0 ? EIO : 0;
  return CHRONY_OK;
}

static chrony_session *start(void) {
  chrony_session *s;

  fake_reset();
  if (chrony_init_session(&s, FD) != CHRONY_OK)
    abort();
  return s;
}

int main(void) {
  static char line[LINE_SIZE];
  chrony_session *s = start();

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
      const unsigned sent = net->sent;
      const chrony_err e = run(s, line, argument);

      if (net->sent != sent)
        print_request();
      print_state(s, e);
    }
  }
  chrony_deinit_session(s);
  return 0;
}
