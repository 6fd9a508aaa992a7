/*
 * The libchrony interface: monitoring of chronyd, the NTP daemon of the chrony project.
 *
 * An independent implementation of the public interface of libchrony 0.2; see README.md.
 * SPDX-License-Identifier: MIT
 *
 * To use it:
 *
 *   1. chrony_open_socket, chrony_init_session.
 *   2. chrony_request_report_number_records, or chrony_request_record.
 *   3. While chrony_needs_response returns true: wait until the socket is readable, then call
 *      chrony_process_response. The library has no timeout: stop when your own expires.
 *   4. Read the number of records, or the fields of the current record: the one received last.
 *   5. chrony_deinit_session, chrony_close_socket.
 *
 * No function changes chronyd's state. Only one thread at a time may use a session.
 */
#ifndef CHRONY_H
#define CHRONY_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The result of a function. */
typedef enum {
  CHRONY_OK = 0,
  CHRONY_NO_MEMORY,         /* Allocation failed. */
  CHRONY_NO_RANDOM,         /* There is no entropy source. */
  CHRONY_UNKNOWN_REPORT,    /* No report of that name. */
  CHRONY_RANDOM_FAILED,     /* The entropy source failed. */
  CHRONY_SEND_FAILED,       /* send() failed; errno says why. */
  CHRONY_RECV_FAILED,       /* recv() failed; errno says why. */
  CHRONY_INVALID_ARGUMENT,  /* For example, a negative record, or record 1 of a report with one record. */
  CHRONY_UNEXPECTED_CALL,   /* chrony_process_response with no request outstanding. */
  CHRONY_UNAUTHORIZED,      /* chronyd does not allow this client to make this request. */
  CHRONY_DISABLED,          /* The feature is not enabled in chronyd. */
  CHRONY_UNEXPECTED_STATUS, /* Any other failure reported by chronyd, such as an unknown source. */
  CHRONY_OLD_SERVER,        /* chronyd does not know the request. */
  CHRONY_NEW_SERVER,        /* The format of chronyd's reply is not known here. */
  CHRONY_INVALID_RESPONSE   /* The reply is too short for its type. */
} chrony_err;

/* The C type of a field's value. It determines which chrony_get_field_* function reads the field. */
typedef enum {
  CHRONY_TYPE_NONE = 0, /* no such field */
  CHRONY_TYPE_UINTEGER,
  CHRONY_TYPE_INTEGER,
  CHRONY_TYPE_FLOAT,
  CHRONY_TYPE_TIMESPEC,
  CHRONY_TYPE_STRING
} chrony_field_type;

/* The meaning of a field's value. OFFSET values have a sign; MEASURE values are zero or more. */
typedef enum {
  CHRONY_CONTENT_NONE = 0,
  CHRONY_CONTENT_COUNT,
  CHRONY_CONTENT_TIME,                  /* Since 1970-01-01 00:00:00 UTC. */
  CHRONY_CONTENT_INTERVAL_LOG2_SECONDS, /* -1 is half a second. */
  CHRONY_CONTENT_INTERVAL_SECONDS,
  CHRONY_CONTENT_OFFSET_SECONDS,
  CHRONY_CONTENT_MEASURE_SECONDS,
  CHRONY_CONTENT_OFFSET_PPM,
  CHRONY_CONTENT_MEASURE_PPM,
  CHRONY_CONTENT_OFFSET_PPM_PER_SECOND,
  CHRONY_CONTENT_RATIO,
  CHRONY_CONTENT_REFERENCE_ID, /* IPv4 address, hash of an IPv6 address, or four ASCII characters. */
  CHRONY_CONTENT_ENUM,         /* One value: chrony_get_field_constant_name names it. */
  CHRONY_CONTENT_BITS,         /* Bits without names. */
  CHRONY_CONTENT_FLAGS,        /* Bits: chrony_get_field_constant_name names each of them. */
  CHRONY_CONTENT_ADDRESS,      /* IPv4, IPv6, or ID#nnnnnnnnnn for a name not resolved yet. */
  CHRONY_CONTENT_PORT,
  CHRONY_CONTENT_INDEX,
  CHRONY_CONTENT_LENGTH_BITS,
  CHRONY_CONTENT_LENGTH_BYTES,
  CHRONY_CONTENT_BOOLEAN
} chrony_field_content;

typedef struct chrony_session_t chrony_session;

/* The message for an error. An unknown number gets a message, too. The string is static. */
const char *chrony_get_error_string(chrony_err e);

/*
 * Opens a datagram socket connected to chronyd. Not part of the core: see socket_posix.c.
 *
 * address: "/path" (Unix socket), "192.0.2.1", "192.0.2.1:323", "2001:db8::1", "[2001:db8::1]:323". The default port is
 * 323. NULL or "" tries /run/chrony/chronyd.sock, /var/run/chrony/chronyd.sock, 127.0.0.1 and ::1, in this order, and
 * uses the first to which connect() succeeds. For UDP, that does not mean that a server replies there.
 *
 * Returns a descriptor, or a negative number with errno set (EINVAL: the address is invalid).
 */
int chrony_open_socket(const char *address);

/*
 * Closes a socket that chrony_open_socket opened. For a Unix socket, also removes the client's socket file and its
 * directory. A negative fd is ignored.
 */
void chrony_close_socket(int fd);

/*
 * Creates a session on a connected datagram socket, which need not come from chrony_open_socket. The caller keeps
 * ownership of the socket: it must outlive the session, which does not close it.
 *
 * On CHRONY_OK, *s is the session, valid until chrony_deinit_session. On CHRONY_NO_MEMORY, *s is NULL.
 */
chrony_err chrony_init_session(chrony_session **s, int fd);

/* Frees a session. The strings that it returned become invalid, unless they are static. NULL is ignored. */
void chrony_deinit_session(chrony_session *s);

/* The descriptor passed to chrony_init_session. */
int chrony_get_fd(chrony_session *s);

/*
 * True while a request is outstanding: from the request until its reply was accepted or has failed. Then wait until the
 * socket is readable, and call chrony_process_response. Remains true after CHRONY_RECV_FAILED.
 */
bool chrony_needs_response(chrony_session *s);

/*
 * Receives one datagram; blocks until one arrives. A datagram that is not the reply to the outstanding request is
 * ignored: the result is CHRONY_OK, and chrony_needs_response remains true. The same happens if the function sends a
 * follow-up request. After CHRONY_RECV_FAILED the request is still outstanding: call the function again if it was
 * interrupted (EINTR) or if a non-blocking socket had no datagram (EAGAIN). After any other error no request is
 * outstanding.
 */
chrony_err chrony_process_response(chrony_session *s);

/* The number of reports. */
int chrony_get_number_supported_reports(void);

/* The name of a report; the first is 0. NULL if out of range. The string is static. */
const char *chrony_get_report_name(int report);

/*
 * Requests the number of records of a report. If the report always has one record, no request is sent. The outstanding
 * request and the current record are dropped, even on an error. The reply itself becomes the current record, with one
 * field: `sources`.
 */
chrony_err chrony_request_report_number_records(chrony_session *s, const char *report_name);

/* The result of the last chrony_request_report_number_records; 0 until its reply has arrived. Never negative. */
int chrony_get_report_number_records(chrony_session *s);

/*
 * Requests one record; the first is 0. The outstanding request and the current record are dropped, even on an error.
 * The record may have no fields, if the report does not apply to this source (a reference clock has no ntpdata). If the
 * record does not exist, or no longer does, chrony_process_response returns CHRONY_UNEXPECTED_STATUS.
 */
chrony_err chrony_request_record(chrony_session *s, const char *report_name, int record);

/*
 * The number of fields of the current record; 0 if there is no record. The number and the order of a report's fields
 * depend on the server's version.
 */
int chrony_get_record_number_fields(chrony_session *s);

/* The name of a field; the first is 0. NULL if out of range. The string is static. */
const char *chrony_get_field_name(chrony_session *s, int field);

/* The index of a field in the current record; negative if no field has that name. */
int chrony_get_field_index(chrony_session *s, const char *name);

/* The type of a field; CHRONY_TYPE_NONE if out of range. */
chrony_field_type chrony_get_field_type(chrony_session *s, int field);

/* The meaning of a field; CHRONY_CONTENT_NONE if out of range, and for an unspecified address. */
chrony_field_content chrony_get_field_content(chrony_session *s, int field);

/* The value of a UINTEGER field; 0 for any other type. */
uint64_t chrony_get_field_uinteger(chrony_session *s, int field);

/* The value of an INTEGER field; 0 for any other type. */
int64_t chrony_get_field_integer(chrony_session *s, int field);

/* The value of a FLOAT field, always finite; NaN for any other type. */
double chrony_get_field_float(chrony_session *s, int field);

/*
 * The value of a TIMESPEC field, with tv_nsec from 0 to 999999999; zero for any other type. tv_sec is negative before
 * 1970. A 32-bit time_t holds only the lower half of the 64 bits: read it as unsigned, which is correct until 2106.
 */
struct timespec chrony_get_field_timespec(chrony_session *s, int field);

/*
 * The value of a STRING field; NULL for any other type, and for an unspecified address. The session owns the string: it
 * is valid until the next request or chrony_deinit_session.
 */
const char *chrony_get_field_string(chrony_session *s, int field);

/*
 * The name of a value of an ENUM field, or of one bit of a FLAGS field; NULL if it has no name. The value need not be
 * the field's current value. The string is static.
 */
const char *chrony_get_field_constant_name(chrony_session *s, int field, uint64_t value);

#ifdef __cplusplus
}
#endif

#endif
