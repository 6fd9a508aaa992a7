/* The memory that the sandbox shares with its host. src/sandbox has the same sizes and layout. */
#ifndef GLUE_RECORD_H
#define GLUE_RECORD_H

/* The size of the longest address that the host can pass as text, with its NUL. */
#define GLUE_ADDRESS_SIZE 64

/* The maximum number of fields. test/system/native/tables.c checks that no report has more. */
#define GLUE_MAX_FIELDS 64

/* A record, filled by glue_read_record. */
struct glue_record {
  double numbers[GLUE_MAX_FIELDS];    /* numbers, and TIMESPECs in seconds, rounded to a double; NaN for a STRING */
  const char *names[GLUE_MAX_FIELDS]; /* static strings */
  const char *texts[GLUE_MAX_FIELDS]; /* copies of STRINGs; NULL for other types, and if the field has no value */
};

#endif
