/*
 * The three system calls of the C library, over the host's imports, in place of Emscripten's; and a hook
 * of its malloc() that would otherwise be one more import.
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

/* What Emscripten's malloc() calls after it has grown the memory: the host looks at the memory afresh each time. */
void emscripten_notify_memory_growth(size_t index);

void emscripten_notify_memory_growth(size_t index) {
  (void)index;
}
