/*
 * Opens chronyd's Unix socket while an attacker who owns the directory around it, e.g. a hijacked chronyd, replaces the
 * client's directory with another one, which has a link to VICTIM in place of the client's socket:
 *
 *   displaced SOCKET VICTIM     prints the mode of VICTIM afterwards
 */
#define _DEFAULT_SOURCE

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "check.h"
#include "chrony.h"

static const char *victim;

/* The linker makes the library call the first of these functions instead of bind() (--wrap). */
int __wrap_bind(int fd, const struct sockaddr *address, socklen_t length);
int __real_bind(int fd, const struct sockaddr *address, socklen_t length);

int __wrap_bind(int fd, const struct sockaddr *address, socklen_t length) {
  const int result = __real_bind(fd, address, length);
  const char *const path = ((const struct sockaddr_un *)(const void *)address)->sun_path;
  char directory[sizeof(struct sockaddr_un)], moved[sizeof directory + sizeof ".moved"];

  snprintf(directory, sizeof directory, "%s", path);
  *strrchr(directory, '/') = '\0';
  snprintf(moved, sizeof moved, "%s.moved", directory);
  CHECK(rename(directory, moved) == 0);
  CHECK(mkdir(directory, 0755) == 0);
  CHECK(symlink(victim, path) == 0);
  return result;
}

int main(int argc, char **argv) {
  struct stat status;

  CHECK(argc == 3);
  victim = argv[2];
  chrony_close_socket(chrony_open_socket(argv[1]));
  CHECK(stat(victim, &status) == 0);
  printf("%04o\n", (unsigned)(status.st_mode & 07777));
  return 0;
}
