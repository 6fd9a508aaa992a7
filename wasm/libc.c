/*
 * The three system calls that the core needs, implemented with the host's imports instead of Emscripten's; and a hook
 * of Emscripten's malloc(), which would otherwise be another import.
 */
#include <errno.h>
#include <stddef.h>
#include <sys/socket.h>
#include <unistd.h>

#include "host.h"

ssize_t send(int fd, const void *bytes, size_t length, int flags) {
  (void)flags;
  return host_send(fd, bytes, length);
}

ssize_t recv(int fd, void *bytes, size_t size, int flags) {
  (void)flags;
  return host_recv(fd, bytes, size);
}

int getentropy(void *bytes, size_t length) {
  if (host_entropy(bytes, length) == 0)
    return 0;
  errno = EIO;
  return -1;
}

/* Emscripten's malloc() calls this after it has grown the memory. The host detects the growth without it. */
void emscripten_notify_memory_growth(size_t index);

void emscripten_notify_memory_growth(size_t index) {
  (void)index;
}
