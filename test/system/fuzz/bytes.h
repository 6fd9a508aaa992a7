/* A fuzzer input, read from its beginning. Reads past its end give zeros. */
#ifndef BYTES_H
#define BYTES_H

#include <stdint.h>
#include <string.h>

struct bytes {
  const uint8_t *next;
  size_t left;
};

static inline uint8_t take8(struct bytes *b) {
  if (b->left == 0)
    return 0;
  b->left--;
  return *b->next++;
}

static inline uint16_t take16(struct bytes *b) {
  const uint8_t high = take8(b);

  return (uint16_t)(high << 8 | take8(b));
}

static inline uint32_t take32(struct bytes *b) {
  const uint16_t high = take16(b);

  return (uint32_t)high << 16 | take16(b);
}

/* A number that is mostly small: one byte, or 255 and two more bytes. */
static inline uint16_t take_small(struct bytes *b) {
  const uint8_t small = take8(b);

  return small == 0xff ? take16(b) : small;
}

/* The maximum number of bytes taken at once: no reply has a longer body. */
enum { MAX_TAKEN = 500 };

/* Takes a length and that many bytes, or as many as are left. Returns their number. */
static inline size_t take_some(struct bytes *b, uint8_t to[MAX_TAKEN]) {
  const size_t said = take_small(b);
  const size_t wanted = said < MAX_TAKEN ? said : MAX_TAKEN;
  const size_t length = wanted < b->left ? wanted : b->left;

  if (length > 0)
    memcpy(to, b->next, length);
  b->next += length;
  b->left -= length;
  return length;
}

#endif
