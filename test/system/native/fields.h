/* Reading what a session holds by every getter there is. */
#ifndef FIELDS_H
#define FIELDS_H

#include "chrony.h"

/* A field as a program reads it: the value is in the member of its type. */
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

/* Every getter at a field, which need not exist: the value of its type, and nothing by any other's. */
void check_getters(chrony_session *s, int field);

/* The record held has this number of fields, and nothing beyond them. */
void check_out_of_range(chrony_session *s, int number);

#endif
