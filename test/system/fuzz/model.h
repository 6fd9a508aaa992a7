/*
 * The expected outcome of each step of a session: a second implementation of the protocol and the interface, which shares no
 * code with the core.
 */
#ifndef MODEL_H
#define MODEL_H

#include <stddef.h>

#include "chrony.h"
#include "fakes.h"

enum { MAX_REPLIES = 4, MAX_FIELDS = 33 };

enum { ADDRESS_LENGTH = 20 };

/* The body of a reply. Its last field may be the number of the entries that follow. */
struct reply_kind {
  uint16_t code;
  uint16_t body_length;
  int fields;
  int max_entries, entry_fields;
};

struct request_kind {
  uint16_t code;
  enum { NO_BODY, INDEX_BODY, ADDRESS_BODY, CLIENTS_BODY } body;
  struct reply_kind replies[MAX_REPLIES]; /* unused elements have the code 0 */
};

/* The length of a request of this kind, which is also the maximum length of an accepted reply. */
size_t model_request_length(const struct request_kind *kind);

/* The kind of reply with this code to a request of this kind; NULL for an invalid code. */
const struct reply_kind *model_reply(const struct request_kind *kind, unsigned code);

/* The report that is requested this way; NULL for the number of sources, which several reports need. */
const char *model_report(const struct request_kind *kind);

/* The expected state of a session, as its user sees it. */
struct state {
  const struct request_kind *asked;   /* the outstanding request; NULL if there is none */
  const struct request_kind *pending; /* the request that follows when the answer has given a source's address */
  bool counts;                        /* the number of records is requested */
  int index;                          /* the number of the record requested by index */
  int records, fields;
  int entries, entry_fields; /* of the held reply */

  /* True if the held record is sourcestats of the source `index`, which has this address. */
  bool holds_source;
  uint8_t address[ADDRESS_LENGTH];
};

struct outcome {
  chrony_err error;
  struct state state;
  bool sends; /* a request goes to the socket, even if sending fails */

  /* The bytes of the request between the header and the padding of zeros. */
  uint8_t body[ADDRESS_LENGTH];
  size_t body_length;
};

struct outcome model_count(const char *report);
struct outcome model_record(struct state before, const char *report, int record);
struct outcome model_source(struct state before, const char *report, const char *address);
struct outcome model_clients(struct state before, uint32_t first, uint32_t minimum);
struct outcome model_entry(struct state before, int entry);
struct outcome model_response(struct state before, const struct fake_socket *socket);

#endif
