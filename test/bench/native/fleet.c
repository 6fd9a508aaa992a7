/*
 * A whole fleet: answers requests for the tracking report on every address of this machine, including 127.0.0.0/8, from
 * the address that received the request. 127.255.0.0/16 is silent. Prints its port, and ends with its input.
 *
 * `varied`: the clocks differ, and refuse other requests. `sources`: in addition, each clock has four named sources.
 * `counted`: prints the number of tracking requests in each tenth of a second.
 */
#define _GNU_SOURCE

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
  REQUEST_LENGTH = 104,
  CODE = 4,
  SEQUENCE = 8,
  REPLY_SEQUENCE = 16,
  SOURCE_COUNT = 14,
  SOURCE = 15,
  TRACKING = 33,
  SOURCE_NAME = 65,
  PACKETS = 4096,
  SILENT = 0x7fff
};

/* Offsets and values of fields in the reply. */
enum {
  REPLY_CODE = 7,
  STATUS = 9,
  HEADER_LENGTH = 28,
  LEAP = 55,
  SECONDS = 60,
  CORRECTION = 68,
  SKEW = 88,
  DISPERSION = 96,
  UNAUTHORIZED = 2,
  UNSYNCHRONIZED = 3
};

/* Requests for sources, and their replies. */
enum {
  SOURCES = 4,
  INDEX = 20,
  BODY = 28,
  SOURCE_COUNT_LENGTH = 32,
  SOURCE_STRATUM = 50,
  SOURCE_STATE = 53,
  SOURCE_REACHABILITY = 59,
  SOURCE_LENGTH = 76,
  NAME_LENGTH = 284,
  UNSELECTED = 4
};

static bool varied, with_sources, counted;

/* A healthy clock: synchronized to 192.0.2.1, stratum 3. */
static const uint8_t reply[REQUEST_LENGTH] = {
    6, 2, 0, 0, 0, TRACKING, 0, 5, [28] = 192, 0, 2, 1, 192, 0, 2, 1, [48] = 0, 1, [53] = 3,
};

static void put_u32(uint8_t *to, uint32_t value) {
  const uint32_t bytes = htonl(value);

  memcpy(to, &bytes, sizeof bytes);
}

/* Writes plus or minus 2^exponent as a chrony float: 7 bits of exponent, 25 bits of coefficient. */
static void put_power(uint8_t *to, int exponent, bool negative) {
  const uint32_t coefficient = UINT32_C(1) << 23, mask = (UINT32_C(1) << 25) - 1;

  put_u32(to, ((uint32_t)(exponent + 2) << 25) | (negative ? -coefficient & mask : coefficient));
}

/* Makes the clock of an address different: one in a hundred is not synchronized, the others are off by 60 ns to 2 ms. */
static void vary(uint8_t *copy, const struct in_addr *address) {
  const uint32_t number = ntohl(address->s_addr);

  put_u32(copy + SECONDS, (uint32_t)time(NULL));
  put_power(copy + CORRECTION, -9 - (int)(number % 16), number / 16 % 2 == 0);
  put_power(copy + SKEW, -4, false);
  put_power(copy + DISPERSION, -8 - (int)(number % 7), false);
  if (number % 100 == 7)
    copy[LEAP] = UNSYNCHRONIZED;
}

/* Writes the reply to a request for sources, 192.0.2.1 (selected) to 192.0.2.4. Returns its length, or 0. */
static size_t describe_sources(uint8_t *copy, const uint8_t *request, ssize_t length) {
  const uint8_t address[] = {192, 0, 2, 1};
  const int code = request[CODE + 1];

  memset(copy + BODY, 0, NAME_LENGTH - BODY);
  if (code == SOURCE_COUNT) {
    copy[REPLY_CODE] = 2;
    copy[BODY + 3] = SOURCES;
    return SOURCE_COUNT_LENGTH;
  }
  if (code == SOURCE && length >= INDEX + 4 && request[INDEX + 3] < SOURCES) {
    copy[REPLY_CODE] = 3;
    memcpy(copy + BODY, address, sizeof address);
    copy[BODY + 3] = request[INDEX + 3] + 1;
    copy[BODY + 17] = 1;
    copy[SOURCE_STRATUM + 1] = 2;
    copy[SOURCE_STATE] = request[INDEX + 3] == 0 ? 0 : UNSELECTED;
    copy[SOURCE_REACHABILITY] = 255;
    return SOURCE_LENGTH;
  }
  if (code == SOURCE_NAME && length >= INDEX + 4) {
    copy[REPLY_CODE] = 19;
    snprintf((char *)copy + BODY, NAME_LENGTH - BODY, "ntp%d.example.org", request[INDEX + 3]);
    return NAME_LENGTH;
  }
  return 0;
}

/* Counts a request, and prints the counts of the past tenths of a second. */
static void count_arrival(void) {
  static int64_t tenth;
  static int arrivals;
  struct timespec now;

  clock_gettime(CLOCK_MONOTONIC, &now);
  const int64_t current = (int64_t)now.tv_sec * 10 + now.tv_nsec / 100000000;
  for (; tenth != 0 && tenth < current; tenth++) {
    printf("%d\n", arrivals);
    fflush(stdout);
    arrivals = 0;
  }
  tenth = current;
  arrivals++;
}

static bool answer(int fd, struct msghdr *message, uint8_t *bytes, ssize_t length) {
  struct iovec out = {.iov_len = sizeof reply};
  struct msghdr sent = *message;
  uint8_t copy[NAME_LENGTH];
  size_t described = 0;

  const bool refused = length < REPLY_SEQUENCE || bytes[CODE + 1] != TRACKING;

  if (refused ? !varied || length < REPLY_SEQUENCE : length != REQUEST_LENGTH)
    return true;
  if (counted && !refused)
    count_arrival();
  memcpy(copy, reply, sizeof reply);
  if (refused) {
    memcpy(copy + CODE, bytes + CODE, 2);
    if (with_sources)
      described = describe_sources(copy, bytes, length);
    if (described != 0) {
      out.iov_len = described;
    } else {
      copy[REPLY_CODE] = 1;
      copy[STATUS] = UNAUTHORIZED;
      out.iov_len = HEADER_LENGTH;
    }
  }
  memcpy(copy + REPLY_SEQUENCE, bytes + SEQUENCE, 4);
  out.iov_base = copy;
  sent.msg_iov = &out;
  sent.msg_iovlen = 1;
  for (struct cmsghdr *c = CMSG_FIRSTHDR(&sent); c; c = CMSG_NXTHDR(&sent, c)) {
    struct in_pktinfo info;

    if (c->cmsg_level != IPPROTO_IP || c->cmsg_type != IP_PKTINFO)
      continue;
    /* the reply must come from the address that received the request */
    memcpy(&info, CMSG_DATA(c), sizeof info);
    if (ntohl(info.ipi_addr.s_addr) >> 16 == SILENT)
      return true;
    info.ipi_spec_dst = info.ipi_addr;
    info.ipi_ifindex = 0;
    if (varied && !refused)
      vary(copy, &info.ipi_addr);
    memcpy(CMSG_DATA(c), &info, sizeof info);
  }
  return sendmsg(fd, &sent, 0) >= 0;
}

static bool serve(int fd) {
  uint8_t bytes[1500], control[256];
  struct sockaddr_in client;
  struct iovec in = {.iov_base = bytes, .iov_len = sizeof bytes};
  struct msghdr message = {.msg_name = &client,
                           .msg_namelen = sizeof client,
                           .msg_iov = &in,
                           .msg_iovlen = 1,
                           .msg_control = control,
                           .msg_controllen = sizeof control};
  const ssize_t length = recvmsg(fd, &message, 0);

  return length >= 0 && answer(fd, &message, bytes, length);
}

int main(int argc, char **argv) {
  const int fd = socket(AF_INET, SOCK_DGRAM, 0);
  const int on = 1, size = PACKETS * 1024;
  struct sockaddr_in address = {.sin_family = AF_INET};
  socklen_t length = sizeof address;
  struct pollfd waiting[] = {{.fd = fd, .events = POLLIN}, {.fd = STDIN_FILENO, .events = POLLIN}};

  for (int i = 1; i < argc; i++) {
    with_sources |= strcmp(argv[i], "sources") == 0;
    varied |= with_sources || strcmp(argv[i], "varied") == 0;
    counted |= strcmp(argv[i], "counted") == 0;
  }
  if (fd < 0 || setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &on, sizeof on) != 0 ||
      /* as large as possible: root can exceed the limit of the system */
      (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size) != 0 &&
       setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size) != 0) ||
      bind(fd, (struct sockaddr *)&address, sizeof address) != 0 ||
      getsockname(fd, (struct sockaddr *)&address, &length) != 0) {
    perror("fleet");
    return 1;
  }
  printf("%d\n", ntohs(address.sin_port));
  fflush(stdout);
  while (poll(waiting, 2, -1) > 0 && !waiting[1].revents) {
    if (!serve(fd)) {
      perror("fleet");
      return 1;
    }
  }
  return 0;
}
