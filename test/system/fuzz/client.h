/* A session with what is known of it, and the checks that hold after each step. */
#ifndef CLIENT_H
#define CLIENT_H

#include "chrony.h"
#include "model.h"

/* The longest reply that is taken. */
enum { MAX_REPLY = 520 };

struct client {
  chrony_session *session; /* NULL if it could not be made */
  int fd;
  struct state state;
  uint64_t digest; /* of all that is held */

  /* The reply held if it has entries, and the request that it answers. */
  const struct request_kind *answered;
  uint8_t reply[MAX_REPLY];
  size_t reply_length;
};

/* Makes a session anew, in the place of the one there may be. */
void client_renew(struct client *c);

/* Steps. Each is checked: its error, what it sends, and all that the session tells afterwards. */
void client_count(struct client *c, const char *report);
void client_record(struct client *c, const char *report, int record);
void client_source(struct client *c, const char *report, const char *address);
void client_clients(struct client *c, uint32_t first, uint32_t minimum);
void client_entry(struct client *c, int entry);
void client_receive(struct client *c, const uint8_t *datagram, size_t length);

/* What another client did has changed nothing here. */
void client_check_untouched(const struct client *c);

#endif
