/* chrony_open_socket and chrony_close_socket for POSIX systems, used by native builds only. */

/* For mkdtemp() and struct sockaddr_un, which strict C11 mode hides. */
#define _DEFAULT_SOURCE
#define _DARWIN_C_SOURCE

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "chrony.h"

#define DEFAULT_PORT 323

/* Tried in this order if no address is given. */
static const char *const default_addresses[] = {
    "/run/chrony/chronyd.sock",
    "/var/run/chrony/chronyd.sock",
    "127.0.0.1",
    "::1",
};

/* Closes the descriptor and keeps errno. Returns -1. */
static int give_up(int fd) {
  const int error = errno;

  if (fd >= 0)
    close(fd);
  errno = error;
  return -1;
}

static int new_socket(int family) {
  const int fd = socket(family, SOCK_DGRAM, 0);

  if (fd >= 0 && fcntl(fd, F_SETFD, FD_CLOEXEC) < 0)
    return give_up(fd);
  return fd;
}

static int invalid(void) {
  errno = EINVAL;
  return -1;
}

/* Returns 0 if the text is not a valid port. */
static in_port_t parse_port(const char *text) {
  long port = 0;

  for (const char *p = text; *p; p++) {
    if (*p < '0' || *p > '9' || port > UINT16_MAX)
      return 0;
    port = 10 * port + (*p - '0');
  }
  return port <= UINT16_MAX ? (in_port_t)port : 0;
}

static int open_udp(const char *address) {
  struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(DEFAULT_PORT)};
  struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(DEFAULT_PORT)};
  char host[INET6_ADDRSTRLEN];
  const char *start = address, *port = NULL;
  size_t length = strlen(address);
  const struct sockaddr *to;
  socklen_t to_length;
  int fd;

  if (*address == '[') {
    const char *const end = strchr(address, ']');

    if (!end || (end[1] != '\0' && end[1] != ':'))
      return invalid();
    start = address + 1;
    length = (size_t)(end - start);
    port = end[1] == ':' ? end + 2 : NULL;
  } else {
    const char *const colon = strchr(address, ':');

    /* an address with more than one colon is IPv6 without a port */
    if (colon && !strchr(colon + 1, ':')) {
      length = (size_t)(colon - address);
      port = colon + 1;
    }
  }
  if (length >= sizeof host)
    return invalid();
  memcpy(host, start, length);
  host[length] = '\0';

  if (port) {
    const in_port_t number = parse_port(port);

    if (number == 0)
      return invalid();
    v4.sin_port = v6.sin6_port = htons(number);
  }
  if (*address != '[' && inet_pton(AF_INET, host, &v4.sin_addr) == 1) {
    to = (const struct sockaddr *)&v4;
    to_length = sizeof v4;
  } else if (inet_pton(AF_INET6, host, &v6.sin6_addr) == 1) {
    to = (const struct sockaddr *)&v6;
    to_length = sizeof v6;
  } else {
    return invalid();
  }

  fd = new_socket(to->sa_family);
  if (fd >= 0 && connect(fd, to, to_length) < 0)
    return give_up(fd);
  return fd;
}

static bool set_path(struct sockaddr_un *address, const char *path) {
  const size_t length = strlen(path);

  memset(address, 0, sizeof *address);
  address->sun_family = AF_UNIX;
  if (length >= sizeof address->sun_path) {
    errno = ENAMETOOLONG;
    return false;
  }
  memcpy(address->sun_path, path, length + 1);
  return true;
}

/* Removes a client's socket and its directory. Changes `path`. */
static void remove_client(char *path) {
  unlink(path);
  *strrchr(path, '/') = '\0';
  rmdir(path);
}

/*
 * Makes the new directory searchable for all users, and returns a descriptor for it. The owner of its parent directory
 * could have replaced it with another directory. So the directory is opened first; then its owner is checked and its
 * mode changed through the same descriptor.
 */
static int hold_directory(const char *path) {
  const int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  struct stat status;

  if (fd < 0 || fstat(fd, &status) < 0)
    return give_up(fd);
  if (status.st_uid != geteuid()) {
    errno = EPERM;
    return give_up(fd);
  }
  return fchmod(fd, 0711) < 0 ? give_up(fd) : fd;
}

/*
 * chronyd sends its reply to a path, so the client's socket needs one. It is in its own directory beside the server's
 * socket, where chronyd may write to it, and where no other user can replace it.
 */
static int open_unix(const char *path) {
  static const char directory_name[] = "libchrony.XXXXXX", socket_name[] = "/client.sock";
  const size_t parent_length = (size_t)(strrchr(path, '/') - path) + 1;
  struct sockaddr_un server, client;
  char client_path[sizeof client.sun_path];
  char *const directory_end = client_path + parent_length + sizeof directory_name - 1;
  int directory, fd;

  if (!set_path(&server, path))
    return -1;
  if (parent_length + sizeof directory_name + sizeof socket_name > sizeof client_path) {
    errno = ENAMETOOLONG;
    return -1;
  }
  memcpy(client_path, path, parent_length);
  memcpy(client_path + parent_length, directory_name, sizeof directory_name);
  if (!mkdtemp(client_path))
    return -1;
  directory = hold_directory(client_path);
  if (directory < 0) {
    const int error = errno;

    rmdir(client_path);
    errno = error;
    return -1;
  }
  memcpy(directory_end, socket_name, sizeof socket_name);

  fd = new_socket(AF_UNIX);
  if (fd < 0 || !set_path(&client, client_path) || bind(fd, (const struct sockaddr *)&client, sizeof client) < 0 ||
      fchmodat(directory, socket_name + 1, 0666, 0) < 0 ||
      connect(fd, (const struct sockaddr *)&server, sizeof server) < 0) {
    const int error = errno;

    close(directory);
    remove_client(client_path);
    errno = error;
    return give_up(fd);
  }
  close(directory);
  return fd;
}

int chrony_open_socket(const char *address) {
  if (address && *address != '\0')
    return *address == '/' ? open_unix(address) : open_udp(address);

  for (size_t i = 0; i < sizeof default_addresses / sizeof default_addresses[0]; i++) {
    const int fd = chrony_open_socket(default_addresses[i]);

    if (fd >= 0)
      return fd;
  }
  return -1;
}

void chrony_close_socket(int fd) {
  struct sockaddr_un client = {0};
  socklen_t length = sizeof client;

  if (fd < 0)
    return;
  if (getsockname(fd, (struct sockaddr *)&client, &length) == 0 && client.sun_family == AF_UNIX &&
      strrchr(client.sun_path, '/'))
    remove_client(client.sun_path);
  close(fd);
}
