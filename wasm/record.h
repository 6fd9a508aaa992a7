/* What glue_read_record fills, and the size of an argument. The host knows both: src/sandbox. */
#ifndef GLUE_RECORD_H
#define GLUE_RECORD_H

/* The longest address as text that the host can pass, with its NUL. */
#define GLUE_ADDRESS_SIZE 64

/* The most fields that are read. No report has more: test/system/native/tables.c holds the reports to it. */
#define GLUE_MAX_FIELDS 64

struct glue_record {
  double numbers[GLUE_MAX_FIELDS];    /* values of numbers and, in seconds, of a TIMESPEC, rounded; NaN for a STRING */
  const char *names[GLUE_MAX_FIELDS]; /* static */
  const char *texts[GLUE_MAX_FIELDS]; /* values of STRINGs, copied; NULL for any other type, and where there is none */
};

#endif
