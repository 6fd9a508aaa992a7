/*
 * The imports of the sandbox, from the module "chrony". The sandbox has no other access to its host.
 *
 * An import must not block, call back into the sandbox, or throw. A negative result is a failure: the C library then
 * reports CHRONY_SEND_FAILED, CHRONY_RECV_FAILED or CHRONY_RANDOM_FAILED, and the host keeps the reason.
 */
#ifndef HOST_H
#define HOST_H

#include <stddef.h>
#include <stdint.h>

#define HOST_IMPORT(name) __attribute__((import_module("chrony"), import_name(#name)))

/*
 * Sends one datagram on the session's socket. The host copies the bytes before it returns.
 * Returns the number of bytes sent, which is always `length`, or -1.
 */
HOST_IMPORT(send) int32_t host_send(int32_t socket, const void *bytes, size_t length);

/*
 * Takes the next datagram received on the session's socket, truncated to `size` bytes.
 * Returns the number of bytes written, or -1 if no datagram is available.
 */
HOST_IMPORT(recv) int32_t host_recv(int32_t socket, void *bytes, size_t size);

/*
 * Fills the buffer from a cryptographic random source, so that an attacker cannot guess the sequence number of a
 * request and forge its reply. Returns 0, or -1.
 */
HOST_IMPORT(entropy) int32_t host_entropy(void *bytes, size_t length);

#endif
