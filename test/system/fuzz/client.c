#include "client.h"

#include "check.h"
#include "record.h"
#include "witness.h"

/* The request on the wire is what it must be for what the model says is asked. */
static void check_request(const struct fake_socket *before, const struct fake_socket *after,
                          const struct request_kind *kind, int record, const uint8_t *address) {
  static const uint8_t header[] = {6, 1, 0, 0};
  const uint8_t *const r = after->request;
  const uint32_t index = (uint32_t)record;
  const uint8_t numbered[] = {(uint8_t)(index >> 24), (uint8_t)(index >> 16), (uint8_t)(index >> 8),
                              (uint8_t)index};
  size_t end = REQUEST_HEADER;

  CHECK(memcmp(r, header, sizeof header) == 0);
  CHECK(r[4] == kind->code >> 8 && r[5] == (kind->code & 0xff) && r[6] == 0 && r[7] == 0);
  CHECK(memcmp(r + 8, before->request + 8, 4) != 0);
  for (size_t i = 12; i < REQUEST_HEADER; i++)
    CHECK(r[i] == 0);
  CHECK(after->request_length == model_request_length(kind));
  if (kind->body == INDEX_BODY) {
    CHECK(memcmp(r + end, numbered, sizeof numbered) == 0);
    end += sizeof numbered;
  } else if (kind->body == ADDRESS_BODY) {
    CHECK(address && memcmp(r + end, address, 20) == 0);
    end += 20;
  }
  for (; end < FAKE_REQUEST_SIZE; end++)
    CHECK(r[end] == 0);
}

/* The session tells what its state is, and nothing is received or sent for a response that nobody needs. */
static void check_state(struct client *c) {
  const struct fake_socket *const socket = &fake_sockets[c->fd];
  const unsigned sent = socket->sent, received = socket->received;

  CHECK(chrony_get_fd(c->session) == c->fd);
  CHECK(chrony_needs_response(c->session) == (c->state.asked != NULL));
  CHECK(chrony_get_report_number_records(c->session) == c->state.records);
  check_record(c->session, c->state.fields);
  c->digest = digest_record(c->session);
  if (!c->state.asked)
    CHECK(chrony_process_response(c->session) == CHRONY_UNEXPECTED_CALL);
  CHECK(digest_record(c->session) == c->digest);
  CHECK(socket->sent == sent && socket->received == received);
}

void client_renew(struct client *c) {
  const bool fails = fake_failures.no_memory;
  chrony_err e;

  chrony_deinit_session(c->session);
  e = chrony_init_session(&c->session, c->fd);
  CHECK(e == (fails ? CHRONY_NO_MEMORY : CHRONY_OK) && (c->session != NULL) == !fails);
  memset(&c->state, 0, sizeof c->state);
  if (c->session)
    check_state(c);
}

static void check_outcome(struct client *c, const struct outcome *expected, chrony_err e,
                          const struct fake_socket *before, int record, const uint8_t *address) {
  const struct fake_socket *const after = &fake_sockets[c->fd];

  CHECK(e == expected->error);
  CHECK(*chrony_get_error_string(e) != '\0');
  CHECK(after->sent - before->sent == (expected->sends ? 1 : 0));
  c->state = expected->state;
  if (expected->sends && e == CHRONY_OK)
    check_request(before, after, c->state.asked, record, address);
  check_state(c);
}

void client_count(struct client *c, const char *report) {
  const struct fake_socket before = fake_sockets[c->fd];
  const struct outcome expected = model_count(report);

  check_outcome(c, &expected, chrony_request_report_number_records(c->session, report), &before, 0, NULL);
}

void client_record(struct client *c, const char *report, int record) {
  const struct fake_socket before = fake_sockets[c->fd];
  const struct outcome expected = model_record(c->state, report, record);

  check_outcome(c, &expected, chrony_request_record(c->session, report, record), &before, record, NULL);
}

void client_receive(struct client *c, const uint8_t *datagram, size_t length) {
  struct fake_socket *const socket = &fake_sockets[c->fd];
  const struct request_kind *const asked = c->state.asked;
  struct fake_socket before;
  struct outcome expected;
  chrony_err e;

  socket->datagram = datagram;
  socket->datagram_length = length;
  before = *socket;
  expected = model_response(c->state, socket);
  e = chrony_process_response(c->session);
  CHECK(socket->received - before.received == (!asked || e == CHRONY_RECV_FAILED ? 0 : 1));
  check_outcome(c, &expected, e, &before, 0, datagram + REPLY_HEADER + 4);
  if (asked && c->state.fields > 0)
    CHECK(witness(asked, datagram, length) == c->digest);
}

void client_check_untouched(const struct client *c) {
  if (!c->session)
    return;
  CHECK(chrony_needs_response(c->session) == (c->state.asked != NULL));
  CHECK(chrony_get_report_number_records(c->session) == c->state.records);
  CHECK(chrony_get_record_number_fields(c->session) == c->state.fields);
  CHECK(digest_record(c->session) == c->digest);
}
