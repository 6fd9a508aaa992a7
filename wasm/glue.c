/*
 * The exports that chrony.h cannot give as they are: JavaScript passes and gets numbers, and no structs,
 * out-parameters or strings.
 */
#include <math.h>
#include <stddef.h>
#include <stdint.h>

#include "chrony.h"

/*
 * As chrony_init_session. Returns the session (a pointer, so positive), or a chrony_err negated.
 */
int32_t glue_init_session(int32_t socket);

int32_t glue_init_session(int32_t socket) {
  chrony_session *s;
  const chrony_err e = chrony_init_session(&s, socket);

  return e == CHRONY_OK ? (int32_t)(intptr_t)s : -(int32_t)e;
}

/* As chrony_request_report_number_records and chrony_request_record, with a report's number for its name. */
chrony_err glue_request_number_records(chrony_session *s, int32_t report);
chrony_err glue_request_record(chrony_session *s, int32_t report, int32_t record);

chrony_err glue_request_number_records(chrony_session *s, int32_t report) {
  return chrony_request_report_number_records(s, chrony_get_report_name(report));
}

chrony_err glue_request_record(chrony_session *s, int32_t report, int32_t record) {
  return chrony_request_record(s, chrony_get_report_name(report), record);
}

/*
 * The two halves of a TIMESPEC field. Where time_t has 32 bits the seconds are unsigned: right until 2106. A
 * cast alone would carry the sign into the upper half.
 */
uint64_t glue_get_seconds(chrony_session *s, int32_t field);
uint32_t glue_get_nanoseconds(chrony_session *s, int32_t field);

uint64_t glue_get_seconds(chrony_session *s, int32_t field) {
  const time_t seconds = chrony_get_field_timespec(s, field).tv_sec;

  return sizeof seconds == 4 ? (uint32_t)seconds : (uint64_t)seconds;
}

uint32_t glue_get_nanoseconds(chrony_session *s, int32_t field) {
  return (uint32_t)chrony_get_field_timespec(s, field).tv_nsec;
}

/*
 * The record held, for a host that reads it at one go: a call into the sandbox takes as long as the rest of reading
 * a field. The host knows this structure: src/sandbox/held-record.ts.
 */
struct glue_field {
  double number;    /* the value of a number or, in seconds, of a TIMESPEC, rounded; of a STRING, NaN */
  const char *name; /* static */
  const char *text; /* what chrony_get_field_string gives; of an ENUM, the name of its value, static */
};

_Static_assert(sizeof(struct glue_field) == 16, "a double and two pointers");

/* More than any report has. */
enum { MAX_FIELDS = 64 };

static struct glue_field record[MAX_FIELDS];

static void read_field(chrony_session *s, int32_t field, struct glue_field *read) {
  read->name = chrony_get_field_name(s, field);
  read->text = NULL;
  read->number = NAN;
  switch (chrony_get_field_type(s, field)) {
  case CHRONY_TYPE_UINTEGER: {
    const uint64_t value = chrony_get_field_uinteger(s, field);

    read->number = (double)value;
    if (chrony_get_field_content(s, field) == CHRONY_CONTENT_ENUM)
      read->text = chrony_get_field_constant_name(s, field, value);
    break;
  }
  case CHRONY_TYPE_INTEGER:
    read->number = (double)chrony_get_field_integer(s, field);
    break;
  case CHRONY_TYPE_TIMESPEC:
    read->number = (double)glue_get_seconds(s, field) + 1e-9 * glue_get_nanoseconds(s, field);
    break;
  case CHRONY_TYPE_FLOAT:
    read->number = chrony_get_field_float(s, field);
    break;
  case CHRONY_TYPE_STRING:
    read->text = chrony_get_field_string(s, field);
    break;
  case CHRONY_TYPE_NONE:
    break;
  }
}

/* Where glue_read_record leaves what it reads. Static: valid for ever. */
const struct glue_field *glue_get_record(void);

const struct glue_field *glue_get_record(void) {
  return record;
}

/*
 * Reads every field of the record held. Returns how many there are. What it has read stays until the next call, of
 * whichever session; the texts of STRING fields as long as chrony_get_field_string says.
 */
int32_t glue_read_record(chrony_session *s);

int32_t glue_read_record(chrony_session *s) {
  const int32_t number = chrony_get_record_number_fields(s);

  for (int32_t i = 0; i < number && i < MAX_FIELDS; i++)
    read_field(s, i, &record[i]);
  return number;
}
