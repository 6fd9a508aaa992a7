/* Tables that describe the reports: the request, and the layout of each reply. */
#ifndef CHRONYI_REPORT_H
#define CHRONYI_REPORT_H

#include <stdint.h>

/* The length of a WIRE_TEXT, in bytes. */
#define WIRE_TEXT_LENGTH 256

enum wire_type {
  WIRE_U8,
  WIRE_U16,
  WIRE_U32,
  WIRE_U64,
  WIRE_I8,
  WIRE_I16,
  WIRE_FLOAT,
  WIRE_TIMESPEC,
  WIRE_ADDRESS,
  WIRE_SOURCE, /* 20 bytes: an address; or, for a reference clock, its reference ID in the first four */
  WIRE_TEXT    /* 256 bytes: a string, padded with NUL */
};

struct constant {
  uint16_t value;
  const char *name; /* NULL ends a list */
};

struct field {
  const char *name;
  const struct constant *constants; /* NULL if the values have no names */
  uint8_t wire;                     /* enum wire_type */
  uint8_t content;                  /* chrony_field_content */
};

struct list;

/* One kind of reply: fields without gaps between them, then optionally a list of entries of one layout. */
struct layout {
  uint16_t reply_code;
  uint8_t number_fields;
  const struct field *fields;
  const struct list *list; /* NULL if there is none */
};

/* The list at the end of a reply. The last field before it is the number of entries in use. */
struct list {
  struct layout entry;
  uint8_t max_entries; /* the reply always contains this many */
};

enum selector {
  SELECT_NOTHING,    /* The report has one record. */
  SELECT_BY_INDEX,   /* The request contains the record's number. */
  SELECT_BY_ADDRESS, /* The request contains the source's address, which sourcestats reports. */
  SELECT_FROM_INDEX  /* The request contains the first index of a batch and the number of clients. */
};

/* A request and its possible replies. */
struct query {
  uint16_t request_code;
  uint8_t selector; /* enum selector */
  uint8_t number_layouts;
  const struct layout *layouts;
};

struct report {
  const char *name;
  struct query query;
};

/* The limits of the tables, for buffers; test/system/native/tables.c checks them. */
#define REPORT_MAX_FIELDS 33
#define REPORT_MAX_BODY_LENGTH 492

/* The number of clients in a reply to SELECT_FROM_INDEX. */
#define REPORT_MAX_CLIENTS 8

/* The field with the number of records, in the replies that have one. */
#define REPORT_NUMBER_RECORDS_FIELD 0

/* libchrony's reports, followed by the extensions. */
extern const struct report chronyi_reports[];
extern const int chronyi_number_reports;
extern const int chronyi_number_extensions;

/* The number of sources, which is the number of records of every SELECT_BY_INDEX and SELECT_BY_ADDRESS report. */
extern const struct query chronyi_query_number_sources;

/* The query for a source's address by the source's number, and the field with the address in its reply. */
extern const struct query chronyi_query_source_address;
#define REPORT_SOURCE_ADDRESS_FIELD 1

/* The query of the SELECT_FROM_INDEX report. */
extern const struct query chronyi_query_clients;

/* A WIRE_SOURCE field is one of these; the record's field `mode` determines which. */
extern const struct field chronyi_field_address;
extern const struct field chronyi_field_reference_id;
#define REPORT_SOURCE_MODE_FIELD 4
#define REPORT_SOURCE_MODE_REFCLOCK 2

/* The length of a value on the wire, in bytes. */
unsigned chronyi_wire_length(uint8_t wire_type);

/* The length of a layout's fields, in bytes, without its list. */
unsigned chronyi_fields_length(const struct layout *layout);

/* The length of a reply's body, in bytes, including its list. */
unsigned chronyi_layout_length(const struct layout *layout);

#endif
