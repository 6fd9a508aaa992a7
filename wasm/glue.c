/*
 * The exports that chrony.h cannot give as they are: JavaScript passes and gets numbers, and no structs,
 * out-parameters or strings.
 */
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

/* The value of a numeric field of whichever type, rounded to a double; NaN for a field that is no number. */
double glue_get_number(chrony_session *s, int32_t field);

double glue_get_number(chrony_session *s, int32_t field) {
  switch (chrony_get_field_type(s, field)) {
  case CHRONY_TYPE_UINTEGER:
    return (double)chrony_get_field_uinteger(s, field);
  case CHRONY_TYPE_INTEGER:
    return (double)chrony_get_field_integer(s, field);
  default:
    return chrony_get_field_float(s, field);
  }
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

/* glue_get_seconds and glue_get_nanoseconds in one double, seconds, rounded. */
double glue_get_time(chrony_session *s, int32_t field);

double glue_get_time(chrony_session *s, int32_t field) {
  return (double)glue_get_seconds(s, field) + 1e-9 * glue_get_nanoseconds(s, field);
}
