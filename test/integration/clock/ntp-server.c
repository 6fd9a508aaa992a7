/*
 * An NTP server with the true time and a simulated network. It uses the kernel's receive timestamps, so the load of the
 * machine does not affect its replies.
 *
 * ntp-server ADDRESS SEED: a loopback address and the seed of the random numbers.
 *
 * It prints its port and then reads commands, one per line:
 *   time WRONG SINCE DRIFT   the wall clock is WRONG ns slow at SINCE (its time in ns since the epoch) and drifts by DRIFT
 *                            ppm; positive if it gets slower
 *   network THERE BACK SHARE a request takes up to THERE ms, at random; a reply takes BACK ms with the probability SHARE
 *   silence                  all requests are dropped
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define NTP_EPOCH 2208988800u /* 1900 to 1970, in seconds */
#define LENGTH 48

static double wrong_ns, drift_ppm, there_ms, back_ms, back_share;
static int64_t since_ns;
static int silent;

static int64_t nanoseconds(struct timespec time) {
  return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static int64_t true_time(int64_t wall) {
  return wall + (int64_t)(wrong_ns + (double)(wall - since_ns) * drift_ppm * 1e-6);
}

static int64_t wall_time(void) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  return nanoseconds(now);
}

static void put_timestamp(unsigned char *to, int64_t ns) {
  uint32_t seconds = htonl((uint32_t)(ns / 1000000000 + NTP_EPOCH));
  uint32_t fraction = htonl((uint32_t)(((uint64_t)(ns % 1000000000) << 32) / 1000000000));
  memcpy(to, &seconds, 4);
  memcpy(to + 4, &fraction, 4);
}

static int64_t pass(double ms) {
  int64_t ns = (int64_t)(ms * 1e6);
  struct timespec time = {ns / 1000000000, ns % 1000000000};
  if (ns > 0) nanosleep(&time, NULL);
  return ns;
}

static void answer(int fd) {
  unsigned char request[LENGTH], control[64];
  struct sockaddr_in client;
  struct iovec data = {request, sizeof request};
  struct msghdr message = {.msg_name = &client, .msg_namelen = sizeof client, .msg_iov = &data, .msg_iovlen = 1,
                           .msg_control = control, .msg_controllen = sizeof control};
  if (recvmsg(fd, &message, 0) != LENGTH || silent) return;
  struct timespec came;
  memcpy(&came, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof came);
  int64_t received = nanoseconds(came);
  if (there_ms > 0) {
    pass(there_ms * drand48());
    received = wall_time();
  }
  /* no leap second pending, version 4, mode server; stratum 1; poll of the client; precision 2^-20 s; root dispersion 2^-16 s */
  unsigned char reply[LENGTH] = {0x24, 1, request[2], 0xec, [11] = 1, 'T', 'R', 'U', 'E'};
  put_timestamp(reply + 16, true_time(received));
  memcpy(reply + 24, request + 40, 8);
  put_timestamp(reply + 32, true_time(received));
  put_timestamp(reply + 40, true_time(wall_time()));
  if (drand48() < back_share) pass(back_ms);
  sendto(fd, reply, sizeof reply, 0, (struct sockaddr *)&client, message.msg_namelen);
}

static void obey(const char *line) {
  if (sscanf(line, "time %lf %" SCNd64 " %lf", &wrong_ns, &since_ns, &drift_ppm) == 3) return;
  silent = sscanf(line, "network %lf %lf %lf", &there_ms, &back_ms, &back_share) != 3;
}

int main(int argc, char **argv) {
  if (argc != 3) return 2;
  srand48(atol(argv[2]));
  int fd = socket(AF_INET, SOCK_DGRAM, 0), on = 1;
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = inet_addr(argv[1])};
  socklen_t length = sizeof address;
  if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on) != 0 ||
      bind(fd, (struct sockaddr *)&address, length) != 0 || getsockname(fd, (struct sockaddr *)&address, &length) != 0) {
    perror("ntp-server");
    return 1;
  }
  printf("%d\n", ntohs(address.sin_port));
  fflush(stdout);
  char line[256];
  size_t used = 0;
  for (;;) {
    struct pollfd either[] = {{fd, POLLIN, 0}, {STDIN_FILENO, POLLIN, 0}};
    poll(either, 2, -1);
    if (either[1].revents != 0) {
      if (read(STDIN_FILENO, line + used, 1) != 1) return 0;
      if (line[used] == '\n') {
        line[used] = 0;
        obey(line);
        used = 0;
        printf("done\n");
        fflush(stdout);
      } else if (used < sizeof line - 1) {
        used++;
      }
      continue;
    }
    if (either[0].revents != 0) answer(fd);
  }
}
