/*
 * A fake system for the core: sockets that record requests and return given datagrams, random numbers from a counter, and calls
 * that can be made to fail once.
 */
#ifndef FAKES_H
#define FAKES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The number of descriptors, which begin at 0; the maximum length of a request; the lengths of both headers. */
enum { FAKE_SOCKETS = 4, FAKE_REQUEST_SIZE = 1024, REPLY_HEADER = 28, REQUEST_HEADER = 20 };

struct fake_socket {
  /* The last request, padded with zeros. */
  uint8_t request[FAKE_REQUEST_SIZE];
  size_t request_length;
  unsigned sent;

  /* The datagram that each call of recv() returns. */
  const uint8_t *datagram;
  size_t datagram_length;
  unsigned received;
};

/* Makes the next call of a function fail: with this errno unless it is 0. */
struct fake_failures {
  int send, recv, entropy;
  bool short_send, no_memory;
};

extern struct fake_socket fake_sockets[FAKE_SOCKETS];
extern struct fake_failures fake_failures;

/* Restores the initial state. */
void fake_reset(void);

/* Writes the header of a reply to the last request. */
void fake_reply_header(uint8_t *header, const struct fake_socket *socket, uint16_t code, uint16_t status);

/*
 * Makes the sequence number of a datagram absolute. A script gives it relative to the last request's, which is not known before
 * the script runs.
 */
void fake_shift_sequence(uint8_t *datagram, size_t length, const struct fake_socket *socket);

#endif
