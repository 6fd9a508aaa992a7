/*
 * A second, minimal implementation of chrony.h and chrony_extensions.h for the sandbox. A session holds one record, which has
 * more fields than the sandbox reads, or one of its entries. All strings share a buffer that the next call overwrites, as the
 * headers allow.
 */
#include <math.h>
#include <stddef.h>
#include <string.h>

#include "chrony.h"
#include "chrony_extensions.h"

enum { FIELDS = 100, ENTRIES = 3, NAME_SIZE = 8 };

static char names[FIELDS][NAME_SIZE];
static char text[64];

/* The selected entry, or -1; the requested address, or the first index and the minimum number of hits. */
static int selected = -1;
static char asked[sizeof text];

/* Overwrites the string that the previous call returned; every call does this. */
static void overwrite(void) {
  memset(text, '?', sizeof text - 1);
}

static bool is_string(int field) {
  return field < 2;
}

chrony_err chrony_init_session(chrony_session **s, int fd) {
  (void)fd;
  for (int i = 0; i < FIELDS; i++) {
    names[i][0] = (char)('a' + i / 10);
    names[i][1] = (char)('0' + i % 10);
  }
  *s = (chrony_session *)names;
  return CHRONY_OK;
}

void chrony_deinit_session(chrony_session *s) {
  (void)s;
}

bool chrony_needs_response(chrony_session *s) {
  (void)s;
  return false;
}

chrony_err chrony_process_response(chrony_session *s) {
  (void)s;
  return CHRONY_UNEXPECTED_CALL;
}

const char *chrony_get_error_string(chrony_err e) {
  (void)e;
  return "an error";
}

int chrony_get_number_supported_reports(void) {
  return 1;
}

const char *chrony_get_report_name(int report) {
  (void)report;
  return "other";
}

chrony_err chrony_request_report_number_records(chrony_session *s, const char *report_name) {
  (void)s;
  (void)report_name;
  return CHRONY_OK;
}

int chrony_get_report_number_records(chrony_session *s) {
  (void)s;
  return 1;
}

chrony_err chrony_request_record(chrony_session *s, const char *report_name, int record) {
  (void)s;
  (void)report_name;
  (void)record;
  overwrite();
  selected = -1;
  return CHRONY_OK;
}

int chrony_get_number_extension_reports(void) {
  return 1;
}

const char *chrony_get_extension_report_name(int report) {
  return report == 0 ? "clients" : NULL;
}

/* Reads the address before it returns, as the header says. */
chrony_err chrony_request_record_of_source(chrony_session *s, const char *report_name, const char *address) {
  (void)s;
  (void)report_name;
  overwrite();
  selected = -1;
  if (strlen(address) >= sizeof asked)
    return CHRONY_INVALID_ARGUMENT;
  strcpy(asked, address);
  return CHRONY_OK;
}

chrony_err chrony_request_clients(chrony_session *s, uint32_t first_index, uint32_t minimum_hits) {
  (void)s;
  overwrite();
  selected = -1;
  strcpy(asked, first_index == UINT32_MAX && minimum_hits == 7 ? "clients" : "others");
  return CHRONY_OK;
}

int chrony_get_number_entries(chrony_session *s) {
  (void)s;
  overwrite();
  return ENTRIES;
}

bool chrony_select_entry(chrony_session *s, int entry) {
  (void)s;
  overwrite();
  if (entry < 0 || entry >= ENTRIES)
    return false;
  selected = entry;
  return true;
}

int chrony_get_record_number_fields(chrony_session *s) {
  (void)s;
  overwrite();
  return selected < 0 ? FIELDS : 3;
}

const char *chrony_get_field_name(chrony_session *s, int field) {
  (void)s;
  overwrite();
  return names[field];
}

chrony_field_type chrony_get_field_type(chrony_session *s, int field) {
  (void)s;
  overwrite();
  return is_string(field) ? CHRONY_TYPE_STRING : CHRONY_TYPE_UINTEGER;
}

chrony_field_content chrony_get_field_content(chrony_session *s, int field) {
  (void)s;
  overwrite();
  return is_string(field) ? CHRONY_CONTENT_ADDRESS : CHRONY_CONTENT_COUNT;
}

uint64_t chrony_get_field_uinteger(chrony_session *s, int field) {
  (void)s;
  overwrite();
  return (uint64_t)(field + 100 * (selected + 1));
}

int64_t chrony_get_field_integer(chrony_session *s, int field) {
  (void)s;
  (void)field;
  overwrite();
  return 0;
}

double chrony_get_field_float(chrony_session *s, int field) {
  (void)s;
  (void)field;
  overwrite();
  return (double)NAN;
}

struct timespec chrony_get_field_timespec(chrony_session *s, int field) {
  const struct timespec none = {0};

  (void)s;
  (void)field;
  overwrite();
  return none;
}

const char *chrony_get_field_string(chrony_session *s, int field) {
  (void)s;
  if (field == 1 && *asked != '\0')
    return strcpy(text, asked);
  memcpy(text, "192.0.2.", 8);
  text[8] = (char)('1' + field + 2 * (selected + 1));
  text[9] = '\0';
  return text;
}

const char *chrony_get_field_constant_name(chrony_session *s, int field, uint64_t value) {
  (void)s;
  (void)field;
  (void)value;
  overwrite();
  return NULL;
}
