/*
 * The exports that chrony.h cannot give as they are: JavaScript passes and gets numbers, and no structs,
 * out-parameters or strings.
 */
#include <math.h>
#include <stddef.h>
#include <stdint.h>

#include "chrony.h"
#include "chrony_extensions.h"
#include "record.h"

/*
 * As chrony_init_session. Returns the session (a pointer, so positive), or a chrony_err negated.
 */
int32_t glue_init_session(int32_t socket);

int32_t glue_init_session(int32_t socket) {
  chrony_session *s;
  const chrony_err e = chrony_init_session(&s, socket);

  return e == CHRONY_OK ? (int32_t)(intptr_t)s : -(int32_t)e;
}

/* The name of a report by its number: the reports of chrony.h, then those of chrony_extensions.h. NULL out of range. */
const char *glue_get_report_name(int32_t report);

const char *glue_get_report_name(int32_t report) {
  const int32_t number = chrony_get_number_supported_reports();

  return report < number ? chrony_get_report_name(report) : chrony_get_extension_report_name(report - number);
}

/* As chrony_request_report_number_records and chrony_request_record, with a report's number for its name. */
chrony_err glue_request_number_records(chrony_session *s, int32_t report);
chrony_err glue_request_record(chrony_session *s, int32_t report, int32_t record);

chrony_err glue_request_number_records(chrony_session *s, int32_t report) {
  return chrony_request_report_number_records(s, glue_get_report_name(report));
}

chrony_err glue_request_record(chrony_session *s, int32_t report, int32_t record) {
  return chrony_request_record(s, glue_get_report_name(report), record);
}

/* Where the host writes the address for glue_request_record_of_source, as a string. Static: valid for ever. */
char *glue_get_address(void);

static char address[GLUE_ADDRESS_SIZE];

char *glue_get_address(void) {
  return address;
}

/* As chrony_request_record_of_source, with the address from glue_get_address. */
chrony_err glue_request_record_of_source(chrony_session *s, int32_t report);

chrony_err glue_request_record_of_source(chrony_session *s, int32_t report) {
  address[sizeof address - 1] = '\0';
  return chrony_request_record_of_source(s, glue_get_report_name(report), address);
}

/* The two halves of a TIMESPEC field. The seconds are negative before 1970. */
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
 * The record held, for a host that reads it at one go: a call into the sandbox takes as long as the rest of reading
 * a field.
 */
static struct glue_record record;

_Static_assert(sizeof record == GLUE_MAX_FIELDS * 16, "a double and two pointers for each field, and nothing else");

/* The texts in it: at most two addresses, or a name of 255 bytes. */
static char texts[1024];

/* Copies a string to `free`. Returns the place after the copy. A string for which there is no room is cut short. */
static char *copy(char *free, const char *string) {
  char *const last = &texts[sizeof texts - 1];

  while (*string != '\0' && free < last)
    *free++ = *string++;
  *free = '\0';
  return free < last ? free + 1 : last;
}

/* Reads a field. A text goes to `free`; returns the place after it. */
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
    /* copied at once: any other call into the library may overwrite it */
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

/* Where glue_read_record leaves what it reads. Static: valid for ever. */
const struct glue_record *glue_get_record(void);

const struct glue_record *glue_get_record(void) {
  return &record;
}

/*
 * Reads every field of the record held. Returns how many it has read. They stay until the next call, of whichever
 * session.
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
