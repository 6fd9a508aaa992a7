/* Reads the fields of the current record. Every function accepts any field number. */
#include <math.h>
#include <stddef.h>
#include <string.h>

#include "session.h"

/* Describes the field at s->message + s->offsets[field]. Returns NULL if the record has no such field. */
static const struct field *get_field(const chrony_session *s, int field) {
  const struct field *f;

  if (!s->record || field < 0 || field >= s->record->number_fields)
    return NULL;
  f = &s->record->fields[field];
  if (f->wire == WIRE_SOURCE) {
    const uint16_t mode = chronyi_get16(s->message + s->offsets[REPORT_SOURCE_MODE_FIELD]);

    return mode == REPORT_SOURCE_MODE_REFCLOCK ? &chronyi_field_reference_id : &chronyi_field_address;
  }
  return f;
}

static const uint8_t *get_value(const chrony_session *s, int field) {
  return s->message + s->offsets[field];
}

static chrony_field_type type_of(uint8_t wire_type) {
  switch (wire_type) {
  case WIRE_I8:
  case WIRE_I16:
    return CHRONY_TYPE_INTEGER;
  case WIRE_FLOAT:
    return CHRONY_TYPE_FLOAT;
  case WIRE_TIMESPEC:
    return CHRONY_TYPE_TIMESPEC;
  case WIRE_ADDRESS:
  case WIRE_TEXT:
    return CHRONY_TYPE_STRING;
  default:
    return CHRONY_TYPE_UINTEGER;
  }
}

int chrony_get_record_number_fields(chrony_session *s) {
  return s->record ? s->record->number_fields : 0;
}

const char *chrony_get_field_name(chrony_session *s, int field) {
  const struct field *const f = get_field(s, field);

  return f ? f->name : NULL;
}

int chrony_get_field_index(chrony_session *s, const char *name) {
  const int number = chrony_get_record_number_fields(s);

  for (int i = 0; name && i < number; i++) {
    if (strcmp(get_field(s, i)->name, name) == 0)
      return i;
  }
  return -1;
}

chrony_field_type chrony_get_field_type(chrony_session *s, int field) {
  const struct field *const f = get_field(s, field);

  return f ? type_of(f->wire) : CHRONY_TYPE_NONE;
}

chrony_field_content chrony_get_field_content(chrony_session *s, int field) {
  const struct field *const f = get_field(s, field);

  if (!f || (f->wire == WIRE_ADDRESS && !chronyi_is_address(get_value(s, field))))
    return CHRONY_CONTENT_NONE;
  return (chrony_field_content)f->content;
}

uint64_t chrony_get_field_uinteger(chrony_session *s, int field) {
  const struct field *const f = get_field(s, field);

  if (!f)
    return 0;
  switch (f->wire) {
  case WIRE_U8:
    return *get_value(s, field);
  case WIRE_U16:
    return chronyi_get16(get_value(s, field));
  case WIRE_U32:
    return chronyi_get32(get_value(s, field));
  case WIRE_U64:
    return chronyi_get64(get_value(s, field));
  default:
    return 0;
  }
}

int64_t chrony_get_field_integer(chrony_session *s, int field) {
  const struct field *const f = get_field(s, field);

  if (!f)
    return 0;
  switch (f->wire) {
  case WIRE_I8:
    return chronyi_sign_extend(*get_value(s, field), 8);
  case WIRE_I16:
    return chronyi_sign_extend(chronyi_get16(get_value(s, field)), 16);
  default:
    return 0;
  }
}

double chrony_get_field_float(chrony_session *s, int field) {
  const struct field *const f = get_field(s, field);

  return f && f->wire == WIRE_FLOAT ? chronyi_get_float(get_value(s, field)) : (double)NAN;
}

struct timespec chrony_get_field_timespec(chrony_session *s, int field) {
  const struct field *const f = get_field(s, field);
  const struct timespec none = {0};

  return f && f->wire == WIRE_TIMESPEC ? chronyi_get_timespec(get_value(s, field)) : none;
}

/* Each address field of a record has its own buffer, so that reading one does not overwrite another. */
static char *text_of(chrony_session *s, int field) {
  int nth = 0;

  for (int i = 0; i < field; i++)
    nth += get_field(s, i)->wire == WIRE_ADDRESS;
  return s->addresses[nth];
}

const char *chrony_get_field_string(chrony_session *s, int field) {
  const struct field *const f = get_field(s, field);

  if (f && f->wire == WIRE_TEXT)
    return (const char *)get_value(s, field);
  if (!f || f->wire != WIRE_ADDRESS)
    return NULL;
  return chronyi_format_address(get_value(s, field), text_of(s, field));
}

const char *chrony_get_field_constant_name(chrony_session *s, int field, uint64_t value) {
  const struct field *const f = get_field(s, field);

  for (const struct constant *c = f ? f->constants : NULL; c && c->name; c++) {
    if (c->value == value)
      return c->name;
  }
  return NULL;
}
