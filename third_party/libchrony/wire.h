/* How chronyd's control protocol writes numbers, times and addresses: big-endian, unaligned. */
#ifndef CHRONYI_WIRE_H
#define CHRONYI_WIRE_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#define WIRE_ADDRESS_LENGTH 20

/* Room for any address as text: an IPv6 one with a dotted tail, and the NUL. */
#define WIRE_ADDRESS_TEXT_SIZE 46

uint16_t chronyi_get16(const uint8_t *p);
uint32_t chronyi_get32(const uint8_t *p);
uint64_t chronyi_get64(const uint8_t *p);
void chronyi_put16(uint8_t *p, uint16_t value);
void chronyi_put32(uint8_t *p, uint32_t value);

/* The lowest `bits` bits of value, as two's complement. */
int32_t chronyi_sign_extend(uint32_t value, unsigned bits);

/* 4 bytes: chrony's own floating-point number. Always finite. */
double chronyi_get_float(const uint8_t *p);

/* 12 bytes: a time; nanoseconds clamped to 999999999. */
struct timespec chronyi_get_timespec(const uint8_t *p);

/* True if the 20 bytes at p hold an address of a kind that is known here. */
bool chronyi_is_address(const uint8_t *p);

/* Writes the address at p as text. Returns text, or NULL if chronyi_is_address says no. */
const char *chronyi_format_address(const uint8_t *p, char text[WIRE_ADDRESS_TEXT_SIZE]);

/*
 * Reads an address as chronyi_format_address writes it; an IPv6 address also in any other form of RFC 4291, without a
 * zone; an ID also with fewer digits. Returns false, and leaves `bytes` undefined, for any other text.
 */
bool chronyi_parse_address(const char *text, uint8_t bytes[WIRE_ADDRESS_LENGTH]);

#endif
