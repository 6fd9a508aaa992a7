/*
 * Forwards datagrams between a test and chronyd's Unix socket, which Node.js cannot open: sends each line of hexadecimal
 * digits as a datagram, and prints the answer.
 */
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "chrony.h"

enum { TIMEOUT_MS = 5000 };

static bool exchange(int fd, char *line) {
  struct pollfd readable = {.fd = fd, .events = POLLIN};
  uint8_t bytes[1024];
  const size_t length = strcspn(line, "\n") / 2;
  ssize_t received;

  if (length > sizeof bytes)
    return false;
  for (size_t i = 0; i < length; i++) {
    unsigned byte;

    if (sscanf(line + 2 * i, "%2x", &byte) != 1)
      return false;
    bytes[i] = (uint8_t)byte;
  }
  if (send(fd, bytes, length, 0) < 0 || poll(&readable, 1, TIMEOUT_MS) <= 0)
    return false;
  received = recv(fd, bytes, sizeof bytes, 0);
  for (ssize_t i = 0; i < received; i++)
    printf("%02x", bytes[i]);
  putchar('\n');
  return fflush(stdout) == 0 && received >= 0;
}

int main(int argc, char **argv) {
  const int fd = chrony_open_socket(argc == 2 ? argv[1] : NULL);
  char line[4096];
  bool ok = fd >= 0;

  while (ok && fgets(line, sizeof line, stdin))
    ok = exchange(fd, line);
  if (!ok)
    perror(argv[0]);
  chrony_close_socket(fd);
  return ok ? 0 : 1;
}
