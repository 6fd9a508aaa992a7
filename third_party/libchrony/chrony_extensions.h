/*
 * Additional requests, which libchrony 0.2 does not have. They are not declared in chrony.h, so a program that includes
 * only chrony.h is not affected.
 *
 * There are three more reports. chrony_request_record and chrony_request_report_number_records accept their names;
 * chrony_get_number_supported_reports does not count them.
 *
 * `sourcename`: one record for each source, with the field `name`: the name in chrony.conf, at most 255 bytes in
 * chronyd's encoding. The record of a reference clock has no fields.
 *
 * `clients`: a batch of the clients that have sent requests to this chronyd. The record number is an index into
 * chronyd's table of clients. The record has the fields `indices` (the length of the table), `next index` (where the
 * next batch starts) and `clients` (the number of entries).
 *
 * `manual list`: one record, with the times set by chronyc's settime. Its field `samples` is the number of entries.
 *
 * The records of `clients` and `manual list` have entries. Each entry is itself a record: select it, then read its
 * fields.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef CHRONY_EXTENSIONS_H
#define CHRONY_EXTENSIONS_H

#include "chrony.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The number of additional reports, which chrony_get_number_supported_reports does not count. */
int chrony_get_number_extension_reports(void);

/* The name of one of these reports; the first is 0. NULL if out of range. The string is static. */
const char *chrony_get_extension_report_name(int report);

/*
 * Requests the record of the source with this address, for the reports that chronyd looks up by address: authdata,
 * ntpdata, sourcename. The address has the format of a field `address`: IPv4, IPv6, or ID#nnnnnnnnnn. The function does
 * not keep a pointer to the string.
 *
 * Returns CHRONY_INVALID_ARGUMENT for any other report, and for an invalid address. If there is no such source,
 * chrony_process_response returns CHRONY_UNEXPECTED_STATUS. Otherwise like chrony_request_record.
 */
chrony_err chrony_request_record_of_source(chrony_session *s, const char *report_name, const char *address);

/*
 * Requests the batch of clients that starts at an index, without the clients that have fewer than minimum_hits NTP,
 * NTS-KE and command requests each. Otherwise like chrony_request_record(s, "clients", first_index).
 */
chrony_err chrony_request_clients(chrony_session *s, uint32_t first_index, uint32_t minimum_hits);

/*
 * The number of entries in the current reply; 0 if it has no list. Never more than fit into a reply (8 clients, 16
 * samples), even if chronyd sent a larger number. Selecting an entry does not change it.
 */
int chrony_get_number_entries(chrony_session *s);

/*
 * Makes an entry the current record, for chrony_get_record_number_fields and chrony_get_field_*; the first entry is 0.
 * The strings of the previously selected entry become invalid. Returns false, and changes nothing, if there is no such
 * entry.
 *
 * The fields of a client:
 *
 * - `address` (content NONE and NULL: the entry is unused)
 * - `NTP hits`, `NTS-KE hits`, `command hits`
 * - `NTP drops`, `NTS-KE drops`, `command drops`
 * - `NTP interval`, `NTS-KE interval`, `command interval`, `NTP timeout interval` (log2 of seconds; 127: not known)
 * - `last NTP hit ago`, `last NTS-KE hit ago`, `last command hit ago` (seconds; 4294967295: never)
 *
 * The fields of a sample: `time`, `slewed offset`, `original offset`, `residual` (seconds).
 */
bool chrony_select_entry(chrony_session *s, int entry);

#ifdef __cplusplus
}
#endif

#endif
