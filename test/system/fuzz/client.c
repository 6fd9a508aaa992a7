#include "client.h"

#include "check.h"
#include "chrony_extensions.h"
#include "record.h"
#include "witness.h"

/* Checks the request on the wire against the one that the model expects. */
static void check_request(const struct fake_socket *before, const struct fake_socket *after,
                          const struct outcome *expected) {
  static const uint8_t header[] = {6, 1, 0, 0};
  const struct request_kind *const kind = expected->state.asked;
  const uint8_t *const r = after->request;

  CHECK(memcmp(r, header, sizeof header) == 0);
  CHECK(r[4] == kind->code >> 8 && r[5] == (kind->code & 0xff) && r[6] == 0 && r[7] == 0);
  CHECK(memcmp(r + 8, before->request + 8, 4) != 0);
  for (size_t i = 12; i < REQUEST_HEADER; i++)
    CHECK(r[i] == 0);
  CHECK(after->request_length == model_request_length(kind));
  CHECK(memcmp(r + REQUEST_HEADER, expected->body, expected->body_length) == 0);
  for (size_t i = REQUEST_HEADER + expected->body_length; i < FAKE_REQUEST_SIZE; i++)
    CHECK(r[i] == 0);
}

/* Checks that the session reports its state, and that it neither receives nor sends while no response is needed. */
static void check_state(struct client *c) {
  const struct fake_socket *const socket = &fake_sockets[c->fd];
  const unsigned sent = socket->sent, received = socket->received;

  CHECK(chrony_get_fd(c->session) == c->fd);
  CHECK(chrony_needs_response(c->session) == (c->state.asked != NULL));
  CHECK(chrony_get_report_number_records(c->session) == c->state.records);
  CHECK(chrony_get_number_entries(c->session) == c->state.entries);
  check_record(c->session, c->state.fields);
  c->digest = digest_record(c->session);
  if (!c->state.asked)
    CHECK(chrony_process_response(c->session) == CHRONY_UNEXPECTED_CALL);
  CHECK(!chrony_select_entry(c->session, -1) && !chrony_select_entry(c->session, c->state.entries));
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
                          const struct fake_socket *before) {
  const struct fake_socket *const after = &fake_sockets[c->fd];

  CHECK(e == expected->error);
  CHECK(*chrony_get_error_string(e) != '\0');
  CHECK(after->sent - before->sent == (expected->sends ? 1 : 0));
  c->state = expected->state;
  if (expected->sends && e == CHRONY_OK)
    check_request(before, after, expected);
  check_state(c);
}

void client_count(struct client *c, const char *report) {
  const struct fake_socket before = fake_sockets[c->fd];
  const struct outcome expected = model_count(report);

  check_outcome(c, &expected, chrony_request_report_number_records(c->session, report), &before);
}

void client_record(struct client *c, const char *report, int record) {
  const struct fake_socket before = fake_sockets[c->fd];
  const struct outcome expected = model_record(c->state, report, record);

  check_outcome(c, &expected, chrony_request_record(c->session, report, record), &before);
}

void client_source(struct client *c, const char *report, const char *address) {
  const struct fake_socket before = fake_sockets[c->fd];
  const struct outcome expected = model_source(c->state, report, address);

  check_outcome(c, &expected, chrony_request_record_of_source(c->session, report, address), &before);
}

void client_clients(struct client *c, uint32_t first, uint32_t minimum) {
  const struct fake_socket before = fake_sockets[c->fd];
  const struct outcome expected = model_clients(c->state, first, minimum);

  check_outcome(c, &expected, chrony_request_clients(c->session, first, minimum), &before);
}

void client_entry(struct client *c, int entry) {
  const struct fake_socket before = fake_sockets[c->fd];
  const struct outcome expected = model_entry(c->state, entry);
  const bool selected = chrony_select_entry(c->session, entry);

  check_outcome(c, &expected, selected ? CHRONY_OK : CHRONY_INVALID_ARGUMENT, &before);
  if (selected)
    CHECK(witness(c->answered, c->reply, c->reply_length, entry) == c->digest);
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
  check_outcome(c, &expected, e, &before);
  if (asked && c->state.fields > 0)
    CHECK(witness(asked, datagram, length, -1) == c->digest);
  if (asked && c->state.entries > 0) {
    CHECK(length <= sizeof c->reply);
    c->answered = asked;
    memcpy(c->reply, datagram, length);
    c->reply_length = length;
  }
}

void client_check_untouched(const struct client *c) {
  if (!c->session)
    return;
  CHECK(chrony_needs_response(c->session) == (c->state.asked != NULL));
  CHECK(chrony_get_report_number_records(c->session) == c->state.records);
  CHECK(chrony_get_record_number_fields(c->session) == c->state.fields);
  CHECK(chrony_get_number_entries(c->session) == c->state.entries);
  CHECK(digest_record(c->session) == c->digest);
}
