/* Checks and a digest of the record that a session holds. */
#ifndef RECORD_H
#define RECORD_H

#include "chrony.h"

/* Checks every field, and indices outside the record, against the interface. */
void check_record(chrony_session *s, int fields);

/* A digest that changes with any change of the record. */
uint64_t digest_record(chrony_session *s);

#endif
