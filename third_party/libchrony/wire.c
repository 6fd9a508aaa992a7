#include "wire.h"

#include <math.h>
#include <stddef.h>

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
  /* What a server with a 32-bit time_t sends as the upper half. */
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

/* The functions below write at p and return the place after what they wrote. */

/* At least `width` digits, zero-filled. */
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

/* RFC 5952: the longest run of two or more zero words is "::", the first of equal ones. */
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

/* The functions below read at *p, and move it behind what they read. They return false if it is not there. */

/* A decimal number of at most `max_digits` digits. */
static bool read_decimal(const char **p, int max_digits, uint32_t max, uint32_t *value) {
  uint64_t v = 0;
  int n = 0;

  for (; n < max_digits && **p >= '0' && **p <= '9'; n++, ++*p)
    v = v * 10 + (uint64_t)(**p - '0');
  *value = (uint32_t)v;
  return n > 0 && v <= max;
}

static bool read_ipv4(const char **p, uint8_t bytes[4]) {
  for (int i = 0; i < 4; i++) {
    const char *const first = *p + (i > 0);
    uint32_t value;

    if (i > 0 && *(*p)++ != '.')
      return false;
    if (!read_decimal(p, 3, 255, &value))
      return false;
    /* 010 is 8 for some programs and 10 for others */
    if (*first == '0' && *p > first + 1)
      return false;
    bytes[i] = (uint8_t)value;
  }
  return true;
}

static int hex_digit(char c) {
  if (c >= '0' && c <= '9')
    return c - '0';
  if (c >= 'a' && c <= 'f')
    return c - 'a' + 10;
  if (c >= 'A' && c <= 'F')
    return c - 'A' + 10;
  return -1;
}

static bool read_hex(const char **p, uint16_t *value) {
  unsigned v = 0;
  int n = 0;

  for (; n < 4 && hex_digit(**p) >= 0; n++, ++*p)
    v = v << 4 | (unsigned)hex_digit(**p);
  *value = (uint16_t)v;
  return n > 0;
}

static bool read_ipv6(const char **p, uint8_t bytes[16]) {
  enum { WORDS = 8 };
  uint8_t read[16] = {0};
  int n = 0, gap = -1;

  while (n < WORDS) {
    const char *const word = *p;
    const char *dotted = word;
    uint16_t value;

    if (gap < 0 && word[0] == ':' && word[1] == ':') {
      gap = n;
      *p += 2;
      if (hex_digit(**p) < 0)
        break;
      continue;
    }
    /* a colon comes between two words, and a gap is one by itself */
    if (n > 0 && gap != n && *(*p)++ != ':')
      return false;
    dotted = *p;
    if (n <= WORDS - 2 && read_ipv4(&dotted, read + 2 * n)) {
      *p = dotted;
      n += 2;
      break;
    }
    if (!read_hex(p, &value))
      return false;
    chronyi_put16(read + 2 * n++, value);
    if (**p == '\0')
      break;
  }
  if (gap < 0 ? n != WORDS : n >= WORDS)
    return false;
  for (int i = 0; i < 16; i++)
    bytes[i] = 0;
  for (int i = 0; i < 2 * n; i++) {
    const bool after_gap = gap >= 0 && i >= 2 * gap;

    bytes[after_gap ? 16 - 2 * n + i : i] = read[i];
  }
  return true;
}

bool chronyi_parse_address(const char *text, uint8_t bytes[WIRE_ADDRESS_LENGTH]) {
  const char *p = text;
  enum family family;
  uint32_t id;

  for (int i = 0; i < WIRE_ADDRESS_LENGTH; i++)
    bytes[i] = 0;
  if (text[0] == 'I' && text[1] == 'D' && text[2] == '#') {
    p += 3;
    if (!read_decimal(&p, 10, UINT32_MAX, &id))
      return false;
    chronyi_put32(bytes, id);
    family = FAMILY_ID;
  } else if (read_ipv4(&p, bytes) && *p == '\0') {
    family = FAMILY_IPV4;
  } else {
    p = text;
    if (!read_ipv6(&p, bytes))
      return false;
    family = FAMILY_IPV6;
  }
  chronyi_put16(bytes + 16, (uint16_t)family);
  return *p == '\0';
}
