/* Tests numbers, times and addresses on the wire against values calculated by hand, and against inet_ntop() and inet_pton(). */
#define _DEFAULT_SOURCE

#include "wire.h"

#include <arpa/inet.h>
#include <math.h>

#include "check.h"

enum { IPV4 = 1, IPV6 = 2, ID = 3, RANDOM_ADDRESSES = 200000 };

static void test_integers(void) {
  static const uint8_t bytes[] = {0x81, 0x02, 0x83, 0x04, 0x85, 0x06, 0x87, 0x08};
  uint8_t written[4];

  CHECK(chronyi_get16(bytes) == 0x8102);
  CHECK(chronyi_get32(bytes) == 0x81028304);
  CHECK(chronyi_get32(bytes + 1) == 0x02830485);
  CHECK(chronyi_get64(bytes) == UINT64_C(0x8102830485068708));
  chronyi_put16(written, 0x8102);
  chronyi_put16(written + 2, 0x8304);
  CHECK(memcmp(written, bytes, 4) == 0);
  chronyi_put32(written, 0x81028304);
  CHECK(memcmp(written, bytes, 4) == 0);

  CHECK(chronyi_sign_extend(0x7f, 8) == 127 && chronyi_sign_extend(0x80, 8) == -128);
  CHECK(chronyi_sign_extend(0xff, 8) == -1 && chronyi_sign_extend(0xffffff01, 8) == 1);
  CHECK(chronyi_sign_extend(0xfffe, 16) == -2 && chronyi_sign_extend(0x8000, 16) == -32768);
}

static double chrony_float(int exponent, int32_t coefficient) {
  uint8_t bytes[4];

  chronyi_put32(bytes, (uint32_t)exponent << 25 | ((uint32_t)coefficient & 0x1ffffff));
  return chronyi_get_float(bytes);
}

static void test_floats(void) {
  const int32_t lowest = -(1 << 24), highest = (1 << 24) - 1;

  CHECK(chrony_float(0, 0) == 0.0 && !signbit(chrony_float(0, 0)));
  CHECK(chrony_float(63, 0) == 0.0);
  CHECK(chrony_float(1, 1 << 24) == -1.0); /* The coefficient's top bit is its sign. */
  CHECK(chrony_float(2, 1 << 23) == 1.0);
  CHECK(chrony_float(2, -(1 << 23)) == -1.0);
  CHECK(chrony_float(1, 1 << 23) == 0.5);
  CHECK(chrony_float(3, 3 << 22) == 3.0);
  CHECK(chrony_float(25, 12345) == 12345.0);
  CHECK(chrony_float(0, 1) == 0x1p-25);
  CHECK(chrony_float(-64, 1) == 0x1p-89);
  CHECK(chrony_float(-64, -1) == -0x1p-89);
  CHECK(chrony_float(63, highest) == 16777215.0 * 0x1p38);
  CHECK(chrony_float(63, lowest) == -0x1p62);
  for (int exponent = -64; exponent < 64; exponent++) {
    CHECK(chrony_float(exponent, 3) == 3.0 * pow(2, exponent - 25));
    CHECK(chrony_float(exponent, lowest) == -pow(2, exponent - 1));
    CHECK(isfinite(chrony_float(exponent, highest)));
  }
}

static bool is_time(uint32_t high, uint32_t low, uint32_t nanoseconds, int64_t expected, long expected_ns) {
  uint8_t bytes[12];
  struct timespec time;

  chronyi_put32(bytes, high);
  chronyi_put32(bytes + 4, low);
  chronyi_put32(bytes + 8, nanoseconds);
  time = chronyi_get_timespec(bytes);
  return time.tv_sec == expected && time.tv_nsec == expected_ns;
}

static void test_times(void) {
  CHECK(is_time(0, 0, 0, 0, 0));
  CHECK(is_time(0, 1700000000, 123456789, 1700000000, 123456789));
  CHECK(is_time(0, 0x80000000, 999999999, INT64_C(0x80000000), 999999999)); /* 2038 */
  CHECK(is_time(0, 0xffffffff, 1000000000, INT64_C(0xffffffff), 999999999));
  CHECK(is_time(1, 0, 0xffffffff, INT64_C(0x100000000), 999999999)); /* 2106 */
  CHECK(is_time(0x7fffffff, 1700000000, 5, 1700000000, 5));
  CHECK(is_time(0x7fffffff, 0xffffffff, 5, INT64_C(0xffffffff), 5));
  CHECK(is_time(0x7ffffffe, 0, 0, INT64_C(0x7ffffffe00000000), 0));
  CHECK(is_time(0xffffffff, 0xffffffff, 0, -1, 0));
}

static void make_address(uint8_t *p, int family, const uint8_t *bytes) {
  memcpy(p, bytes, 16);
  chronyi_put16(p + 16, (uint16_t)family);
  chronyi_put16(p + 18, 0xabcd);
}

static const char *format(int family, const uint8_t *bytes, char *text) {
  uint8_t address[WIRE_ADDRESS_LENGTH];

  make_address(address, family, bytes);
  return chronyi_format_address(address, text);
}

static void test_against_libc(const uint8_t *bytes) {
  char ours[WIRE_ADDRESS_TEXT_SIZE], theirs[INET6_ADDRSTRLEN];

  CHECK(same(format(IPV6, bytes, ours), inet_ntop(AF_INET6, bytes, theirs, sizeof theirs)));
  CHECK(same(format(IPV4, bytes, ours), inet_ntop(AF_INET, bytes, theirs, sizeof theirs)));
}

static uint32_t next_random(void) {
  static uint32_t state = 2463534242u;

  state ^= state << 13;
  state ^= state >> 17;
  state ^= state << 5;
  return state;
}

static void test_round_trip(int family, const uint8_t *bytes);
static void test_parse(const char *text);

/* Random words that are often zero, sometimes small or all ones, to get zero runs of every length at every position. */
static void test_random_addresses(void) {
  for (int i = 0; i < RANDOM_ADDRESSES; i++) {
    uint8_t bytes[16];
    const uint32_t zero = next_random();

    for (int word = 0; word < 8; word++) {
      const uint16_t value = (uint16_t)(next_random() >> (next_random() & 15));

      chronyi_put16(bytes + 2 * word, zero >> word & 1 ? 0 : zero >> (word + 8) & 1 ? 0xffff : value);
    }
    test_against_libc(bytes);
    test_round_trip(IPV4, bytes);
    test_round_trip(IPV6, bytes);
    test_round_trip(ID, bytes);
  }
}

static void test_edge_addresses(void) {
  static const char *const edges[] = {
      "::",        "::1",          "1::",           "::ffff",           "::1:0",         "::ffff:0",
      "::ffff:0:0", "::0.0.0.1",   "::0.1.0.0",     "::192.0.2.1",      "::ffff:192.0.2.1",
      "::fffe:192.0.2.1",          "::ffff:0:192.0.2.1",                "64:ff9b::192.0.2.1",
      "1:0:0:2::", "1::2:0:0:3",   "0:1::2:0:0",    "0:0:1::",          "1:0:2:0:3:0:4:0", "0:1:0:1:0:1:0:1",
      "fe80::1",   "2001:db8::1",  "2001:db8:0:1:1:1:1:1",              "1:2:3:4:5:6:7:8", "1:2:3:4:5:6::",
      "::2:3:4:5:6:7:8",           "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
      "ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255"};

  for (size_t i = 0; i < sizeof edges / sizeof edges[0]; i++) {
    uint8_t bytes[16];

    CHECK(inet_pton(AF_INET6, edges[i], bytes) == 1);
    test_against_libc(bytes);
    test_round_trip(IPV6, bytes);
    test_parse(edges[i]);
  }
}

/* Checks that chronyi_parse_address returns the bytes that were given to chronyi_format_address, with zeros as padding. */
static void test_round_trip(int family, const uint8_t *bytes) {
  static const uint8_t zeros[WIRE_ADDRESS_LENGTH];
  const size_t length = family == IPV6 ? 16 : 4;
  uint8_t parsed[WIRE_ADDRESS_LENGTH];
  char text[WIRE_ADDRESS_TEXT_SIZE];

  memset(parsed, 0xaa, sizeof parsed);
  CHECK(chronyi_parse_address(format(family, bytes, text), parsed));
  CHECK(memcmp(parsed, bytes, length) == 0 && memcmp(parsed + length, zeros, 16 - length) == 0);
  CHECK(chronyi_get16(parsed + 16) == family && chronyi_get16(parsed + 18) == 0);
}

/*
 * Checks that chronyi_parse_address accepts the same texts as inet_pton(), and gives the same address. Only IDs are additional:
 * there are no other intended differences.
 */
static void test_parse(const char *text) {
  uint8_t parsed[WIRE_ADDRESS_LENGTH], theirs[16];
  const bool ok = chronyi_parse_address(text, parsed);

  if (strncmp(text, "ID#", 3) == 0)
    return;
  if (inet_pton(AF_INET, text, theirs) == 1)
    CHECK(ok && chronyi_get16(parsed + 16) == IPV4 && memcmp(parsed, theirs, 4) == 0);
  else if (inet_pton(AF_INET6, text, theirs) == 1)
    CHECK(ok && chronyi_get16(parsed + 16) == IPV6 && memcmp(parsed, theirs, 16) == 0);
  else
    CHECK(!ok);
}

/* Tests a copy of exactly the text's size, so that the sanitizer detects a read beyond its end. */
static void test_parse_exactly(const char *text) {
  const size_t size = strlen(text) + 1;
  char *const copy = malloc(size);

  CHECK(copy);
  memcpy(copy, text, size);
  test_parse(copy);
  free(copy);
}

/* Tests variants of a text: with a character added, removed or replaced at each position, and cut at each position. */
static void test_parse_around(const char *text) {
  static const char others[] = ":.0123456789afgAFG#IDx %/[]-+\n\t@`{\x7f\x80\xff";
  const size_t length = strlen(text);
  char changed[64];

  CHECK(length + 2 < sizeof changed);
  test_parse_exactly(text);
  for (size_t at = 0; at <= length; at++) {
    memcpy(changed, text, at);
    strcpy(changed + at, text + at + (at < length ? 1 : 0));
    test_parse_exactly(changed);
    changed[at] = '\0';
    test_parse_exactly(changed);
    for (size_t i = 0; i < sizeof others - 1; i++) {
      changed[at] = others[i];
      strcpy(changed + at + 1, text + at);
      test_parse_exactly(changed);
      if (at < length)
        strcpy(changed + at + 1, text + at + 1);
      test_parse_exactly(changed);
    }
  }
}

static void test_parsed_addresses(void) {
  static const char *const texts[] = {
      "",         "0.0.0.0",      "255.255.255.255", "256.1.1.1",     "1.2.3",         "1.2.3.4.5",       "01.2.3.4",
      "1.2.3.00", "1..2.3",       ".1.2.3",          "1.2.3.",        "1.2.3.1234",    "0x1.2.3.4",       "1.2.3.4 ",
      ":",        "::",           ":::",             "::::",          "1:::2",         "1::2::3",         ":1",
      "1:",       "::1:",         ":1::",            "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8:9",
      "1:2:3:4:5:6:7::",          "::2:3:4:5:6:7:8", "1::2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8::", "::1:2:3:4:5:6:7:8",
      "1:2:3::4:5:6:7",           "12345::",         "::12345",       "::g",           "::00001",         "::0001",
      "ABCD:EF01::abcd:ef01",     "fe80::1%lo",      "[::1]",         "::1/64",        "::1.2.3.4",       "1.2.3.4::",
      "::1.2.3.4:5",              "::1.2.3.04",      "::1.2.3.256",   "::1.2.3",       "1:2:3:4:5:6:1.2.3.4",
      "1:2:3:4:5:1.2.3.4",        "1:2:3:4:5:6:7:1.2.3.4",            "1::5:1.2.3.4",  "1:2:3:4:5::1.2.3.4",
      "1:2:3:4:5:6::1.2.3.4",     "::ffff:255.255.255.255",           "64:ff9b::192.0.2.1"};
  char longest[1000];

  for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
    test_parse_around(texts[i]);
  for (size_t length = 1; length < sizeof longest; length++) {
    memset(longest, "1:.0fI"[length % 6], length);
    longest[length] = '\0';
    test_parse_exactly(longest);
  }
}

/* Tests random sequences of words, dots and colons. */
static void test_random_texts(void) {
  static const char *const parts[] = {":", ":", ":", ".", ".", "::", "0", "1", "10", "255", "256", "ffff", "a", "12345",
                                      "1.2.3.4", "1:2:3", "::1"};

  for (int i = 0; i < RANDOM_ADDRESSES; i++) {
    char text[200] = "";

    for (uint32_t n = next_random() % 18; n > 0; n--)
      strcat(text, parts[next_random() % (sizeof parts / sizeof parts[0])]);
    test_parse(text);
  }
}

static void test_ids(void) {
  static const struct {
    const char *text;
    int64_t id; /* -1: none */
  } ids[] = {{"ID#0000000000", 0},  {"ID#0000000007", 7},   {"ID#4294967295", 4294967295}, {"ID#4294967296", -1},
             {"ID#9999999999", -1}, {"ID#00000000001", -1}, {"ID#7", 7},                   {"ID#", -1},
             {"ID#-1", -1},         {"ID#+1", -1},          {"ID# 1", -1},                 {"ID#1 ", -1},
             {"ID#1a", -1},         {"ID#a", -1},           {"id#1", -1},                  {"ID", -1},
             {"I", -1},             {"ID#1.2.3.4", -1},     {"ID#::", -1}};

  for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++) {
    uint8_t parsed[WIRE_ADDRESS_LENGTH];

    test_parse_exactly(ids[i].text);
    CHECK(chronyi_parse_address(ids[i].text, parsed) == (ids[i].id >= 0));
    CHECK(ids[i].id < 0 || (chronyi_get32(parsed) == ids[i].id && chronyi_get16(parsed + 16) == ID));
  }
}

static void test_other_addresses(void) {
  static const uint8_t seven[16] = {0, 0, 0, 7}, ones[16] = {255, 255, 255, 255, 255};
  char text[WIRE_ADDRESS_TEXT_SIZE];

  CHECK(same(format(ID, seven, text), "ID#0000000007"));
  CHECK(same(format(ID, ones, text), "ID#4294967295"));
  for (int family = 0; family <= 0xffff; family++) {
    uint8_t address[WIRE_ADDRESS_LENGTH];
    const bool known = family == IPV4 || family == IPV6 || family == ID;

    make_address(address, family, seven);
    CHECK(chronyi_is_address(address) == known);
    CHECK((chronyi_format_address(address, text) != NULL) == known);
  }
}

void test_wire(void) {
  test_integers();
  test_floats();
  test_times();
  test_edge_addresses();
  test_random_addresses();
  test_other_addresses();
  test_parsed_addresses();
  test_random_texts();
  test_ids();
}
