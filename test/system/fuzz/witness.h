/* A second session that has processed only one answer. */
#ifndef WITNESS_H
#define WITNESS_H

#include "model.h"

/*
 * Processes an answer to a request of this kind in a new session, and reads every entry. Returns the digest of its record, or of
 * the given entry if that is not -1.
 */
uint64_t witness(const struct request_kind *asked, const uint8_t *datagram, size_t length, int entry);

#endif
