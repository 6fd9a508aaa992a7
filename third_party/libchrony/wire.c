#include "wire.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

/* For functions with several callers: inlining them would make the binary larger. */
#define NOINLINE __attribute__((noinline))

uint16_t chronyi_get16(const uint8_t *p) {
  return (uint16_t)(p[0] << 8 | p[1]);
}

uint32_t chronyi_get32(const uint8_t *p) {
  return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

uint64_t chronyi_get64(const uint8_t *p) {
  return (uint64_t)chronyi_get32(p) << 32 | chronyi_get32(p + 4);
}

void chronyi_put16(uint8_t *p, uint16_t value) {
  p[0] = (uint8_t)(value >> 8);
  p[1] = (uint8_t)value;
}

void chronyi_put32(uint8_t *p, uint32_t value) {
  chronyi_put16(p, (uint16_t)(value >> 16));
  chronyi_put16(p + 2, (uint16_t)value);
}

int32_t chronyi_sign_extend(uint32_t value, unsigned bits) {
  const uint32_t sign = UINT32_C(1) << (bits - 1);

  value &= (sign << 1) - 1;
  return (int32_t)(value & (sign - 1)) - (int32_t)(value & sign);
}

double chronyi_get_float(const uint8_t *p) {
  enum { COEFFICIENT_BITS = 25, EXPONENT_BITS = 7 };
  const uint32_t bits = chronyi_get32(p);
  const int32_t exponent = chronyi_sign_extend(bits >> COEFFICIENT_BITS, EXPONENT_BITS);
  const int32_t coefficient = chronyi_sign_extend(bits, COEFFICIENT_BITS);

  return ldexp(coefficient, exponent - COEFFICIENT_BITS);
}

struct timespec chronyi_get_timespec(const uint8_t *p) {
  /* A server with a 32-bit time_t sends this as the upper half. */
  const uint32_t no_high_word = 0x7fffffff;
  const uint32_t high = chronyi_get32(p);
  const uint32_t low = chronyi_get32(p + 4);
  const uint32_t nanoseconds = chronyi_get32(p + 8);
  const uint64_t seconds = (uint64_t)(high == no_high_word ? 0 : high) << 32 | low;
  struct timespec time;

  time.tv_sec = (time_t)seconds;
  time.tv_nsec = nanoseconds > 999999999 ? 999999999 : (long)nanoseconds;
  return time;
}

enum family { FAMILY_UNSPECIFIED = 0, FAMILY_IPV4 = 1, FAMILY_IPV6 = 2, FAMILY_ID = 3 };

static uint16_t family_of(const uint8_t *address) {
  return chronyi_get16(address + 16);
}

bool chronyi_is_address(const uint8_t *p) {
  const uint16_t family = family_of(p);

  return family == FAMILY_IPV4 || family == FAMILY_IPV6 || family == FAMILY_ID;
}

/* The put functions write at p, and return a pointer to the byte after the written text. */

/* Writes at least `width` digits, padded with zeros. */
static char *put_decimal(char *p, uint32_t value, int width) {
  char digits[10];
  int n = 0;

  do {
    digits[n++] = (char)('0' + value % 10);
    value /= 10;
  } while (value > 0 || n < width);
  while (n > 0)
    *p++ = digits[--n];
  return p;
}

static char *put_hex(char *p, uint16_t value) {
  int shift = 12;

  while (shift > 0 && value >> shift == 0)
    shift -= 4;
  for (; shift >= 0; shift -= 4)
    *p++ = "0123456789abcdef"[value >> shift & 15];
  return p;
}

static char *put_ipv4(char *p, const uint8_t *bytes) {
  for (int i = 0; i < 4; i++) {
    if (i > 0)
      *p++ = '.';
    p = put_decimal(p, bytes[i], 1);
  }
  return p;
}

/* RFC 5952: "::" replaces the longest run of two or more zero words, or the first of several equally long runs. */
static char *put_ipv6(char *p, const uint8_t *bytes) {
  enum { WORDS = 8 };
  uint16_t words[WORDS];
  int run_start = -1, run_length = 1;

  for (int i = 0; i < WORDS; i++)
    words[i] = chronyi_get16(bytes + 2 * i);
  for (int i = 0; i < WORDS; i++) {
    int n = 0;

    while (i + n < WORDS && words[i + n] == 0)
      n++;
    if (n > run_length) {
      run_start = i;
      run_length = n;
    }
  }

  for (int i = 0; i < WORDS; i++) {
    if (i == run_start) {
      *p++ = ':';
      i += run_length - 1;
      if (i == WORDS - 1)
        *p++ = ':';
      continue;
    }
    if (i > 0)
      *p++ = ':';
    /* ::192.0.2.1 and ::ffff:192.0.2.1, as inet_ntop() writes them */
    if (i == 6 && run_start == 0 && (run_length == 6 || (run_length == 5 && words[5] == 0xffff)))
      return put_ipv4(p, bytes + 12);
    p = put_hex(p, words[i]);
  }
  return p;
}

static char *put_id(char *p, uint32_t id) {
  *p++ = 'I';
  *p++ = 'D';
  *p++ = '#';
  return put_decimal(p, id, 10);
}

const char *chronyi_format_address(const uint8_t *p, char text[WIRE_ADDRESS_TEXT_SIZE]) {
  char *end;

  switch (family_of(p)) {
  case FAMILY_IPV4:
    end = put_ipv4(text, p);
    break;
  case FAMILY_IPV6:
    end = put_ipv6(text, p);
    break;
  case FAMILY_ID:
    end = put_id(text, chronyi_get32(p));
    break;
  default:
    return NULL;
  }
  *end = '\0';
  return text;
}

/* The read functions parse at *p, and advance it past the parsed text. */

/* The value of a hexadecimal digit; 16 for any other character. */
static unsigned digit_value(char c) {
  const unsigned decimal = (unsigned)c - '0';
  const unsigned letter = ((unsigned)c | 0x20) - 'a';

  return decimal < 10 ? decimal : letter < 6 ? letter + 10 : 16;
}

/* Reads a number of at most `max_digits` digits in base 10 or 16. Returns -1 if there is no digit. */
NOINLINE static int64_t read_number(const char **p, unsigned base, int max_digits) {
  int64_t value = 0;
  int n = 0;

  for (; n < max_digits && digit_value(**p) < base; n++, ++*p)
    value = value * base + digit_value(**p);
  return n > 0 ? value : -1;
}

NOINLINE static bool read_ipv4(const char **p, uint8_t bytes[4]) {
  for (int i = 0; i < 4; i++) {
    const char *first;
    int64_t value;

    if (i > 0 && *(*p)++ != '.')
      return false;
    first = *p;
    value = read_number(p, 10, 3);
    /* no leading zeros, which are ambiguous: some programs read 010 as 8, others as 10 */
    if (value < 0 || value > 255 || (*first == '0' && *p > first + 1))
      return false;
    bytes[i] = (uint8_t)value;
  }
  return true;
}

static bool read_ipv6(const char **p, uint8_t bytes[16]) {
  enum { LENGTH = 16 };
  /* the number of bytes read, and the number of bytes before "::" */
  int n = 0, gap = -1;

  do {
    const char *dotted;
    int64_t word;

    if (gap < 0 && (*p)[0] == ':' && (*p)[1] == ':') {
      gap = n;
      *p += 2;
      if (**p == '\0')
        break;
    } else if (n > 0 && *(*p)++ != ':') {
      return false;
    }
    dotted = *p;
    if (n <= LENGTH - 4 && read_ipv4(&dotted, bytes + n)) {
      *p = dotted;
      n += 4;
      break;
    }
    word = read_number(p, 16, 4);
    if (word < 0)
      return false;
    chronyi_put16(bytes + n, (uint16_t)word);
    n += 2;
  } while (n < LENGTH && **p != '\0');

  if (gap < 0)
    return n == LENGTH;
  /* move the bytes after the gap to the end, and fill the gap with zeros */
  for (int i = 1; i <= n - gap; i++)
    bytes[LENGTH - i] = bytes[n - i];
  for (int i = gap; i < LENGTH - (n - gap); i++)
    bytes[i] = 0;
  return n < LENGTH;
}

bool chronyi_parse_address(const char *text, uint8_t bytes[WIRE_ADDRESS_LENGTH]) {
  const char *p = text;
  enum family family = FAMILY_IPV4;

  memset(bytes, 0, WIRE_ADDRESS_LENGTH);
  if (text[0] == 'I' && text[1] == 'D' && text[2] == '#') {
    int64_t id;

    p += 3;
    id = read_number(&p, 10, 10);
    if (id < 0 || id > UINT32_MAX)
      return false;
    chronyi_put32(bytes, (uint32_t)id);
    family = FAMILY_ID;
  } else if (!read_ipv4(&p, bytes) || *p != '\0') {
    p = text;
    if (!read_ipv6(&p, bytes))
      return false;
    family = FAMILY_IPV6;
  }
  chronyi_put16(bytes + 16, (uint16_t)family);
  return *p == '\0';
}
