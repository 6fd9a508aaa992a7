/*
 * An attacker at the address of a chronyd. It forwards requests to chronyd and answers to the clients, and meanwhile sends
 * forged datagrams to the clients, as fast as it can or at a given rate.
 *
 * flood PORT KIND RATE SECONDS [silent]: PORT is chronyd's, on 127.0.0.1; RATE is in datagrams per second, 0 for no
 * limit; `silent` suppresses the real answers. Prints its own port. At the end of its input or after SECONDS, prints the
 * number of forged datagrams that the system accepted, and the seconds that they took.
 */
#define _GNU_SOURCE

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
  MAX_CLIENTS = 16,
  MAX_REPLIES = 16,
  MAX_DATAGRAM = 1472,
  BATCH = 32,
  REPLY_HEADER = 28,
  /* offsets in a request and in a reply */
  CODE = 4,
  REQUEST_SEQUENCE = 8,
  REPLY_CODE = 6,
  REPLY_SEQUENCE = 16,
  /* of the report tracking */
  TRACKING_REQUEST = 33,
  TRACKING_REPLY = 5,
  TRACKING_LENGTH = REPLY_HEADER + 76,
  STRATUM = REPLY_HEADER + 24,
  /* a stratum that no chronyd of a test has */
  FORGED_STRATUM = 13
};

struct datagram {
  size_t length;
  uint8_t bytes[MAX_DATAGRAM];
};

/* A client and its last request. */
struct client {
  struct sockaddr_in address;
  struct datagram request;
};

static struct client clients[MAX_CLIENTS];
static unsigned number_clients;
static struct datagram replies[MAX_REPLIES];
static unsigned number_replies;

static int door, server, strangers[2];

static void check(bool ok, const char *what) {
  if (ok)
    return;
  perror(what);
  exit(1);
}

static struct sockaddr_in at(uint32_t host, uint16_t port) {
  return (struct sockaddr_in){
      .sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {.s_addr = htonl(host)}};
}

static int open_socket(uint32_t host, uint16_t port) {
  const struct sockaddr_in address = at(host, port);
  const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);

  check(fd >= 0 && bind(fd, (const struct sockaddr *)&address, sizeof address) == 0, "bind");
  return fd;
}

static uint16_t port_of(int fd) {
  struct sockaddr_in address;
  socklen_t length = sizeof address;

  check(getsockname(fd, (struct sockaddr *)&address, &length) == 0, "getsockname");
  return ntohs(address.sin_port);
}

static double now(void) {
  struct timespec t;

  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Fast, and random enough for guesses. */
static uint32_t random32(void) {
  static uint64_t state = 0x9e3779b97f4a7c15;

  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return (uint32_t)(state >> 32);
}

static struct client *find_client(const struct sockaddr_in *address) {
  for (unsigned i = 0; i < number_clients; i++) {
    if (clients[i].address.sin_port == address->sin_port)
      return &clients[i];
  }
  return &clients[number_clients < MAX_CLIENTS ? number_clients++ : random32() % MAX_CLIENTS];
}

static void pass_requests_on(void) {
  struct client client = {0};
  socklen_t length = sizeof client.address;
  ssize_t received;

  while ((received = recvfrom(door, client.request.bytes, sizeof client.request.bytes, 0,
                              (struct sockaddr *)&client.address, &length)) >= 0) {
    client.request.length = (size_t)received;
    *find_client(&client.address) = client;
    (void)send(server, client.request.bytes, client.request.length, 0);
  }
}

static void pass_answers_back(bool silent) {
  struct datagram reply;
  ssize_t received;

  while ((received = recv(server, reply.bytes, sizeof reply.bytes, 0)) >= 0) {
    reply.length = (size_t)received;
    replies[number_replies++ % MAX_REPLIES] = reply;
    for (unsigned i = 0; i < number_clients && !silent; i++) {
      if (memcmp(clients[i].request.bytes + REQUEST_SEQUENCE, reply.bytes + REPLY_SEQUENCE, 4) == 0)
        (void)sendto(door, reply.bytes, reply.length, 0, (struct sockaddr *)&clients[i].address,
                     sizeof clients[i].address);
    }
  }
}

/* A formally valid answer to a client's request, with wrong values. */
static struct datagram forged_answer(const struct client *client) {
  struct datagram forgery = {.length = TRACKING_LENGTH, .bytes = {6, 2}};

  memcpy(forgery.bytes + CODE, client->request.bytes + CODE, 2);
  forgery.bytes[REPLY_CODE + 1] = TRACKING_REPLY;
  memcpy(forgery.bytes + REPLY_SEQUENCE, client->request.bytes + REQUEST_SEQUENCE, 4);
  forgery.bytes[STRATUM + 1] = FORGED_STRATUM;
  return forgery;
}

enum kind { GUESS, REPLAY, OVERSIZED, TRUNCATED, OTHER_CODE, STRANGER, MIXED };
static const char *const kinds[] = {"guess",      "replay",   "oversized", "truncated",
                                    "other code", "stranger", "mixed",     NULL};

/* Forges a datagram and sends it from the address for its kind. Returns true if the system accepted it. */
static bool forge(enum kind kind, const struct client *client) {
  struct datagram forgery = forged_answer(client);
  const uint32_t chance = random32();
  int from = door;

  switch (kind == MIXED ? (enum kind)(chance % MIXED) : kind) {
  case GUESS:
    memcpy(forgery.bytes + REPLY_SEQUENCE, &chance, sizeof chance);
    break;
  case REPLAY:
    if (number_replies > 0)
      forgery = replies[chance % (number_replies < MAX_REPLIES ? number_replies : MAX_REPLIES)];
    /* With the sequence number of the request, it would be the answer itself. */
    if (memcmp(forgery.bytes + REPLY_SEQUENCE, client->request.bytes + REQUEST_SEQUENCE, 4) == 0)
      forgery.bytes[REPLY_SEQUENCE] ^= 1;
    break;
  case OVERSIZED:
    forgery.length = client->request.length + 1 + chance % (MAX_DATAGRAM - (unsigned)client->request.length);
    break;
  case TRUNCATED:
    forgery.length = chance % REPLY_HEADER;
    break;
  case OTHER_CODE:
    forgery.bytes[CODE + 1] ^= (uint8_t)(1 + chance % 255);
    break;
  default:
    from = strangers[chance % 2];
  }
  return sendto(from, forgery.bytes, forgery.length, 0, (const struct sockaddr *)&client->address,
                sizeof client->address) >= 0;
}

static enum kind kind_of(const char *name) {
  for (int i = 0; kinds[i]; i++) {
    if (strcmp(kinds[i], name) == 0)
      return (enum kind)i;
  }
  fprintf(stderr, "no kind of forgery: %s\n", name);
  exit(2);
}

/* Ends at the end of the standard input or after the given seconds. */
static void flood(enum kind kind, double rate, double seconds, bool silent) {
  struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
  const double start = now();
  double first = 0;
  unsigned long sent = 0, tried = 0;

  while (now() < start + seconds) {
    const bool ahead = number_clients == 0 || (rate > 0 && (double)tried > (now() - first) * rate);

    pass_requests_on();
    pass_answers_back(silent);
    if (poll(&input, 1, ahead ? 1 : 0) > 0)
      break;
    if (ahead)
      continue;
    if (first <= 0)
      first = now();
    for (int i = 0; i < BATCH; i++, tried++)
      sent += forge(kind, &clients[tried % number_clients]);
  }
  printf("{\"sent\": %lu, \"seconds\": %.3f}\n", sent, first > 0 ? now() - first : 0);
}

int main(int argc, char **argv) {
  struct sockaddr_in to;

  if (argc < 5)
    return 2;
  to = at(INADDR_LOOPBACK, (uint16_t)atoi(argv[1]));
  door = open_socket(INADDR_LOOPBACK, 0);
  server = open_socket(INADDR_LOOPBACK, 0);
  check(connect(server, (struct sockaddr *)&to, sizeof to) == 0, "connect");
  strangers[0] = open_socket(INADDR_LOOPBACK, 0);
  strangers[1] = open_socket(INADDR_LOOPBACK + 1, port_of(door));
  printf("%d\n", port_of(door));
  fflush(stdout);
  flood(kind_of(argv[2]), atof(argv[3]), atof(argv[4]), argc > 5);
  return 0;
}
