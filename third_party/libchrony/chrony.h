/*
 * The libchrony interface: monitoring of chronyd, the NTP daemon of the chrony project.
 *
 * An independent implementation of the public interface of libchrony 0.2; see README.md.
 * SPDX-License-Identifier: MIT
 *
 * How a program uses it:
 *
 *   1. chrony_open_socket, chrony_init_session.
 *   2. chrony_request_report_number_records, or chrony_request_record.
 *   3. While chrony_needs_response: wait until the socket is readable (or time is up: there is no timeout
 *      in here), then chrony_process_response.
 *   4. Read the number of records, or the fields of the record held.
 *   5. chrony_deinit_session, chrony_close_socket.
 *
 * Nothing here changes chronyd's state. A session may be used by one thread at a time.
 */
#ifndef CHRONY_H
#define CHRONY_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What a function came to. */
typedef enum {
  CHRONY_OK = 0,
  CHRONY_NO_MEMORY,         /* allocation failed */
  CHRONY_NO_RANDOM,         /* there is no entropy source */
  CHRONY_UNKNOWN_REPORT,    /* no report of that name */
  CHRONY_RANDOM_FAILED,     /* the entropy source gave nothing */
  CHRONY_SEND_FAILED,       /* send() failed; errno says why */
  CHRONY_RECV_FAILED,       /* recv() failed; errno says why */
  CHRONY_INVALID_ARGUMENT,  /* e.g. a negative record, or record 1 of a report with one record */
  CHRONY_UNEXPECTED_CALL,   /* chrony_process_response with no request outstanding */
  CHRONY_UNAUTHORIZED,      /* chronyd does not answer this request to this client */
  CHRONY_DISABLED,          /* the feature reported on is not enabled in chronyd */
  CHRONY_UNEXPECTED_STATUS, /* any other failure reported by chronyd, e.g. no such source */
  CHRONY_OLD_SERVER,        /* chronyd does not know the request */
  CHRONY_NEW_SERVER,        /* chronyd answers in a way not known here */
  CHRONY_INVALID_RESPONSE   /* the answer is too short for what it claims to be */
} chrony_err;

/* The C type of a field's value: which of the chrony_get_field_* functions reads it. */
typedef enum {
  CHRONY_TYPE_NONE = 0, /* no such field */
  CHRONY_TYPE_UINTEGER,
  CHRONY_TYPE_INTEGER,
  CHRONY_TYPE_FLOAT,
  CHRONY_TYPE_TIMESPEC,
  CHRONY_TYPE_STRING
} chrony_field_type;

/* What a field's value means. OFFSET values have a sign; MEASURE values are zero or more. */
typedef enum {
  CHRONY_CONTENT_NONE = 0,
  CHRONY_CONTENT_COUNT,
  CHRONY_CONTENT_TIME,                  /* since 1970-01-01 00:00:00 UTC */
  CHRONY_CONTENT_INTERVAL_LOG2_SECONDS, /* -1 is half a second */
  CHRONY_CONTENT_INTERVAL_SECONDS,
  CHRONY_CONTENT_OFFSET_SECONDS,
  CHRONY_CONTENT_MEASURE_SECONDS,
  CHRONY_CONTENT_OFFSET_PPM,
  CHRONY_CONTENT_MEASURE_PPM,
  CHRONY_CONTENT_OFFSET_PPM_PER_SECOND,
  CHRONY_CONTENT_RATIO,
  CHRONY_CONTENT_REFERENCE_ID, /* IPv4 address, hash of an IPv6 address, or four ASCII characters */
  CHRONY_CONTENT_ENUM,         /* one value: chrony_get_field_constant_name names it */
  CHRONY_CONTENT_BITS,         /* bits with no names */
  CHRONY_CONTENT_FLAGS,        /* bits: chrony_get_field_constant_name names each of them */
  CHRONY_CONTENT_ADDRESS,      /* IPv4, IPv6, or ID#nnnnnnnnnn for a name not resolved yet */
  CHRONY_CONTENT_PORT,
  CHRONY_CONTENT_INDEX,
  CHRONY_CONTENT_LENGTH_BITS,
  CHRONY_CONTENT_LENGTH_BYTES,
  CHRONY_CONTENT_BOOLEAN
} chrony_field_content;

typedef struct chrony_session_t chrony_session;

/*
 * A sentence for an error; one for numbers that are no error known here, too. Static: valid for ever.
 */
const char *chrony_get_error_string(chrony_err e);

/*
 * Opens a datagram socket connected to chronyd. Not part of the core: socket_posix.c.
 *
 * address: "/path" (Unix socket), "192.0.2.1", "192.0.2.1:323", "2001:db8::1", "[2001:db8::1]:323"; the
 * port is 323 where none is given. NULL or "" tries, in this order, /run/chrony/chronyd.sock,
 * /var/run/chrony/chronyd.sock, 127.0.0.1 and ::1, and takes the first that can be connected; with UDP that
 * does not mean that anything answers there.
 *
 * Returns a descriptor, or a negative number with errno set (EINVAL: the address cannot be read).
 */
int chrony_open_socket(const char *address);

/*
 * Closes what chrony_open_socket opened, and removes what it left in the file system for a Unix socket. A negative
 * fd does nothing.
 */
void chrony_close_socket(int fd);

/*
 * Makes a session on a connected datagram socket, whoever opened it. The socket stays the caller's: it must outlive the
 * session, and is not closed by it.
 *
 * On CHRONY_OK *s is the session, valid until chrony_deinit_session. On CHRONY_NO_MEMORY *s is NULL.
 */
chrony_err chrony_init_session(chrony_session **s, int fd);

/* Ends a session and everything got from it. NULL does nothing. */
void chrony_deinit_session(chrony_session *s);

/* The descriptor given to chrony_init_session. */
int chrony_get_fd(chrony_session *s);

/*
 * True from a request until its answer was accepted or failed: wait for the socket to be readable, then
 * call chrony_process_response. Still true after CHRONY_RECV_FAILED.
 */
bool chrony_needs_response(chrony_session *s);

/*
 * Receives one datagram, blocking if there is none. One that is not the answer to the outstanding request
 * is ignored: CHRONY_OK, and chrony_needs_response stays true. May send a follow-up request, with
 * the same effect. After CHRONY_RECV_FAILED the request is still outstanding: a call that was interrupted (EINTR), or
 * found nothing on a non-blocking socket (EAGAIN), is made again. After any other error nothing is outstanding.
 */
chrony_err chrony_process_response(chrony_session *s);

/* The number of reports. */
int chrony_get_number_supported_reports(void);

/* The name of a report, counted from 0; NULL out of range. Static: valid for ever. */
const char *chrony_get_report_name(int report);

/*
 * Asks how many records a report has. A report of one record needs no answer for that. Whatever was
 * outstanding or held before is dropped, also on an error. The answer itself is then held as a record with one
 * field, `sources`.
 */
chrony_err chrony_request_report_number_records(chrony_session *s, const char *report_name);

/* What the last chrony_request_report_number_records found; 0 before its answer. Never negative. */
int chrony_get_report_number_records(chrony_session *s);

/*
 * Asks for one record, counted from 0. Whatever was outstanding or held before is dropped, also on an error.
 * The answer may be a record with no fields: the report has nothing about this source (a reference
 * clock has no ntpdata). A record that does not exist (any more) is CHRONY_UNEXPECTED_STATUS.
 */
chrony_err chrony_request_record(chrony_session *s, const char *report_name, int record);

/*
 * The number of fields in the record held; 0 if there is none. Number and order of a report's fields depend on
 * the server's version.
 */
int chrony_get_record_number_fields(chrony_session *s);

/* The name of a field, counted from 0; NULL out of range. Static: valid for ever. */
const char *chrony_get_field_name(chrony_session *s, int field);

/* The place of a field in the record held; negative if it has none of that name. */
int chrony_get_field_index(chrony_session *s, const char *name);

/* The type of a field; CHRONY_TYPE_NONE out of range. */
chrony_field_type chrony_get_field_type(chrony_session *s, int field);

/* What a field means; CHRONY_CONTENT_NONE out of range, and for an address that is unspecified. */
chrony_field_content chrony_get_field_content(chrony_session *s, int field);

/* The value of a UINTEGER field; 0 for any other. */
uint64_t chrony_get_field_uinteger(chrony_session *s, int field);

/* The value of an INTEGER field; 0 for any other. */
int64_t chrony_get_field_integer(chrony_session *s, int field);

/* The value of a FLOAT field, always finite; NaN for any other. */
double chrony_get_field_float(chrony_session *s, int field);

/*
 * The value of a TIMESPEC field, tv_nsec from 0 to 999999999; zero for any other. tv_sec is negative before 1970. Where
 * time_t has 32 bits, only the lower half of the 64 is left: read it as unsigned, which is right until 2106.
 */
struct timespec chrony_get_field_timespec(chrony_session *s, int field);

/*
 * The value of a STRING field; NULL for any other, and for an address that is unspecified. The session's:
 * valid until the next request or chrony_deinit_session.
 */
const char *chrony_get_field_string(chrony_session *s, int field);

/*
 * The name of a value of an ENUM field, or of one bit of a FLAGS field; NULL if it has none. The value need
 * not be the one held. Static: valid for ever.
 */
const char *chrony_get_field_constant_name(chrony_session *s, int field, uint64_t value);

#ifdef __cplusplus
}
#endif

#endif
