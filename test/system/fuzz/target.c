/*
 * The fuzzing target: three whole sessions of the core, side by side. An input is a list of steps; README.md describes the
 * encoding. Besides the checks for crashes, each step must have the outcome that model.c gives.
 */
#include <errno.h>

#include "bytes.h"
#include "check.h"
#include "chrony_extensions.h"
#include "client.h"

/* A datagram may have a tail, which makes it longer than a whole session. */
enum { CLIENTS = 3, MAX_STEPS = 64, TAIL = 1200, DATAGRAM_SIZE = REPLY_HEADER + MAX_TAKEN + TAIL };

enum operation { COUNT, RECORD, ANSWER, PADDED_ANSWER, DATAGRAM, FAIL, RENEW, EXTENSION };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct client clients[CLIENTS];
/* The state of each socket when it sent the request before the last one. */
static struct fake_socket earlier[CLIENTS];

/* The name of a report, or an unknown name: from a list, or made of the input's bytes. */
static const char *take_name(struct bytes *input, char made[MAX_TAKEN + 1]) {
  static const char *const wrong[] = {NULL,    "",           "Tracking", "tracking ",
                                      "track", "sourcestat", "sourcess", "source\ns"};
  const size_t reports = (size_t)chrony_get_number_supported_reports();
  const size_t number = reports + (size_t)chrony_get_number_extension_reports();
  const size_t n = take8(input) % 32;

  if (n < reports)
    return chrony_get_report_name((int)n);
  if (n < number)
    return chrony_get_extension_report_name((int)(n - reports));
  if (n - number < sizeof wrong / sizeof wrong[0])
    return wrong[n - number];
  made[take_some(input, (uint8_t *)made)] = '\0';
  return made;
}

/* The code of a reply: one byte or, with the top bit set, the number of one of the valid codes. */
static uint16_t take_code(struct bytes *input, const struct client *c) {
  const uint16_t code = take_small(input);
  const struct request_kind *const asked = c->state.asked;

  return asked && code >= 0x80 && code < 0xff ? asked->replies[code % MAX_REPLIES].code : code;
}

/* An answer to a request, usually to the last one of this client. */
static void receive_answer(struct client *c, struct bytes *input, unsigned variant, bool padded) {
  uint8_t datagram[DATAGRAM_SIZE] = {0};
  const struct fake_socket *to = &fake_sockets[c->fd];
  const uint16_t code = take_code(input, c);
  const uint16_t status = take_small(input);
  size_t length = REPLY_HEADER + take_some(input, datagram + REPLY_HEADER);
  const size_t longest = to->request_length + (variant == 7 ? 1 : 0);

  if (variant == 3)
    length += TAIL;
  if (padded && length < longest)
    length = longest;
  if (variant == 5)
    to = &earlier[c->fd];
  else if (variant == 6)
    to = &fake_sockets[(c->fd + 1) % CLIENTS];
  fake_reply_header(datagram, to, code, status);
  if (variant == 4) {
    const uint8_t flip = take8(input);

    datagram[flip / 8 % REPLY_HEADER] ^= (uint8_t)(1 << flip % 8);
  }
  client_receive(c, datagram, length);
}

static void receive_datagram(struct client *c, struct bytes *input, unsigned variant) {
  uint8_t datagram[DATAGRAM_SIZE] = {0};
  const size_t length = take_some(input, datagram);

  fake_shift_sequence(datagram, length, &fake_sockets[c->fd]);
  client_receive(c, datagram, length + (variant == 7 ? TAIL : 0));
}

static void fail(unsigned variant) {
  switch (variant) {
  case 0:
    fake_failures.send = ECONNREFUSED;
    break;
  case 1:
    fake_failures.short_send = true;
    break;
  case 2:
    fake_failures.recv = ECONNREFUSED;
    break;
  case 3:
    fake_failures.entropy = EIO;
    break;
  case 4:
    fake_failures.entropy = ENOSYS;
    break;
  case 5:
    fake_failures.no_memory = true;
    break;
  default:
    memset(&fake_failures, 0, sizeof fake_failures);
    break;
  }
}

/* The requests and the selection of chrony_extensions.h. */
static void extend(struct client *c, struct bytes *input, unsigned variant) {
  char made[MAX_TAKEN + 1], address[MAX_TAKEN + 1];
  const char *name;
  uint32_t first;

  switch (variant) {
  case 0:
    client_entry(c, (int)take32(input));
    break;
  case 1:
    first = take32(input);
    client_clients(c, first, take32(input));
    break;
  case 2:
    name = take_name(input, made);
    address[take_some(input, (uint8_t *)address)] = '\0';
    client_source(c, name, address);
    break;
  case 3:
    client_source(c, take_name(input, made), NULL);
    break;
  case 4:
    client_entry(c, take8(input));
    break;
  default:
    break;
  }
}

static void step(struct bytes *input) {
  const uint8_t what = take8(input);
  struct client *const c = &clients[what / 8 % 4 % CLIENTS];
  const unsigned variant = what / 32;
  const struct fake_socket before = fake_sockets[c->fd];
  char made[MAX_TAKEN + 1];
  const char *name;

  if (!c->session)
    client_renew(c);
  if (!c->session)
    return;
  switch ((enum operation)(what % 8)) {
  case COUNT:
    client_count(c, take_name(input, made));
    break;
  case RECORD:
    name = take_name(input, made);
    client_record(c, name, (int)take32(input));
    break;
  case ANSWER:
  case PADDED_ANSWER:
    receive_answer(c, input, variant, what % 8 == PADDED_ANSWER);
    break;
  case DATAGRAM:
    receive_datagram(c, input, variant);
    break;
  case FAIL:
    fail(variant);
    break;
  case RENEW:
    client_renew(c);
    break;
  case EXTENSION:
    extend(c, input, variant);
    break;
  }
  if (fake_sockets[c->fd].sent != before.sent)
    earlier[c->fd] = before;
  for (const struct client *other = clients; other < clients + CLIENTS; other++) {
    if (other != c)
      client_check_untouched(other);
  }
}

static void check_lists(void) {
  const int number = chrony_get_number_supported_reports();

  CHECK(number == 10 && chrony_get_number_extension_reports() == 3);
  for (int i = -1; i <= 3; i++)
    CHECK((chrony_get_extension_report_name(i) != NULL) == (i >= 0 && i < 3));
  for (int i = -1; i <= number; i++)
    CHECK((chrony_get_report_name(i) != NULL) == (i >= 0 && i < number));
  for (int e = -1; e <= CHRONY_INVALID_RESPONSE + 1; e++)
    CHECK(*chrony_get_error_string((chrony_err)e) != '\0');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct bytes input = {data, size};

  fake_reset();
  memset(earlier, 0, sizeof earlier);
  check_lists();
  for (int i = 0; i < CLIENTS; i++)
    clients[i].fd = i;
  for (int i = 0; i < MAX_STEPS && input.left > 0; i++)
    step(&input);
  for (int i = 0; i < CLIENTS; i++) {
    chrony_deinit_session(clients[i].session);
    clients[i].session = NULL;
  }
  return 0;
}
