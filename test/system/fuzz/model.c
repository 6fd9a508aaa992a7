#include "model.h"

#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>

#include "check.h"

/* The requests that only prepare others, and the offset of the address in the answer to LOOKUP. */
enum { COUNT_SOURCES = 14, LOOKUP = 34, LOOKUP_ADDRESS = REPLY_HEADER + 4 };
enum { ADDRESS_FAMILY = 16, IPV4 = 1, IPV6 = 2, ID = 3 };

#define LIST(code, length, fields, entries, entry_fields) {code, length, fields, entries, entry_fields}
#define REPLY(code, length, fields) LIST(code, length, fields, 0, 0)

static const struct request_kind kinds[] = {
    {COUNT_SOURCES, NO_BODY, {REPLY(2, 4, 1)}},
    {15, INDEX_BODY, {REPLY(3, 48, 11)}},
    {33, NO_BODY, {REPLY(5, 76, 14)}},
    {LOOKUP, INDEX_BODY, {REPLY(6, 56, 10)}},
    {35, NO_BODY, {REPLY(7, 28, 6)}},
    {41, NO_BODY, {LIST(18, 388, 1, 16, 4)}},
    {44, NO_BODY, {REPLY(12, 20, 5)}},
    {51, NO_BODY, {REPLY(13, 24, 6)}},
    {54, NO_BODY, {REPLY(14, 20, 5), REPLY(22, 32, 8), REPLY(24, 44, 11), REPLY(25, 168, 21)}},
    {57, ADDRESS_BODY, {REPLY(16, 124, 28), REPLY(26, 144, 33)}},
    {65, ADDRESS_BODY, {REPLY(19, 256, 1)}},
    {67, ADDRESS_BODY, {REPLY(20, 24, 10)}},
    {68, CLIENTS_BODY, {LIST(21, 492, 3, 8, 14)}},
    {69, INDEX_BODY, {REPLY(23, 48, 12)}},
};

static const struct {
  const char *name;
  uint16_t code;
} reports[] = {
    {"tracking", 33}, {"sources", 15},  {"sourcestats", 34}, {"selectdata", 69}, {"activity", 44},
    {"authdata", 67}, {"ntpdata", 57}, {"serverstats", 54}, {"rtcdata", 35},    {"smoothing", 51},
    {"sourcename", 65}, {"clients", 68}, {"manual list", 41},
};

static const struct request_kind *kind_of(uint16_t code) {
  for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
    if (kinds[i].code == code)
      return &kinds[i];
  }
  abort();
}

/* NULL if the report does not exist. */
static const struct request_kind *kind_for(const char *report) {
  for (size_t i = 0; i < sizeof reports / sizeof reports[0]; i++) {
    if (same(reports[i].name, report))
      return kind_of(reports[i].code);
  }
  return NULL;
}

const char *model_report(const struct request_kind *kind) {
  for (size_t i = 0; i < sizeof reports / sizeof reports[0]; i++) {
    if (reports[i].code == kind->code)
      return reports[i].name;
  }
  return NULL;
}

size_t model_request_length(const struct request_kind *kind) {
  size_t length = kind->body == ADDRESS_BODY ? REQUEST_HEADER + ADDRESS_LENGTH : REQUEST_HEADER + 4;

  for (int i = 0; i < MAX_REPLIES; i++) {
    if (REPLY_HEADER + (size_t)kind->replies[i].body_length > length)
      length = REPLY_HEADER + (size_t)kind->replies[i].body_length;
  }
  return length;
}

static struct outcome idle(chrony_err error, int records, int fields) {
  return (struct outcome){.error = error, .state = {.records = records, .fields = fields}};
}

static void put32(uint8_t *p, uint32_t value) {
  for (int i = 0; i < 4; i++)
    p[i] = (uint8_t)(value >> (24 - 8 * i));
}

static struct outcome ask(const struct request_kind *kind, const struct request_kind *pending, int records) {
  struct outcome o = idle(CHRONY_OK, records, 0);

  if (fake_failures.entropy != 0)
    return idle(fake_failures.entropy == ENOSYS ? CHRONY_NO_RANDOM : CHRONY_RANDOM_FAILED, records, 0);
  if (fake_failures.send != 0)
    return idle(CHRONY_SEND_FAILED, records, 0);
  o.sends = true;
  if (fake_failures.short_send) {
    o.error = CHRONY_SEND_FAILED;
  } else {
    o.state.asked = kind;
    o.state.pending = pending;
  }
  return o;
}

static struct outcome ask_by_index(const struct request_kind *kind, const struct request_kind *pending, int index,
                                   int records) {
  struct outcome o = ask(kind, pending, records);

  o.state.index = index;
  if (kind->body == INDEX_BODY) {
    put32(o.body, (uint32_t)index);
    o.body_length = 4;
  }
  return o;
}

static struct outcome ask_by_address(const struct request_kind *kind, const uint8_t *address, int records) {
  struct outcome o = ask(kind, NULL, records);

  memcpy(o.body, address, ADDRESS_LENGTH);
  o.body_length = ADDRESS_LENGTH;
  return o;
}

/* The word after the minimum would reset the counters, so it must be 0. */
static struct outcome ask_for_clients(uint32_t first, uint32_t minimum, int records) {
  struct outcome o = ask(kind_for("clients"), NULL, records);

  put32(o.body, first);
  put32(o.body + 4, 8);
  put32(o.body + 8, minimum);
  o.body_length = 16;
  return o;
}

struct outcome model_count(const char *report) {
  const struct request_kind *const kind = kind_for(report);
  struct outcome o;

  if (!kind)
    return idle(CHRONY_UNKNOWN_REPORT, 0, 0);
  if (kind->body == NO_BODY)
    return idle(CHRONY_OK, 1, 0);
  o = kind->body == CLIENTS_BODY ? ask_for_clients(0, 0, 0) : ask(kind_of(COUNT_SOURCES), NULL, 0);
  o.state.counts = true;
  return o;
}

static unsigned number_at(const uint8_t *p, size_t length) {
  unsigned number = 0;

  for (size_t i = 0; i < length; i++)
    number = number << 8 | p[i];
  return number;
}

/* The request for a source whose address is known; no request for a source without an address. */
static struct outcome ask_for_source(const struct request_kind *kind, const uint8_t *address, int records) {
  const unsigned family = number_at(address + ADDRESS_FAMILY, 2);

  return family >= IPV4 && family <= ID ? ask_by_address(kind, address, records) : idle(CHRONY_OK, records, 0);
}

struct outcome model_record(struct state before, const char *report, int record) {
  const struct request_kind *const kind = kind_for(report);

  if (!kind)
    return idle(CHRONY_UNKNOWN_REPORT, before.records, 0);
  if (record < 0 || (record > 0 && kind->body == NO_BODY))
    return idle(CHRONY_INVALID_ARGUMENT, before.records, 0);
  if (kind->body == ADDRESS_BODY && before.holds_source && before.index == record)
    return ask_for_source(kind, before.address, before.records);
  if (kind->body == ADDRESS_BODY)
    return ask_by_index(kind_of(LOOKUP), kind, record, before.records);
  if (kind->body == CLIENTS_BODY)
    return ask_for_clients((uint32_t)record, 0, before.records);
  return ask_by_index(kind, NULL, record, before.records);
}

/* Parses an address in the system's format or an ID. */
static bool parse(const char *text, uint8_t address[ADDRESS_LENGTH]) {
  memset(address, 0, ADDRESS_LENGTH);
  if (strncmp(text, "ID#", 3) == 0) {
    const size_t digits = strspn(text + 3, "0123456789");
    const unsigned long long id = strtoull(text + 3, NULL, 10);

    put32(address, (uint32_t)id);
    address[ADDRESS_FAMILY + 1] = ID;
    return digits >= 1 && digits <= 10 && text[3 + digits] == '\0' && id <= UINT32_MAX;
  }
  address[ADDRESS_FAMILY + 1] = inet_pton(AF_INET, text, address) == 1 ? IPV4 : IPV6;
  return address[ADDRESS_FAMILY + 1] == IPV4 || inet_pton(AF_INET6, text, address) == 1;
}

struct outcome model_source(struct state before, const char *report, const char *address) {
  const struct request_kind *const kind = kind_for(report);
  uint8_t bytes[ADDRESS_LENGTH];

  if (!kind)
    return idle(CHRONY_UNKNOWN_REPORT, before.records, 0);
  if (kind->body != ADDRESS_BODY || !address || !parse(address, bytes))
    return idle(CHRONY_INVALID_ARGUMENT, before.records, 0);
  return ask_by_address(kind, bytes, before.records);
}

struct outcome model_clients(struct state before, uint32_t first, uint32_t minimum) {
  return ask_for_clients(first, minimum, before.records);
}

/* The error of the outcome stands for the boolean result: CHRONY_OK for true. */
struct outcome model_entry(struct state before, int entry) {
  struct outcome o = {.error = CHRONY_INVALID_ARGUMENT, .state = before};

  if (entry >= 0 && entry < before.entries) {
    o.error = CHRONY_OK;
    o.state.fields = before.entry_fields;
  }
  return o;
}

static bool is_answer(const struct fake_socket *socket, size_t longest) {
  const uint8_t *const d = socket->datagram;

  return socket->datagram_length >= REPLY_HEADER && socket->datagram_length <= longest &&
         number_at(d, 4) == 0x06020000 &&
         memcmp(d + 4, socket->request + 4, 2) == 0 && memcmp(d + 16, socket->request + 8, 4) == 0;
}

static chrony_err error_for(unsigned status) {
  static const chrony_err errors[] = {
      [2] = CHRONY_UNAUTHORIZED, [3] = CHRONY_OLD_SERVER,  [6] = CHRONY_DISABLED,
      [13] = CHRONY_DISABLED,    [15] = CHRONY_DISABLED,   [18] = CHRONY_NEW_SERVER, [19] = CHRONY_NEW_SERVER,
  };

  return status < sizeof errors / sizeof errors[0] && errors[status] != CHRONY_OK ? errors[status]
                                                                                 : CHRONY_UNEXPECTED_STATUS;
}

const struct reply_kind *model_reply(const struct request_kind *kind, unsigned code) {
  for (int i = 0; i < MAX_REPLIES; i++) {
    if (kind->replies[i].code != 0 && kind->replies[i].code == code)
      return &kind->replies[i];
  }
  return NULL;
}

struct outcome model_response(struct state before, const struct fake_socket *socket) {
  const uint8_t *const d = socket->datagram;
  const struct reply_kind *reply;
  struct outcome o;
  unsigned number;

  if (!before.asked)
    return (struct outcome){.error = CHRONY_UNEXPECTED_CALL, .state = before};
  if (fake_failures.recv != 0)
    return (struct outcome){.error = CHRONY_RECV_FAILED, .state = before};
  if (!is_answer(socket, model_request_length(before.asked)))
    return (struct outcome){.error = CHRONY_OK, .state = before};
  if (number_at(d + 8, 2) != 0)
    return idle(error_for(number_at(d + 8, 2)), before.records, 0);
  reply = model_reply(before.asked, number_at(d + 6, 2));
  if (!reply)
    return idle(CHRONY_NEW_SERVER, before.records, 0);
  if (socket->datagram_length < REPLY_HEADER + (size_t)reply->body_length)
    return idle(CHRONY_INVALID_RESPONSE, before.records, 0);

  if (before.pending)
    return ask_for_source(before.pending, d + LOOKUP_ADDRESS, before.records);
  o = idle(CHRONY_OK, before.records, reply->fields);
  if (before.counts) {
    number = number_at(d + REPLY_HEADER, 4);
    o.state.records = number > INT_MAX ? INT_MAX : (int)number;
  }
  if (reply->max_entries > 0) {
    number = number_at(d + REPLY_HEADER + 4 * (reply->fields - 1), 4);
    o.state.entries = number > (unsigned)reply->max_entries ? reply->max_entries : (int)number;
    o.state.entry_fields = reply->entry_fields;
  }
  if (before.asked->code == LOOKUP) {
    o.state.holds_source = true;
    o.state.index = before.index;
    memcpy(o.state.address, d + LOOKUP_ADDRESS, ADDRESS_LENGTH);
  }
  return o;
}
