/* Helpers that the C tests share. */
#ifndef CHECK_H
#define CHECK_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Prints the failed condition and aborts the program, as the sanitizers do. */
#define CHECK(condition) \
  do { \
    if (!(condition)) { \
      fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition); \
      abort(); \
    } \
  } while (0)

/* True if both texts are equal, or both are NULL. */
static inline bool same(const char *a, const char *b) {
  return a && b ? strcmp(a, b) == 0 : a == b;
}

void test_tables(void);
void test_wire(void);
void test_session(void);

#endif
