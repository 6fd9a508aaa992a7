#define _DEFAULT_SOURCE

#include "fakes.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "check.h"

/* Offsets in both headers, in a request's header, and in a reply's header. */
enum { CODE = 4, REQUEST_SEQUENCE = 8, REPLY_CODE = 6, STATUS = 8, REPLY_SEQUENCE = 16, SEQUENCE_LENGTH = 4 };

struct fake_socket fake_sockets[FAKE_SOCKETS];
struct fake_failures fake_failures;
static uint32_t entropy_calls;

/* The linker makes the core call the first of these functions instead of calloc(); the second is the real calloc() (--wrap). */
void *__wrap_calloc(size_t number, size_t size);
void *__real_calloc(size_t number, size_t size);

static bool take(bool *flag) {
  const bool was = *flag;

  *flag = false;
  return was;
}

/* True if the call must fail; sets errno. */
static bool take_error(int *error) {
  if (*error == 0)
    return false;
  errno = *error;
  *error = 0;
  return true;
}

void fake_reset(void) {
  memset(fake_sockets, 0, sizeof fake_sockets);
  memset(&fake_failures, 0, sizeof fake_failures);
  entropy_calls = 0;
}

void *__wrap_calloc(size_t number, size_t size) {
  return take(&fake_failures.no_memory) ? NULL : __real_calloc(number, size);
}

int getentropy(void *bytes, size_t length) {
  const uint32_t number = ++entropy_calls * 0x9e3779b1u;

  CHECK(length == sizeof number);
  if (take_error(&fake_failures.entropy))
    return -1;
  for (size_t i = 0; i < length; i++)
    ((uint8_t *)bytes)[i] = (uint8_t)(number >> (24 - 8 * i));
  return 0;
}

static struct fake_socket *socket_of(int fd, int flags) {
  CHECK(fd >= 0 && fd < FAKE_SOCKETS && flags == 0);
  return &fake_sockets[fd];
}

ssize_t send(int fd, const void *bytes, size_t length, int flags) {
  struct fake_socket *const s = socket_of(fd, flags);

  CHECK(length <= sizeof s->request);
  if (take_error(&fake_failures.send))
    return -1;
  memset(s->request, 0, sizeof s->request);
  memcpy(s->request, bytes, length);
  s->request_length = length;
  s->sent++;
  return (ssize_t)(take(&fake_failures.short_send) ? length - 1 : length);
}

ssize_t recv(int fd, void *bytes, size_t size, int flags) {
  struct fake_socket *const s = socket_of(fd, flags);
  const size_t length = s->datagram_length < size ? s->datagram_length : size;

  if (take_error(&fake_failures.recv))
    return -1;
  if (length > 0)
    memcpy(bytes, s->datagram, length);
  s->received++;
  return (ssize_t)length;
}

void fake_reply_header(uint8_t *header, const struct fake_socket *socket, uint16_t code, uint16_t status) {
  memset(header, 0, REPLY_HEADER);
  header[0] = 6;
  header[1] = 2;
  memcpy(header + CODE, socket->request + CODE, 2);
  header[REPLY_CODE] = (uint8_t)(code >> 8);
  header[REPLY_CODE + 1] = (uint8_t)code;
  header[STATUS] = (uint8_t)(status >> 8);
  header[STATUS + 1] = (uint8_t)status;
  memcpy(header + REPLY_SEQUENCE, socket->request + REQUEST_SEQUENCE, SEQUENCE_LENGTH);
}

void fake_shift_sequence(uint8_t *datagram, size_t length, const struct fake_socket *socket) {
  for (size_t i = REPLY_SEQUENCE; i < length && i < REPLY_SEQUENCE + SEQUENCE_LENGTH; i++)
    datagram[i] ^= socket->request[REQUEST_SEQUENCE + i - REPLY_SEQUENCE];
}
