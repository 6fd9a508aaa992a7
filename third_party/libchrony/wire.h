/* The encoding of numbers, times and addresses in chronyd's control protocol: big-endian, unaligned. */
#ifndef CHRONYI_WIRE_H
#define CHRONYI_WIRE_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#define WIRE_ADDRESS_LENGTH 20

/* The longest address as text, with its NUL: IPv6 that ends in a dotted IPv4 address. */
#define WIRE_ADDRESS_TEXT_SIZE 46

uint16_t chronyi_get16(const uint8_t *p);
uint32_t chronyi_get32(const uint8_t *p);
uint64_t chronyi_get64(const uint8_t *p);
void chronyi_put16(uint8_t *p, uint16_t value);
void chronyi_put32(uint8_t *p, uint32_t value);

/* Interprets the lowest `bits` bits of value as two's complement. */
int32_t chronyi_sign_extend(uint32_t value, unsigned bits);

/* Decodes 4 bytes in chrony's own floating-point format. The result is always finite. */
double chronyi_get_float(const uint8_t *p);

/* Decodes a time of 12 bytes. Nanoseconds are clamped to 999999999. */
struct timespec chronyi_get_timespec(const uint8_t *p);

/* True if the 20 bytes at p are an address of a known family. */
bool chronyi_is_address(const uint8_t *p);

/* Formats the address at p as text. Returns `text`, or NULL if chronyi_is_address returns false. */
const char *chronyi_format_address(const uint8_t *p, char text[WIRE_ADDRESS_TEXT_SIZE]);

/*
 * Parses an address in the format of chronyi_format_address. Also accepts the other forms of an IPv6 address in RFC
 * 4291, without a zone, and an ID with fewer digits. Returns false for any other text; `bytes` is then undefined.
 */
bool chronyi_parse_address(const char *text, uint8_t bytes[WIRE_ADDRESS_LENGTH]);

#endif
