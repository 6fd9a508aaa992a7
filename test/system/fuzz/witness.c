#include "witness.h"

#include "check.h"
#include "chrony_extensions.h"
#include "record.h"

/* The clients use the lower numbers. */
enum { FD = FAKE_SOCKETS - 1, MAX_LENGTH = 520 };

/* Gives the session a reply with a matching header, which it must accept. */
static void answer(chrony_session *s, uint8_t datagram[MAX_LENGTH], size_t length, uint16_t code) {
  struct fake_socket *const socket = &fake_sockets[FD];

  fake_reply_header(datagram, socket, code, 0);
  socket->datagram = datagram;
  socket->datagram_length = length;
  CHECK(chrony_process_response(s) == CHRONY_OK);
}

static void ask(chrony_session *s, const struct request_kind *asked) {
  const char *const report = model_report(asked);

  if (!report) {
    CHECK(chrony_request_report_number_records(s, "sources") == CHRONY_OK);
    return;
  }
  CHECK(chrony_request_record(s, report, 0) == CHRONY_OK);
  if (asked->body == ADDRESS_BODY) {
    /* the address of the source is 0.0.0.0 */
    uint8_t lookup[MAX_LENGTH] = {[REPLY_HEADER + 4 + 17] = 1};

    answer(s, lookup, REPLY_HEADER + 56, 6);
  }
}

/* Reads every entry like a record. Returns the digest of the given one, or 0 for -1. */
static uint64_t read_entries(chrony_session *s, const struct reply_kind *reply, int entry) {
  const int number = chrony_get_number_entries(s);
  uint64_t digest = 0;

  for (int i = 0; i < number; i++) {
    CHECK(chrony_select_entry(s, i));
    check_record(s, reply->entry_fields);
    if (i == entry)
      digest = digest_record(s);
  }
  CHECK(entry < number && chrony_get_number_entries(s) == number);
  return digest;
}

uint64_t witness(const struct request_kind *asked, const uint8_t *datagram, size_t length, int entry) {
  const unsigned code = (unsigned)datagram[6] << 8 | datagram[7];
  const struct fake_failures failures = fake_failures;
  uint8_t copy[MAX_LENGTH] = {0};
  chrony_session *s;
  uint64_t digest, of_entry;

  CHECK(length <= sizeof copy);
  memcpy(copy, datagram, length);
  memset(&fake_failures, 0, sizeof fake_failures);
  CHECK(chrony_init_session(&s, FD) == CHRONY_OK);
  ask(s, asked);
  answer(s, copy, length, (uint16_t)code);
  digest = digest_record(s);
  of_entry = read_entries(s, model_reply(asked, code), entry);
  chrony_deinit_session(s);
  fake_failures = failures;
  return entry < 0 ? digest : of_entry;
}
