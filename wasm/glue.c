/*
 * Exports that adapt the C interface to JavaScript, which can only pass and receive numbers: no structs, out-parameters
 * or strings.
 */
#include <math.h>
#include <stddef.h>
#include <stdint.h>

#include "chrony.h"
#include "chrony_extensions.h"
#include "record.h"

/* Like chrony_init_session. Returns the session (a pointer, so positive), or a negated chrony_err. */
int32_t glue_init_session(int32_t socket);

int32_t glue_init_session(int32_t socket) {
  chrony_session *s;
  const chrony_err e = chrony_init_session(&s, socket);

  return e == CHRONY_OK ? (int32_t)(intptr_t)s : -(int32_t)e;
}

/*
 * Returns the name of a report by its number: first the reports of chrony.h, then those of chrony_extensions.h. NULL if
 * out of range.
 */
const char *glue_get_report_name(int32_t report);

const char *glue_get_report_name(int32_t report) {
  const int32_t number = chrony_get_number_supported_reports();

  return report < number ? chrony_get_report_name(report) : chrony_get_extension_report_name(report - number);
}

/* Like chrony_request_report_number_records and chrony_request_record, with a report's number instead of its name. */
chrony_err glue_request_number_records(chrony_session *s, int32_t report);
chrony_err glue_request_record(chrony_session *s, int32_t report, int32_t record);

chrony_err glue_request_number_records(chrony_session *s, int32_t report) {
  return chrony_request_report_number_records(s, glue_get_report_name(report));
}

chrony_err glue_request_record(chrony_session *s, int32_t report, int32_t record) {
  return chrony_request_record(s, glue_get_report_name(report), record);
}

/*
 * The buffer into which the host writes the address for glue_request_record_of_source, as a string of at most
 * GLUE_ADDRESS_SIZE bytes with its NUL. The buffer is static.
 */
char *glue_get_address(void);

static char address[GLUE_ADDRESS_SIZE];

char *glue_get_address(void) {
  return address;
}

/* Like chrony_request_record_of_source, with the address in the buffer of glue_get_address. */
chrony_err glue_request_record_of_source(chrony_session *s, int32_t report);

chrony_err glue_request_record_of_source(chrony_session *s, int32_t report) {
  address[sizeof address - 1] = '\0';
  return chrony_request_record_of_source(s, glue_get_report_name(report), address);
}

/* The two parts of a TIMESPEC field. The seconds are negative before 1970. */
int64_t glue_get_seconds(chrony_session *s, int32_t field);
uint32_t glue_get_nanoseconds(chrony_session *s, int32_t field);

_Static_assert(sizeof(time_t) == sizeof(int64_t), "all 64 bits of a time reach the host");

int64_t glue_get_seconds(chrony_session *s, int32_t field) {
  return chrony_get_field_timespec(s, field).tv_sec;
}

uint32_t glue_get_nanoseconds(chrony_session *s, int32_t field) {
  return (uint32_t)chrony_get_field_timespec(s, field).tv_nsec;
}

/*
 * The current record, which the host reads with one call: a call for each field would double the time to read it.
 */
static struct glue_record record;

_Static_assert(sizeof record == GLUE_MAX_FIELDS * 16, "a double and two pointers for each field, and nothing else");

/* The strings of the record: at most two addresses, or a name of 255 bytes. */
static char texts[1024];

/* Copies a string to `free`. Returns the position after the copy. A string that does not fit is truncated. */
static char *copy(char *free, const char *string) {
  char *const last = &texts[sizeof texts - 1];

  while (*string != '\0' && free < last)
    *free++ = *string++;
  *free = '\0';
  return free < last ? free + 1 : last;
}

/* Reads a field into the record. Copies its string, if any, to `free`, and returns the position after it. */
static char *read_field(chrony_session *s, int32_t field, char *free) {
  const char *string;
  const char *text = NULL;
  double number = NAN;

  switch (chrony_get_field_type(s, field)) {
  case CHRONY_TYPE_UINTEGER:
    number = (double)chrony_get_field_uinteger(s, field);
    break;
  case CHRONY_TYPE_INTEGER:
    number = (double)chrony_get_field_integer(s, field);
    break;
  case CHRONY_TYPE_TIMESPEC:
    number = (double)glue_get_seconds(s, field) + 1e-9 * glue_get_nanoseconds(s, field);
    break;
  case CHRONY_TYPE_FLOAT:
    number = chrony_get_field_float(s, field);
    break;
  case CHRONY_TYPE_STRING:
    /* copied at once, because any other call into the library may overwrite the string */
    string = chrony_get_field_string(s, field);
    if (string) {
      text = free;
      free = copy(free, string);
    }
    break;
  case CHRONY_TYPE_NONE:
    break;
  }
  record.numbers[field] = number;
  record.names[field] = chrony_get_field_name(s, field);
  record.texts[field] = text;
  return free;
}

/* The struct that glue_read_record fills. It is static. */
const struct glue_record *glue_get_record(void);

const struct glue_record *glue_get_record(void) {
  return &record;
}

/*
 * Reads every field of the current record. Returns the number of fields read. The values stay valid until the next
 * call, for this or any other session.
 */
int32_t glue_read_record(chrony_session *s);

int32_t glue_read_record(chrony_session *s) {
  const int32_t held = chrony_get_record_number_fields(s);
  const int32_t number = held < GLUE_MAX_FIELDS ? held : GLUE_MAX_FIELDS;
  char *free = texts;

  for (int32_t i = 0; i < number; i++)
    free = read_field(s, i, free);
  return number;
}
