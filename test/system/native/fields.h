/* Reads the record that a session holds with every getter. */
#ifndef FIELDS_H
#define FIELDS_H

#include "chrony.h"

/* A field as a program reads it: the value is in the member for its type. */
struct reading {
  const char *name;
  chrony_field_type type;
  chrony_field_content content;
  union {
    uint64_t uinteger;
    int64_t integer;
    double number;
    struct timespec time;
    const char *string;
  } value;
};

struct reading read_field(chrony_session *s, int field);

/* Calls every getter for a field, which need not exist. Only the getter of its type may return a value. */
void check_getters(chrony_session *s, int field);

/* Checks that the held record has exactly this number of fields. */
void check_out_of_range(chrony_session *s, int number);

#endif
