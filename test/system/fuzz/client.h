/* A session, its expected state, and the checks after each step. */
#ifndef CLIENT_H
#define CLIENT_H

#include "chrony.h"
#include "model.h"

/* The length of the longest reply that is accepted. */
enum { MAX_REPLY = 520 };

struct client {
  chrony_session *session; /* NULL if it could not be created */
  int fd;
  struct state state;
  uint64_t digest; /* of the held record */

  /* The held reply if it has entries, and the request that it answers. */
  const struct request_kind *answered;
  uint8_t reply[MAX_REPLY];
  size_t reply_length;
};

/* Creates a new session, after freeing the old one if it exists. */
void client_renew(struct client *c);

/* Steps. Each one checks the error, the request that was sent, and the state of the session afterwards. */
void client_count(struct client *c, const char *report);
void client_record(struct client *c, const char *report, int record);
void client_source(struct client *c, const char *report, const char *address);
void client_clients(struct client *c, uint32_t first, uint32_t minimum);
void client_entry(struct client *c, int entry);
void client_receive(struct client *c, const uint8_t *datagram, size_t length);

/* Checks that a step of another client has not changed this one. */
void client_check_untouched(const struct client *c);

#endif
