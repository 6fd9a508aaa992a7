/* The reports as data: what is asked for, and how each answer is laid out. */
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
  WIRE_SOURCE, /* 20 bytes: an address, or a reference ID in the first four where the source is a clock */
  WIRE_TEXT    /* 256 bytes: a string, NUL-filled */
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

/* One kind of reply: its fields follow each other without gaps. After them may come a list of equal entries. */
struct layout {
  uint16_t reply_code;
  uint8_t number_fields;
  const struct field *fields;
  const struct list *list; /* NULL if there is none */
};

/* The list that ends a reply. The last field before it is the number of entries that are in use. */
struct list {
  struct layout entry;
  uint8_t max_entries; /* all of them are sent */
};

enum selector {
  SELECT_NOTHING,    /* the report has one record */
  SELECT_BY_INDEX,   /* the request holds the record's number */
  SELECT_BY_ADDRESS, /* the request holds the source's address, which sourcestats gives */
  SELECT_FROM_INDEX  /* the request holds the first index of a batch, and how many clients to select */
};

/* A request and the replies that may answer it. */
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

/* Limits of the tables, for buffers; test/system/native/tables.c holds the tables against them. */
#define REPORT_MAX_FIELDS 33
#define REPORT_MAX_BODY_LENGTH 492

/* How many clients one reply of SELECT_FROM_INDEX has room for. */
#define REPORT_MAX_CLIENTS 8

/* The first field of a reply that has the number of records of a report. */
#define REPORT_NUMBER_RECORDS_FIELD 0

/* The reports of libchrony, and after them the extensions. */
extern const struct report chronyi_reports[];
extern const int chronyi_number_reports;
extern const int chronyi_number_extensions;

/* How many sources there are: the number of records of every report that is SELECT_BY_INDEX or SELECT_BY_ADDRESS. */
extern const struct query chronyi_query_number_sources;

/* The report that tells a source's address by its number, and the address field in it. */
extern const struct query chronyi_query_source_address;
#define REPORT_SOURCE_ADDRESS_FIELD 1

/* The query of the report that is SELECT_FROM_INDEX. */
extern const struct query chronyi_query_clients;

/* What a WIRE_SOURCE field really is, by the record's field `mode`. */
extern const struct field chronyi_field_address;
extern const struct field chronyi_field_reference_id;
#define REPORT_SOURCE_MODE_FIELD 4
#define REPORT_SOURCE_MODE_REFCLOCK 2

/* The length of a value on the wire, in bytes. */
unsigned chronyi_wire_length(uint8_t wire_type);

/* The length of the fields, in bytes. */
unsigned chronyi_fields_length(const struct layout *layout);

/* The length of a reply's body, in bytes, with its list. */
unsigned chronyi_layout_length(const struct layout *layout);

#endif
