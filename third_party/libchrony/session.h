/* The session's internals, for sending and receiving (session.c) and for reading the reply (field.c). */
#ifndef CHRONYI_SESSION_H
#define CHRONYI_SESSION_H

#include <stdint.h>

#include "chrony.h"
#include "report.h"
#include "wire.h"

#define REPLY_HEADER_LENGTH 28
#define MAX_MESSAGE_LENGTH (REPLY_HEADER_LENGTH + REPORT_MAX_BODY_LENGTH)

/* The maximum number of address fields in a record. */
#define MAX_ADDRESSES 2

/* The purpose of the outstanding request. */
enum purpose {
  NOTHING, /* no request is outstanding */
  NUMBER_RECORDS,
  RECORD,
  SOURCE_ADDRESS /* the request of `pending` follows */
};

struct chrony_session_t {
  int fd;
  int number_records;

  enum purpose purpose;
  const struct query *query;   /* of the outstanding request */
  const struct query *pending; /* of the next request, to be sent once the source's address is known */
  unsigned request_length;
  uint32_t sequence;

  /* The current record, NULL if there is none; and the offsets of its fields in the message. */
  const struct layout *record;
  uint16_t offsets[REPORT_MAX_FIELDS];

  /* The number of the record requested last, and the layout of its reply. Selecting an entry does not change them. */
  int record_number;
  const struct layout *reply;

  /* The last request or reply. One byte longer than the longest of them, so that a longer datagram is detected. */
  uint8_t message[MAX_MESSAGE_LENGTH + 1];

  /* The current record's addresses as text, formatted when they are read. */
  char addresses[MAX_ADDRESSES][WIRE_ADDRESS_TEXT_SIZE];
};

#endif
