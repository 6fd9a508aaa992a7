/* What glue_read_record fills. src/sandbox/record.ts knows this structure. */
#ifndef GLUE_RECORD_H
#define GLUE_RECORD_H

/* The most fields that are read: more than any report has, to which test/system/native/tables.c holds the reports. */
#define GLUE_MAX_FIELDS 64

struct glue_field {
  double number;    /* the value of a number or, in seconds, of a TIMESPEC, rounded; of a STRING, NaN */
  const char *name; /* static */
  const char *text; /* the value of a STRING, a copy; NULL for an unspecified address and any other type */
};

#endif
