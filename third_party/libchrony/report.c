#include "report.h"

#include <stddef.h>

#include "chrony.h"

/* Each row of a table is one line; clang-format would wrap it. */
/* clang-format off */

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))
#define LAYOUT(code, array) {code, LENGTH(array), array, NULL}
#define LAYOUT_WITH_LIST(code, array, list) {code, LENGTH(array), array, list}
#define QUERY(code, selector, array) {code, selector, LENGTH(array), array}

/* The rows of the tables: the name of a field, its encoding, its meaning. */
#define PLAIN(name, wire, content) {name, NULL, WIRE_##wire, CHRONY_CONTENT_##content}
#define NAMED(name, wire, content, constants) {name, constants, WIRE_##wire, CHRONY_CONTENT_##content}
#define RESERVED(number, wire) PLAIN("reserved #" #number, wire, NONE)

/* Names of values */

static const struct constant leap[] = {
    {0, "normal"},
    {1, "insert second"},
    {2, "delete second"},
    {3, "not synchronized"},
    {0, NULL},
};

static const struct constant source_state[] = {
    {0, "selected"},
    {1, "nonselectable"},
    {2, "falseticker"},
    {3, "jittery"},
    {4, "unselected"},
    {5, "selectable"},
    {0, NULL},
};

static const struct constant source_mode[] = {
    {0, "client"},
    {1, "peer"},
    {REPORT_SOURCE_MODE_REFCLOCK, "reference clock"},
    {0, NULL},
};

static const struct constant select_state[] = {
    {'N', "ignored"},
    {'s', "not synchronized"},
    {'M', "missing samples"},
    {'d', "unacceptable distance"},
    {'D', "large distance"},
    {'~', "jittery"},
    {'w', "waiting for others"},
    {'W', "missing selectable sources"},
    {'S', "stale"},
    {'O', "orphan"},
    {'T', "not trusted"},
    {'P', "not preferred"},
    {'U', "waiting for update"},
    {'x', "falseticker"},
    {'+', "combined"},
    {'*', "best"},
    {'r', "stratum out of range"},
    {0, NULL},
};

static const struct constant select_option[] = {
    {0x1, "noselect"},
    {0x2, "prefer"},
    {0x4, "trust"},
    {0x8, "require"},
    {0, NULL},
};

static const struct constant auth_mode[] = {
    {0, "none"},
    {1, "symmetric key"},
    {2, "NTS"},
    {0, NULL},
};

static const struct constant key_type[] = {
    {1, "MD5"},
    {2, "SHA1"},
    {3, "SHA256"},
    {4, "SHA384"},
    {5, "SHA512"},
    {6, "SHA3-224"},
    {7, "SHA3-256"},
    {8, "SHA3-384"},
    {9, "SHA3-512"},
    {10, "TIGER"},
    {11, "WHIRLPOOL"},
    {13, "AES128"},
    {14, "AES256"},
    {15, "AEAD-AES-SIV-CMAC-256"},
    {30, "AEAD-AES-128-GCM-SIV"},
    {0, NULL},
};

static const struct constant ntp_mode[] = {
    {1, "active symmetric"},
    {2, "passive symmetric"},
    {4, "server"},
    {0, NULL},
};

static const struct constant timestamping[] = {
    {'D', "daemon"},
    {'K', "kernel"},
    {'H', "hardware"},
    {0, NULL},
};

static const struct constant ntp_flag[] = {
    {0x200, "test1"},
    {0x100, "test2"},
    {0x80, "test3"},
    {0x40, "test5"},
    {0x20, "test6"},
    {0x10, "test7"},
    {0x8, "testA"},
    {0x4, "testB"},
    {0x2, "testC"},
    {0x1, "testD"},
    {0x4000, "interleaved"},
    {0x8000, "authenticated"},
    {0, NULL},
};

static const struct constant smoothing_flag[] = {
    {0x1, "active"},
    {0x2, "leaponly"},
    {0, NULL},
};

/* Fields of replies */

static const struct field tracking_fields[] = {
    PLAIN("reference ID", U32, REFERENCE_ID),
    PLAIN("address", ADDRESS, ADDRESS),
    PLAIN("stratum", U16, COUNT),
    NAMED("leap status", U16, ENUM, leap),
    PLAIN("reference time", TIMESPEC, TIME),
    PLAIN("current correction", FLOAT, OFFSET_SECONDS),
    PLAIN("last offset", FLOAT, OFFSET_SECONDS),
    PLAIN("RMS offset", FLOAT, MEASURE_SECONDS),
    PLAIN("frequency offset", FLOAT, OFFSET_PPM),
    PLAIN("residual frequency", FLOAT, OFFSET_PPM),
    PLAIN("skew", FLOAT, MEASURE_PPM),
    PLAIN("root delay", FLOAT, MEASURE_SECONDS),
    PLAIN("root dispersion", FLOAT, MEASURE_SECONDS),
    PLAIN("last update interval", FLOAT, INTERVAL_SECONDS),
};

static const struct field number_sources_fields[] = {
    [REPORT_NUMBER_RECORDS_FIELD] = PLAIN("sources", U32, COUNT),
};

static const struct field sources_fields[] = {
    PLAIN("address", SOURCE, ADDRESS),
    PLAIN("poll", I16, INTERVAL_LOG2_SECONDS),
    PLAIN("stratum", U16, COUNT),
    NAMED("state", U16, ENUM, source_state),
    [REPORT_SOURCE_MODE_FIELD] = NAMED("mode", U16, ENUM, source_mode),
    PLAIN("flags", U16, NONE),
    PLAIN("reachability", U16, BITS),
    PLAIN("last sample ago", U32, INTERVAL_SECONDS),
    PLAIN("original last sample offset", FLOAT, OFFSET_SECONDS),
    PLAIN("adjusted last sample offset", FLOAT, OFFSET_SECONDS),
    PLAIN("last sample error", FLOAT, MEASURE_SECONDS),
};

const struct field chronyi_field_address = PLAIN("address", ADDRESS, ADDRESS);
const struct field chronyi_field_reference_id = PLAIN("reference ID", U32, REFERENCE_ID);

static const struct field sourcestats_fields[] = {
    PLAIN("reference ID", U32, REFERENCE_ID),
    [REPORT_SOURCE_ADDRESS_FIELD] = PLAIN("address", ADDRESS, ADDRESS),
    PLAIN("samples", U32, COUNT),
    PLAIN("runs", U32, COUNT),
    PLAIN("span", U32, INTERVAL_SECONDS),
    PLAIN("standard deviation", FLOAT, MEASURE_SECONDS),
    PLAIN("residual frequency", FLOAT, OFFSET_PPM),
    PLAIN("skew", FLOAT, MEASURE_PPM),
    PLAIN("offset", FLOAT, OFFSET_SECONDS),
    PLAIN("offset error", FLOAT, MEASURE_SECONDS),
};

static const struct field selectdata_fields[] = {
    PLAIN("reference ID", U32, REFERENCE_ID),
    PLAIN("address", ADDRESS, ADDRESS),
    NAMED("state", U8, ENUM, select_state),
    PLAIN("authentication", U8, BOOLEAN),
    NAMED("leap status", U8, ENUM, leap),
    RESERVED(1, U8),
    NAMED("configured options", U16, FLAGS, select_option),
    NAMED("effective options", U16, FLAGS, select_option),
    PLAIN("last sample ago", U32, INTERVAL_SECONDS),
    PLAIN("score", FLOAT, RATIO),
    PLAIN("low limit", FLOAT, INTERVAL_SECONDS),
    PLAIN("high limit", FLOAT, INTERVAL_SECONDS),
};

static const struct field activity_fields[] = {
    PLAIN("online sources", U32, COUNT),
    PLAIN("offline sources", U32, COUNT),
    PLAIN("burst online-return sources", U32, COUNT),
    PLAIN("burst offline-return sources", U32, COUNT),
    PLAIN("unresolved sources", U32, COUNT),
};

static const struct field authdata_fields[] = {
    NAMED("mode", U16, ENUM, auth_mode),
    NAMED("key type", U16, ENUM, key_type),
    PLAIN("key ID", U32, INDEX),
    PLAIN("key length", U16, LENGTH_BITS),
    PLAIN("key establishment attempts", U16, COUNT),
    PLAIN("last key establishment ago", U32, INTERVAL_SECONDS),
    PLAIN("cookies", U16, COUNT),
    PLAIN("cookie length", U16, LENGTH_BYTES),
    PLAIN("NAK", U16, BOOLEAN),
    RESERVED(1, U16),
};

/* The fields that both versions of ntpdata begin with. */
#define NTPDATA_FIELDS \
    PLAIN("remote address", ADDRESS, ADDRESS), \
    PLAIN("local address", ADDRESS, ADDRESS), \
    PLAIN("remote port", U16, PORT), \
    NAMED("leap status", U8, ENUM, leap), \
    PLAIN("version", U8, COUNT), \
    NAMED("mode", U8, ENUM, ntp_mode), \
    PLAIN("stratum", U8, COUNT), \
    PLAIN("poll", I8, INTERVAL_LOG2_SECONDS), \
    PLAIN("precision", I8, INTERVAL_LOG2_SECONDS), \
    PLAIN("root delay", FLOAT, MEASURE_SECONDS), \
    PLAIN("root dispersion", FLOAT, MEASURE_SECONDS), \
    PLAIN("reference ID", U32, REFERENCE_ID), \
    PLAIN("reference time", TIMESPEC, TIME), \
    PLAIN("offset", FLOAT, OFFSET_SECONDS), \
    PLAIN("peer delay", FLOAT, MEASURE_SECONDS), \
    PLAIN("peer dispersion", FLOAT, MEASURE_SECONDS), \
    PLAIN("response time", FLOAT, MEASURE_SECONDS), \
    PLAIN("jitter asymmetry", FLOAT, RATIO), \
    NAMED("flags", U16, FLAGS, ntp_flag), \
    NAMED("transmit timestamping", U8, ENUM, timestamping), \
    NAMED("receive timestamping", U8, ENUM, timestamping), \
    PLAIN("transmitted messages", U32, COUNT), \
    PLAIN("received messages", U32, COUNT), \
    PLAIN("received valid messages", U32, COUNT), \
    PLAIN("received good messages", U32, COUNT)

static const struct field ntpdata_16_fields[] = {
    NTPDATA_FIELDS,
    RESERVED(1, U32),
    RESERVED(2, U32),
    RESERVED(3, U32),
};

static const struct field ntpdata_26_fields[] = {
    NTPDATA_FIELDS,
    PLAIN("kernel transmit timestamps", U32, COUNT),
    PLAIN("kernel receive timestamps", U32, COUNT),
    PLAIN("hardware transmit timestamps", U32, COUNT),
    PLAIN("hardware receive timestamps", U32, COUNT),
    RESERVED(1, U32),
    RESERVED(2, U32),
    RESERVED(3, U32),
    RESERVED(4, U32),
};

static const struct field serverstats_14_fields[] = {
    PLAIN("received NTP requests", U32, COUNT),
    PLAIN("received command requests", U32, COUNT),
    PLAIN("dropped NTP requests", U32, COUNT),
    PLAIN("dropped command requests", U32, COUNT),
    PLAIN("dropped client log records", U32, COUNT),
};

/* The fields that the later versions of serverstats begin with. Version 22 has only the first eight, 24 has all. */
#define SERVERSTATS_FIELDS(wire) \
    PLAIN("received NTP requests", wire, COUNT), \
    PLAIN("accepted NTS-KE connections", wire, COUNT), \
    PLAIN("received command requests", wire, COUNT), \
    PLAIN("dropped NTP requests", wire, COUNT), \
    PLAIN("dropped NTS-KE connections", wire, COUNT), \
    PLAIN("dropped command requests", wire, COUNT), \
    PLAIN("dropped client log records", wire, COUNT), \
    PLAIN("received authenticated NTP requests", wire, COUNT), \
    PLAIN("received interleaved NTP requests", wire, COUNT), \
    PLAIN("held NTP timestamps", wire, COUNT), \
    PLAIN("NTP timestamp span", wire, INTERVAL_SECONDS)

static const struct field serverstats_24_fields[] = {SERVERSTATS_FIELDS(U32)};
#define SERVERSTATS_22_NUMBER_FIELDS 8

static const struct field serverstats_25_fields[] = {
    SERVERSTATS_FIELDS(U64),
    PLAIN("served daemon RX timestamps", U64, COUNT),
    PLAIN("served daemon TX timestamps", U64, COUNT),
    PLAIN("served kernel RX timestamps", U64, COUNT),
    PLAIN("served kernel TX timestamps", U64, COUNT),
    PLAIN("served hardware RX timestamps", U64, COUNT),
    PLAIN("served hardware TX timestamps", U64, COUNT),
    RESERVED(1, U64),
    RESERVED(2, U64),
    RESERVED(3, U64),
    RESERVED(4, U64),
};

static const struct field rtcdata_fields[] = {
    PLAIN("reference time", TIMESPEC, TIME),
    PLAIN("samples", U16, COUNT),
    PLAIN("runs", U16, COUNT),
    PLAIN("span", U32, INTERVAL_SECONDS),
    PLAIN("offset", FLOAT, OFFSET_SECONDS),
    PLAIN("frequency offset", FLOAT, OFFSET_PPM),
};

static const struct field smoothing_fields[] = {
    NAMED("flags", U32, FLAGS, smoothing_flag),
    PLAIN("offset", FLOAT, OFFSET_SECONDS),
    PLAIN("frequency offset", FLOAT, OFFSET_PPM),
    PLAIN("wander", FLOAT, OFFSET_PPM_PER_SECOND),
    PLAIN("last update ago", FLOAT, INTERVAL_SECONDS),
    PLAIN("remaining time", FLOAT, INTERVAL_SECONDS),
};

static const struct field sourcename_fields[] = {
    PLAIN("name", TEXT, NONE),
};

static const struct field clients_fields[] = {
    PLAIN("indices", U32, COUNT),
    PLAIN("next index", U32, INDEX),
    PLAIN("clients", U32, COUNT),
};

static const struct field client_fields[] = {
    PLAIN("address", ADDRESS, ADDRESS),
    PLAIN("NTP hits", U32, COUNT),
    PLAIN("NTS-KE hits", U32, COUNT),
    PLAIN("command hits", U32, COUNT),
    PLAIN("NTP drops", U32, COUNT),
    PLAIN("NTS-KE drops", U32, COUNT),
    PLAIN("command drops", U32, COUNT),
    PLAIN("NTP interval", I8, INTERVAL_LOG2_SECONDS),
    PLAIN("NTS-KE interval", I8, INTERVAL_LOG2_SECONDS),
    PLAIN("command interval", I8, INTERVAL_LOG2_SECONDS),
    PLAIN("NTP timeout interval", I8, INTERVAL_LOG2_SECONDS),
    PLAIN("last NTP hit ago", U32, INTERVAL_SECONDS),
    PLAIN("last NTS-KE hit ago", U32, INTERVAL_SECONDS),
    PLAIN("last command hit ago", U32, INTERVAL_SECONDS),
};

static const struct field manual_list_fields[] = {
    PLAIN("samples", U32, COUNT),
};

static const struct field manual_sample_fields[] = {
    PLAIN("time", TIMESPEC, TIME),
    PLAIN("slewed offset", FLOAT, OFFSET_SECONDS),
    PLAIN("original offset", FLOAT, OFFSET_SECONDS),
    PLAIN("residual", FLOAT, OFFSET_SECONDS),
};

/* Replies */

static const struct layout tracking_layouts[] = {LAYOUT(5, tracking_fields)};
static const struct layout number_sources_layouts[] = {LAYOUT(2, number_sources_fields)};
static const struct layout sources_layouts[] = {LAYOUT(3, sources_fields)};
static const struct layout sourcestats_layouts[] = {LAYOUT(6, sourcestats_fields)};
static const struct layout selectdata_layouts[] = {LAYOUT(23, selectdata_fields)};
static const struct layout activity_layouts[] = {LAYOUT(12, activity_fields)};
static const struct layout authdata_layouts[] = {LAYOUT(20, authdata_fields)};
static const struct layout ntpdata_layouts[] = {LAYOUT(16, ntpdata_16_fields), LAYOUT(26, ntpdata_26_fields)};
static const struct layout serverstats_layouts[] = {
    LAYOUT(14, serverstats_14_fields),
    {22, SERVERSTATS_22_NUMBER_FIELDS, serverstats_24_fields, NULL},
    LAYOUT(24, serverstats_24_fields),
    LAYOUT(25, serverstats_25_fields),
};
static const struct layout rtcdata_layouts[] = {LAYOUT(7, rtcdata_fields)};
static const struct layout smoothing_layouts[] = {LAYOUT(13, smoothing_fields)};
static const struct layout sourcename_layouts[] = {LAYOUT(19, sourcename_fields)};
static const struct list client_list = {LAYOUT(0, client_fields), REPORT_MAX_CLIENTS};
static const struct layout clients_layouts[] = {LAYOUT_WITH_LIST(21, clients_fields, &client_list)};
static const struct list manual_sample_list = {LAYOUT(0, manual_sample_fields), 16};
static const struct layout manual_list_layouts[] = {LAYOUT_WITH_LIST(18, manual_list_fields, &manual_sample_list)};

/* Requests */

const struct query chronyi_query_number_sources = QUERY(14, SELECT_NOTHING, number_sources_layouts);
const struct query chronyi_query_source_address = QUERY(34, SELECT_BY_INDEX, sourcestats_layouts);
#define CLIENTS_QUERY QUERY(68, SELECT_FROM_INDEX, clients_layouts)
const struct query chronyi_query_clients = CLIENTS_QUERY;

const struct report chronyi_reports[] = {
    {"tracking", QUERY(33, SELECT_NOTHING, tracking_layouts)},
    {"sources", QUERY(15, SELECT_BY_INDEX, sources_layouts)},
    {"sourcestats", QUERY(34, SELECT_BY_INDEX, sourcestats_layouts)},
    {"selectdata", QUERY(69, SELECT_BY_INDEX, selectdata_layouts)},
    {"activity", QUERY(44, SELECT_NOTHING, activity_layouts)},
    {"authdata", QUERY(67, SELECT_BY_ADDRESS, authdata_layouts)},
    {"ntpdata", QUERY(57, SELECT_BY_ADDRESS, ntpdata_layouts)},
    {"serverstats", QUERY(54, SELECT_NOTHING, serverstats_layouts)},
    {"rtcdata", QUERY(35, SELECT_NOTHING, rtcdata_layouts)},
    {"smoothing", QUERY(51, SELECT_NOTHING, smoothing_layouts)},
    /* extensions */
    {"sourcename", QUERY(65, SELECT_BY_ADDRESS, sourcename_layouts)},
    {"clients", CLIENTS_QUERY},
    {"manual list", QUERY(41, SELECT_NOTHING, manual_list_layouts)},
};

#define NUMBER_EXTENSIONS 3
const int chronyi_number_extensions = NUMBER_EXTENSIONS;
const int chronyi_number_reports = LENGTH(chronyi_reports) - NUMBER_EXTENSIONS;

/* clang-format on */

unsigned chronyi_wire_length(uint8_t wire_type) {
  static const uint16_t lengths[] = {
      [WIRE_U8] = 1,
      [WIRE_U16] = 2,
      [WIRE_U32] = 4,
      [WIRE_U64] = 8,
      [WIRE_I8] = 1,
      [WIRE_I16] = 2,
      [WIRE_FLOAT] = 4,
      [WIRE_TIMESPEC] = 12,
      [WIRE_ADDRESS] = 20,
      [WIRE_SOURCE] = 20,
      [WIRE_TEXT] = WIRE_TEXT_LENGTH,
  };

  return lengths[wire_type];
}

/* Not inlined, for the same reason as find_query in session.c. */
__attribute__((noinline)) unsigned chronyi_fields_length(const struct layout *layout) {
  unsigned length = 0;

  for (int i = 0; i < layout->number_fields; i++)
    length += chronyi_wire_length(layout->fields[i].wire);
  return length;
}

unsigned chronyi_layout_length(const struct layout *layout) {
  const struct list *const list = layout->list;

  return chronyi_fields_length(layout) + (list ? list->max_entries * chronyi_fields_length(&list->entry) : 0);
}
