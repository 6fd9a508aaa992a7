/* The session's inside, shared by what talks to chronyd (session.c) and what reads the answer (field.c). */
#ifndef CHRONYI_SESSION_H
#define CHRONYI_SESSION_H

#include <stdint.h>

#include "chrony.h"
#include "report.h"
#include "wire.h"

#define REPLY_HEADER_LENGTH 28
#define MAX_MESSAGE_LENGTH (REPLY_HEADER_LENGTH + REPORT_MAX_BODY_LENGTH)

/* The most address fields that one record has. */
#define MAX_ADDRESSES 2

/* What the outstanding request is for. */
enum purpose {
  NOTHING, /* there is none */
  NUMBER_RECORDS,
  RECORD,
  SOURCE_ADDRESS /* and with it, the record that `pending` asks for */
};

struct chrony_session_t {
  int fd;
  int number_records;

  enum purpose purpose;
  const struct query *query;   /* the outstanding request's */
  const struct query *pending; /* what to ask next, once the source's address is known */
  unsigned request_length;
  uint32_t sequence;

  /* The record held: its fields are in the message. NULL if there is none. */
  const struct layout *record;
  uint16_t offsets[REPORT_MAX_FIELDS];

  /* The number of the record that was requested last, and the layout of its reply, whichever entry of it is held. */
  int record_number;
  const struct layout *reply;

  /* The last request or reply; one byte longer than either may be, so that a datagram too long shows. */
  uint8_t message[MAX_MESSAGE_LENGTH + 1];

  /* Addresses of the record held as text, made when asked for. */
  char addresses[MAX_ADDRESSES][WIRE_ADDRESS_TEXT_SIZE];
};

#endif
