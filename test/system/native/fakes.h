/*
 * The system that the core runs on in tests: sockets that keep what is sent and give what they are told to, random
 * numbers that count, and calls that fail once when they are told to.
 */
#ifndef FAKES_H
#define FAKES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Descriptors are numbers from 0; a request is no longer than this; the header of a reply, and of a request. */
enum { FAKE_SOCKETS = 4, FAKE_REQUEST_SIZE = 1024, REPLY_HEADER = 28, REQUEST_HEADER = 20 };

struct fake_socket {
  /* The request sent last, and zeros after it. */
  uint8_t request[FAKE_REQUEST_SIZE];
  size_t request_length;
  unsigned sent;

  /* What is received, as often as the core asks. */
  const uint8_t *datagram;
  size_t datagram_length;
  unsigned received;
};

/* The next call of each fails, with this errno where it is not 0. */
struct fake_failures {
  int send, recv, entropy;
  bool short_send, no_memory;
};

extern struct fake_socket fake_sockets[FAKE_SOCKETS];
extern struct fake_failures fake_failures;

/* Everything as at the beginning. */
void fake_reset(void);

/* Writes the header of a reply to the request that was sent last. */
void fake_reply_header(uint8_t *header, const struct fake_socket *socket, uint16_t code, uint16_t status);

/*
 * A datagram in a script has its sequence number relative to the last request's, since a script is written before it
 * runs: makes it absolute.
 */
void fake_shift_sequence(uint8_t *datagram, size_t length, const struct fake_socket *socket);

#endif
