#include "model.h"

#include <errno.h>
#include <limits.h>

#include "check.h"

/* Requests that are no report's, or come before others; where the answer to the latter has the address. */
enum { COUNT_SOURCES = 14, LOOKUP = 34, LOOKUP_ADDRESS = REPLY_HEADER + 4 };
enum { ADDRESS_FAMILY = 16, ADDRESS_LENGTH = 20 };

static const struct request_kind kinds[] = {
    {COUNT_SOURCES, NO_BODY, {{2, 4, 1}}},
    {15, INDEX_BODY, {{3, 48, 11}}},
    {33, NO_BODY, {{5, 76, 14}}},
    {LOOKUP, INDEX_BODY, {{6, 56, 10}}},
    {35, NO_BODY, {{7, 28, 6}}},
    {44, NO_BODY, {{12, 20, 5}}},
    {51, NO_BODY, {{13, 24, 6}}},
    {54, NO_BODY, {{14, 20, 5}, {22, 32, 8}, {24, 44, 11}, {25, 168, 21}}},
    {57, ADDRESS_BODY, {{16, 124, 28}, {26, 144, 33}}},
    {67, ADDRESS_BODY, {{20, 24, 10}}},
    {69, INDEX_BODY, {{23, 48, 12}}},
};

static const struct {
  const char *name;
  uint16_t code;
} reports[] = {
    {"tracking", 33}, {"sources", 15},  {"sourcestats", 34}, {"selectdata", 69}, {"activity", 44},
    {"authdata", 67}, {"ntpdata", 57}, {"serverstats", 54}, {"rtcdata", 35},    {"smoothing", 51},
};

static const struct request_kind *kind_of(uint16_t code) {
  for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
    if (kinds[i].code == code)
      return &kinds[i];
  }
  abort();
}

/* NULL if there is no such report. */
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

struct outcome model_count(const char *report) {
  const struct request_kind *const kind = kind_for(report);

  if (!kind)
    return idle(CHRONY_UNKNOWN_REPORT, 0, 0);
  return kind->body == NO_BODY ? idle(CHRONY_OK, 1, 0) : ask(kind_of(COUNT_SOURCES), NULL, 0);
}

struct outcome model_record(struct state before, const char *report, int record) {
  const struct request_kind *const kind = kind_for(report);

  if (!kind)
    return idle(CHRONY_UNKNOWN_REPORT, before.records, 0);
  if (record < 0 || (record > 0 && kind->body == NO_BODY))
    return idle(CHRONY_INVALID_ARGUMENT, before.records, 0);
  if (kind->body == ADDRESS_BODY)
    return ask(kind_of(LOOKUP), kind, before.records);
  return ask(kind, NULL, before.records);
}

static unsigned number_at(const uint8_t *p, size_t length) {
  unsigned number = 0;

  for (size_t i = 0; i < length; i++)
    number = number << 8 | p[i];
  return number;
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
      [13] = CHRONY_DISABLED,    [18] = CHRONY_NEW_SERVER, [19] = CHRONY_NEW_SERVER,
  };

  return status < sizeof errors / sizeof errors[0] && errors[status] != CHRONY_OK ? errors[status]
                                                                                 : CHRONY_UNEXPECTED_STATUS;
}

static const struct reply_kind *reply_kind(const struct request_kind *kind, unsigned code) {
  for (int i = 0; i < MAX_REPLIES; i++) {
    if (kind->replies[i].code != 0 && kind->replies[i].code == code)
      return &kind->replies[i];
  }
  return NULL;
}

struct outcome model_response(struct state before, const struct fake_socket *socket) {
  const uint8_t *const d = socket->datagram;
  const struct reply_kind *reply;
  unsigned number;

  if (!before.asked)
    return (struct outcome){.error = CHRONY_UNEXPECTED_CALL, .state = before};
  if (fake_failures.recv != 0)
    return (struct outcome){.error = CHRONY_RECV_FAILED, .state = before};
  if (!is_answer(socket, model_request_length(before.asked)))
    return (struct outcome){.error = CHRONY_OK, .state = before};
  if (number_at(d + 8, 2) != 0)
    return idle(error_for(number_at(d + 8, 2)), before.records, 0);
  reply = reply_kind(before.asked, number_at(d + 6, 2));
  if (!reply)
    return idle(CHRONY_NEW_SERVER, before.records, 0);
  if (socket->datagram_length < REPLY_HEADER + (size_t)reply->body_length)
    return idle(CHRONY_INVALID_RESPONSE, before.records, 0);

  if (before.pending) {
    number = number_at(d + LOOKUP_ADDRESS + ADDRESS_FAMILY, 2);
    if (number >= 1 && number <= 3)
      return ask(before.pending, NULL, before.records);
    return idle(CHRONY_OK, before.records, 0);
  }
  if (before.asked->code != COUNT_SOURCES)
    return idle(CHRONY_OK, before.records, reply->fields);
  number = number_at(d + REPLY_HEADER, 4);
  return idle(CHRONY_OK, number > INT_MAX ? INT_MAX : (int)number, reply->fields);
}
