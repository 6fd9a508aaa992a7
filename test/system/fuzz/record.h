/* All that a session tells of the record it holds. */
#ifndef RECORD_H
#define RECORD_H

#include "chrony.h"

/* Holds every field, and what is beyond, against the interface. */
void check_record(chrony_session *s, int fields);

/* A number that differs as soon as anything in the record does. */
uint64_t digest_record(chrony_session *s);

#endif
