/* A second session that has seen nothing but one answer. */
#ifndef WITNESS_H
#define WITNESS_H

#include "model.h"

/*
 * The digest of the record that this answer to a request of this kind is for a session made for it, or of one of its
 * entries; -1 for none. Every entry is read.
 */
uint64_t witness(const struct request_kind *asked, const uint8_t *datagram, size_t length, int entry);

#endif
