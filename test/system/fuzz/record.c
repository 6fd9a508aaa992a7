#define _DEFAULT_SOURCE

#include "record.h"

#include <arpa/inet.h>

#include "check.h"
#include "fields.h"
#include "model.h"

/* No text of the library and no name from a server is longer. */
enum { TEXT_SIZE = 64, NAME_SIZE = 256 };

static void check_text(const char *text) {
  CHECK(text && *text != '\0' && strnlen(text, TEXT_SIZE) < TEXT_SIZE);
}

/* Checks that an address has the system's format, or is an ID of ten digits. */
static void check_address(const char *text) {
  const int family = strchr(text, ':') ? AF_INET6 : AF_INET;
  uint8_t binary[16];
  char again[INET6_ADDRSTRLEN];

  CHECK(strnlen(text, INET6_ADDRSTRLEN) < INET6_ADDRSTRLEN);
  if (strncmp(text, "ID#", 3) == 0) {
    CHECK(strlen(text) == 13 && strspn(text + 3, "0123456789") == 10);
    return;
  }
  CHECK(inet_pton(family, text, binary) == 1);
  CHECK(inet_ntop(family, binary, again, sizeof again) && same(text, again));
}

/* Checks that only small values have names, and for flags only single bits. */
static void check_constant(chrony_session *s, int field, chrony_field_content content, uint64_t value) {
  const char *const name = chrony_get_field_constant_name(s, field, value);

  if (!name)
    return;
  check_text(name);
  CHECK(content == CHRONY_CONTENT_ENUM || content == CHRONY_CONTENT_FLAGS);
  CHECK(value <= UINT16_MAX);
  CHECK(content == CHRONY_CONTENT_ENUM || (value != 0 && (value & (value - 1)) == 0));
}

static void check_constants(chrony_session *s, int field, const struct reading *r, uint64_t any) {
  const uint64_t high_bit = UINT64_C(1) << (16 + any % 48);

  check_constant(s, field, r->content, any);
  check_constant(s, field, r->content, high_bit);
  if (r->content == CHRONY_CONTENT_FLAGS) {
    for (unsigned bit = 0; bit < 16; bit++)
      check_constant(s, field, r->content, UINT64_C(1) << bit);
  } else if (r->type == CHRONY_TYPE_UINTEGER) {
    check_constant(s, field, r->content, r->value.uinteger);
    check_constant(s, field, r->content, r->value.uinteger | high_bit);
  }
}

static void check_field(chrony_session *s, int field, uint64_t any) {
  const struct reading r = read_field(s, field);

  check_text(r.name);
  CHECK(r.type > CHRONY_TYPE_NONE && r.type <= CHRONY_TYPE_STRING);
  CHECK(r.content >= CHRONY_CONTENT_NONE && r.content <= CHRONY_CONTENT_BOOLEAN);
  if (r.type == CHRONY_TYPE_STRING && same(r.name, "name")) {
    CHECK(r.content == CHRONY_CONTENT_NONE && r.value.string);
    CHECK(strnlen(r.value.string, NAME_SIZE) < NAME_SIZE);
  } else if (r.type == CHRONY_TYPE_STRING) {
    CHECK(r.content == (r.value.string ? CHRONY_CONTENT_ADDRESS : CHRONY_CONTENT_NONE));
    if (r.value.string)
      check_address(r.value.string);
  }
  check_constants(s, field, &r, any);
  check_getters(s, field);
}

/* A text stays valid until the next request: reading one text must not change another. */
struct held {
  const char *text;
  char copy[NAME_SIZE];
};

static void hold_texts(chrony_session *s, int fields, struct held held[MAX_FIELDS]) {
  for (int i = 0; i < fields; i++) {
    held[i].text = chrony_get_field_string(s, i);
    if (held[i].text)
      memcpy(held[i].copy, held[i].text, strnlen(held[i].text, NAME_SIZE - 1) + 1);
  }
}

void check_record(chrony_session *s, int fields) {
  uint64_t any = digest_record(s);
  struct held held[MAX_FIELDS];

  check_out_of_range(s, fields);
  hold_texts(s, fields, held);
  for (int i = 0; i < fields; i++) {
    any = any * UINT64_C(6364136223846793005) + 1442695040888963407;
    check_field(s, i, any >> any % 64);
  }
  for (int i = 0; i < fields; i++)
    CHECK(!held[i].text || strncmp(held[i].text, held[i].copy, NAME_SIZE) == 0);
}

/* FNV-1a over words. */
static uint64_t mix(uint64_t digest, uint64_t value) {
  return (digest ^ value) * UINT64_C(0x100000001b3);
}

static uint64_t mix_text(uint64_t digest, const char *text) {
  if (!text)
    return mix(digest, 0x100);
  for (; *text != '\0'; text++)
    digest = mix(digest, (uint8_t)*text);
  return mix(digest, 0);
}

static uint64_t mix_field(uint64_t digest, const struct reading *r) {
  uint64_t bits;

  digest = mix_text(mix(mix(digest, r->type), r->content), r->name);
  switch (r->type) {
  case CHRONY_TYPE_STRING:
    return mix_text(digest, r->value.string);
  case CHRONY_TYPE_TIMESPEC:
    return mix(mix(digest, (uint64_t)r->value.time.tv_sec), (uint64_t)r->value.time.tv_nsec);
  default:
    /* The other types have 64 bits each. */
    memcpy(&bits, &r->value, sizeof bits);
    return mix(digest, bits);
  }
}

uint64_t digest_record(chrony_session *s) {
  const int fields = chrony_get_record_number_fields(s);
  uint64_t digest = mix(UINT64_C(0xcbf29ce484222325), (uint64_t)fields);

  for (int i = 0; i < fields; i++) {
    const struct reading r = read_field(s, i);

    digest = mix_field(digest, &r);
  }
  return digest;
}
