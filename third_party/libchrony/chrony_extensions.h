/*
 * Requests beyond libchrony 0.2. They are our own: chrony.h has none of them, and a program that includes only chrony.h
 * is not affected by them.
 *
 * Three more reports. chrony_request_record and chrony_request_report_number_records find them by name;
 * chrony_get_number_supported_reports does not count them.
 *
 * `sourcename`: one record for each source, with the field `name`: the name in chrony.conf, at most 255 bytes in
 * chronyd's encoding. A record without fields: the source is a reference clock.
 *
 * `clients`: a batch of the clients that have sent requests to this chronyd. The record number is an index in chronyd's
 * table of clients. The record has the fields `indices` (the length of the table), `next index` (where the next batch
 * starts) and `clients` (the number of entries).
 *
 * `manual list`: one record, the times set with chronyc's settime. Its field `samples` is the number of entries.
 *
 * A record of the last two has entries, which are records, too: select one, then read its fields.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef CHRONY_EXTENSIONS_H
#define CHRONY_EXTENSIONS_H

#include "chrony.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The number of reports beyond chrony_get_number_supported_reports. */
int chrony_get_number_extension_reports(void);

/* The name of one of these reports, counted from 0; NULL out of range. Static: valid for ever. */
const char *chrony_get_extension_report_name(int report);

/*
 * Requests the record of the source with this address, for a report that chronyd is asked for by address: authdata,
 * ntpdata, sourcename. The address is text as in a field `address`: IPv4, IPv6, or ID#nnnnnnnnnn. The string is read
 * before the function returns.
 *
 * CHRONY_INVALID_ARGUMENT: another report, or no address. The reply is CHRONY_UNEXPECTED_STATUS if there is no such
 * source. In all else as chrony_request_record.
 */
chrony_err chrony_request_record_of_source(chrony_session *s, const char *report_name, const char *address);

/*
 * Requests the batch of clients that starts at an index, without the clients that have fewer than minimum_hits NTP,
 * NTS-KE and command requests each. In all else as chrony_request_record(s, "clients", first_index).
 */
chrony_err chrony_request_clients(chrony_session *s, uint32_t first_index, uint32_t minimum_hits);

/*
 * The number of entries of the record held; 0 if it has none. At most as many as a reply has room for (8 clients, 16
 * samples), whatever number chronyd sent. Stays the same when an entry is selected.
 */
int chrony_get_number_entries(chrony_session *s);

/*
 * Makes an entry, counted from 0, the record held, for chrony_get_record_number_fields and chrony_get_field_*. Strings
 * of the entry selected before become invalid. Returns false, and changes nothing, if there is no such entry.
 *
 * A client has the fields `address` (content NONE and NULL: the entry is unused), `NTP hits`, `NTS-KE hits`, `command
 * hits`, `NTP drops`, `NTS-KE drops`, `command drops`, `NTP interval`, `NTS-KE interval`, `command interval`, `NTP
 * timeout interval` (log2 of seconds; 127: not known), `last NTP hit ago`, `last NTS-KE hit ago`, `last command hit
 * ago` (seconds; 4294967295: never). A sample has `time`, `slewed offset`, `original offset`, `residual` (seconds).
 */
bool chrony_select_entry(chrony_session *s, int entry);

#ifdef __cplusplus
}
#endif

#endif
