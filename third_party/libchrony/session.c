/* Requests and replies. Only one request is outstanding at a time, and each is independent of the ones before. */

/* For getentropy(), which is part of POSIX only since 2024. */
#define _DEFAULT_SOURCE
#define _DARWIN_C_SOURCE

#include "session.h"

#include "chrony_extensions.h"

#include <errno.h>
#include <limits.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* macOS declares getentropy() only here. */
#ifdef __APPLE__
#include <sys/random.h>
#endif

enum {
  PROTOCOL_VERSION = 6,
  PACKET_REQUEST = 1,
  PACKET_REPLY = 2,
  REQUEST_HEADER_LENGTH = 20,
  /* offsets in both headers */
  CODE = 4,
  REQUEST_SEQUENCE = 8,
  /* offsets in the header of a reply */
  REPLY_CODE = 6,
  REPLY_STATUS = 8,
  REPLY_SEQUENCE = 16
};

/* The status in chronyd's reply. Any other value gives CHRONY_UNEXPECTED_STATUS. */
enum status {
  STATUS_SUCCESS = 0,
  STATUS_UNAUTHORIZED = 2,
  STATUS_INVALID = 3,
  STATUS_NOT_ENABLED = 6,
  STATUS_NO_RTC = 13,
  STATUS_NO_CLIENT_LOG = 15,
  STATUS_BAD_PACKET_VERSION = 18,
  STATUS_BAD_PACKET_LENGTH = 19
};

chrony_err chrony_init_session(chrony_session **s, int fd) {
  *s = calloc(1, sizeof **s);
  if (!*s)
    return CHRONY_NO_MEMORY;
  (*s)->fd = fd;
  return CHRONY_OK;
}

void chrony_deinit_session(chrony_session *s) {
  free(s);
}

int chrony_get_fd(chrony_session *s) {
  return s->fd;
}

bool chrony_needs_response(chrony_session *s) {
  return s->purpose != NOTHING;
}

int chrony_get_number_supported_reports(void) {
  return chronyi_number_reports;
}

const char *chrony_get_report_name(int report) {
  return report >= 0 && report < chronyi_number_reports ? chronyi_reports[report].name : NULL;
}

int chrony_get_number_extension_reports(void) {
  return chronyi_number_extensions;
}

const char *chrony_get_extension_report_name(int report) {
  return report >= 0 && report < chronyi_number_extensions ? chronyi_reports[chronyi_number_reports + report].name
                                                           : NULL;
}

int chrony_get_report_number_records(chrony_session *s) {
  return s->number_records;
}

/* Returns NULL if there is no such report. Not inlined, because copies would make the binary larger. */
__attribute__((noinline)) static const struct query *find_query(const char *report_name) {
  for (int i = 0; report_name && i < chronyi_number_reports + chronyi_number_extensions; i++) {
    if (strcmp(chronyi_reports[i].name, report_name) == 0)
      return &chronyi_reports[i].query;
  }
  return NULL;
}

/* Drops the outstanding request and the current record. */
static void forget(chrony_session *s) {
  s->purpose = NOTHING;
  s->query = NULL;
  s->pending = NULL;
  s->record = NULL;
  s->reply = NULL;
}

static chrony_err fail(chrony_session *s, chrony_err e) {
  forget(s);
  return e;
}

/*
 * A request is padded to the length of its longest reply, so that chronyd cannot be used to amplify traffic. chronyd
 * rejects shorter requests.
 */
static unsigned request_length(const struct query *query, unsigned body_length) {
  unsigned longest = REQUEST_HEADER_LENGTH + body_length;

  for (int i = 0; i < query->number_layouts; i++) {
    const unsigned length = REPLY_HEADER_LENGTH + chronyi_layout_length(&query->layouts[i]);

    if (length > longest)
      longest = length;
  }
  return longest;
}

/* Sends a request with this body. The body must not point into s->message, which is overwritten. */
static chrony_err send_request(chrony_session *s, enum purpose purpose, const struct query *query, const uint8_t *body,
                               unsigned body_length) {
  uint8_t *const m = s->message;
  uint8_t sequence[4];

  if (getentropy(sequence, sizeof sequence) != 0)
    return fail(s, errno == ENOSYS ? CHRONY_NO_RANDOM : CHRONY_RANDOM_FAILED);

  s->request_length = request_length(query, body_length);
  memset(m, 0, s->request_length);
  m[0] = PROTOCOL_VERSION;
  m[1] = PACKET_REQUEST;
  chronyi_put16(m + CODE, query->request_code);
  memcpy(m + REQUEST_SEQUENCE, sequence, sizeof sequence);
  if (body_length > 0)
    memcpy(m + REQUEST_HEADER_LENGTH, body, body_length);

  s->purpose = purpose;
  s->query = query;
  s->sequence = chronyi_get32(sequence);
  if (send(s->fd, m, s->request_length, 0) != (ssize_t)s->request_length)
    return fail(s, CHRONY_SEND_FAILED);
  return CHRONY_OK;
}

/* Requests a record by its number. If the report has only one record, the request contains no number. */
static chrony_err send_indexed_request(chrony_session *s, enum purpose purpose, const struct query *query, int record) {
  uint8_t index[4];

  s->record_number = record;
  chronyi_put32(index, (uint32_t)record);
  return send_request(s, purpose, query, index, query->selector == SELECT_BY_INDEX ? sizeof index : 0);
}

/* Sends a request for a batch of clients. */
static chrony_err send_clients_request(chrony_session *s, enum purpose purpose, uint32_t first, uint32_t minimum_hits) {
  uint8_t body[16];

  chronyi_put32(body, first);
  chronyi_put32(body + 4, REPORT_MAX_CLIENTS);
  chronyi_put32(body + 8, minimum_hits);
  /* any other value would reset the counters of these clients */
  chronyi_put32(body + 12, 0);
  return send_request(s, purpose, &chronyi_query_clients, body, sizeof body);
}

chrony_err chrony_request_report_number_records(chrony_session *s, const char *report_name) {
  const struct query *const query = find_query(report_name);

  forget(s);
  s->number_records = 0;
  if (!query)
    return CHRONY_UNKNOWN_REPORT;
  if (query->selector == SELECT_NOTHING) {
    s->number_records = 1;
    return CHRONY_OK;
  }
  if (query->selector == SELECT_FROM_INDEX)
    return send_clients_request(s, NUMBER_RECORDS, 0, 0);
  return send_indexed_request(s, NUMBER_RECORDS, &chronyi_query_number_sources, 0);
}

/* The source's address in the current record, which must be a record of sourcestats. */
static const uint8_t *held_source_address(const chrony_session *s) {
  return s->message + s->offsets[REPORT_SOURCE_ADDRESS_FIELD];
}

/*
 * Requests the record of the source whose address is in the current record. If the source has no address, the result is
 * a record without fields.
 */
static chrony_err request_record_of_held_source(chrony_session *s, const struct query *query) {
  static const struct layout no_fields;
  uint8_t address[WIRE_ADDRESS_LENGTH];

  memcpy(address, held_source_address(s), sizeof address);
  forget(s);
  if (!chronyi_is_address(address)) {
    s->record = &no_fields;
    return CHRONY_OK;
  }
  return send_request(s, RECORD, query, address, sizeof address);
}

chrony_err chrony_request_record(chrony_session *s, const char *report_name, int record) {
  const struct query *const query = find_query(report_name);

  /* the current record is sourcestats of the same source, and contains its address */
  if (query && query->selector == SELECT_BY_ADDRESS && s->record == chronyi_query_source_address.layouts &&
      s->record_number == record)
    return request_record_of_held_source(s, query);
  forget(s);
  if (!query)
    return CHRONY_UNKNOWN_REPORT;
  if (record < 0 || (query->selector == SELECT_NOTHING && record != 0))
    return CHRONY_INVALID_ARGUMENT;
  if (query->selector == SELECT_BY_ADDRESS) {
    s->pending = query;
    return send_indexed_request(s, SOURCE_ADDRESS, &chronyi_query_source_address, record);
  }
  if (query->selector == SELECT_FROM_INDEX)
    return send_clients_request(s, RECORD, (uint32_t)record, 0);
  return send_indexed_request(s, RECORD, query, record);
}

chrony_err chrony_request_record_of_source(chrony_session *s, const char *report_name, const char *address) {
  const struct query *const query = find_query(report_name);
  uint8_t bytes[WIRE_ADDRESS_LENGTH];

  forget(s);
  if (!query)
    return CHRONY_UNKNOWN_REPORT;
  if (query->selector != SELECT_BY_ADDRESS || !address || !chronyi_parse_address(address, bytes))
    return CHRONY_INVALID_ARGUMENT;
  return send_request(s, RECORD, query, bytes, sizeof bytes);
}

chrony_err chrony_request_clients(chrony_session *s, uint32_t first_index, uint32_t minimum_hits) {
  forget(s);
  return send_clients_request(s, RECORD, first_index, minimum_hits);
}

/* Any host may have sent the datagram, so it is the reply only if every known part of its header matches. */
static bool is_answer(const chrony_session *s, size_t length) {
  const uint8_t *const m = s->message;

  return length >= REPLY_HEADER_LENGTH && length <= s->request_length && m[0] == PROTOCOL_VERSION &&
         m[1] == PACKET_REPLY && chronyi_get16(m + 2) == 0 && chronyi_get16(m + CODE) == s->query->request_code &&
         chronyi_get32(m + REPLY_SEQUENCE) == s->sequence;
}

static chrony_err check_status(uint16_t status) {
  switch (status) {
  case STATUS_SUCCESS:
    return CHRONY_OK;
  case STATUS_UNAUTHORIZED:
    return CHRONY_UNAUTHORIZED;
  case STATUS_INVALID:
    return CHRONY_OLD_SERVER;
  case STATUS_NOT_ENABLED:
  case STATUS_NO_RTC:
  case STATUS_NO_CLIENT_LOG:
    return CHRONY_DISABLED;
  case STATUS_BAD_PACKET_VERSION:
  case STATUS_BAD_PACKET_LENGTH:
    return CHRONY_NEW_SERVER;
  default:
    return CHRONY_UNEXPECTED_STATUS;
  }
}

static const struct layout *find_layout(const struct query *query, uint16_t reply_code) {
  for (int i = 0; i < query->number_layouts; i++) {
    if (query->layouts[i].reply_code == reply_code)
      return &query->layouts[i];
  }
  return NULL;
}

/* Makes the record at this offset of the message the current record. */
static void hold(chrony_session *s, const struct layout *layout, unsigned offset) {
  for (int i = 0; i < layout->number_fields; i++) {
    s->offsets[i] = (uint16_t)offset;
    offset += chronyi_wire_length(layout->fields[i].wire);
    /* terminate the text, if chronyd did not */
    if (layout->fields[i].wire == WIRE_TEXT)
      s->message[offset - 1] = '\0';
  }
  s->record = layout;
}

int chrony_get_number_entries(chrony_session *s) {
  const struct layout *const reply = s->reply;
  uint32_t number;

  if (!reply || !reply->list)
    return 0;
  /* the last field before the list */
  number = chronyi_get32(s->message + REPLY_HEADER_LENGTH + chronyi_fields_length(reply) - 4);
  return number < reply->list->max_entries ? (int)number : reply->list->max_entries;
}

bool chrony_select_entry(chrony_session *s, int entry) {
  unsigned offset;

  if (entry < 0 || entry >= chrony_get_number_entries(s))
    return false;
  offset = REPLY_HEADER_LENGTH + chronyi_fields_length(s->reply);
  offset += (unsigned)entry * chronyi_fields_length(&s->reply->list->entry);
  hold(s, &s->reply->list->entry, offset);
  return true;
}

static chrony_err take_number_records(chrony_session *s) {
  const uint32_t number = chronyi_get32(s->message + s->offsets[REPORT_NUMBER_RECORDS_FIELD]);

  s->number_records = number > INT_MAX ? INT_MAX : (int)number;
  return CHRONY_OK;
}

chrony_err chrony_process_response(chrony_session *s) {
  const enum purpose purpose = s->purpose;
  const struct query *const pending = s->pending;
  const struct layout *layout;
  ssize_t received;
  chrony_err e;

  if (purpose == NOTHING)
    return CHRONY_UNEXPECTED_CALL;

  received = recv(s->fd, s->message, sizeof s->message, 0);
  /* The request stays outstanding, so that a signal, or a call before a datagram arrives, does not lose the reply. */
  if (received < 0)
    return CHRONY_RECV_FAILED;
  if (!is_answer(s, (size_t)received))
    return CHRONY_OK;

  e = check_status(chronyi_get16(s->message + REPLY_STATUS));
  if (e != CHRONY_OK)
    return fail(s, e);
  layout = find_layout(s->query, chronyi_get16(s->message + REPLY_CODE));
  if (!layout)
    return fail(s, CHRONY_NEW_SERVER);
  if ((size_t)received < REPLY_HEADER_LENGTH + chronyi_layout_length(layout))
    return fail(s, CHRONY_INVALID_RESPONSE);

  forget(s);
  hold(s, layout, REPLY_HEADER_LENGTH);
  s->reply = layout;
  switch (purpose) {
  case NUMBER_RECORDS:
    return take_number_records(s);
  case SOURCE_ADDRESS:
    return request_record_of_held_source(s, pending);
  default:
    return CHRONY_OK;
  }
}
