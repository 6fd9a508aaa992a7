#include "fields.h"

#include <limits.h>
#include <math.h>

#include "check.h"

struct reading read_field(chrony_session *s, int field) {
  struct reading r = {.name = chrony_get_field_name(s, field),
                      .type = chrony_get_field_type(s, field),
                      .content = chrony_get_field_content(s, field)};

  switch (r.type) {
  case CHRONY_TYPE_UINTEGER:
    r.value.uinteger = chrony_get_field_uinteger(s, field);
    break;
  case CHRONY_TYPE_INTEGER:
    r.value.integer = chrony_get_field_integer(s, field);
    break;
  case CHRONY_TYPE_FLOAT:
    r.value.number = chrony_get_field_float(s, field);
    break;
  case CHRONY_TYPE_TIMESPEC:
    r.value.time = chrony_get_field_timespec(s, field);
    break;
  case CHRONY_TYPE_STRING:
    r.value.string = chrony_get_field_string(s, field);
    break;
  default:
    break;
  }
  return r;
}

void check_getters(chrony_session *s, int field) {
  const chrony_field_type type = chrony_get_field_type(s, field);
  const struct timespec time = chrony_get_field_timespec(s, field);
  const bool is_float = type == CHRONY_TYPE_FLOAT;

  CHECK(type == CHRONY_TYPE_UINTEGER || chrony_get_field_uinteger(s, field) == 0);
  CHECK(type == CHRONY_TYPE_INTEGER || chrony_get_field_integer(s, field) == 0);
  CHECK(is_float ? isfinite(chrony_get_field_float(s, field)) : isnan(chrony_get_field_float(s, field)));
  CHECK(type == CHRONY_TYPE_TIMESPEC || (time.tv_sec == 0 && time.tv_nsec == 0));
  CHECK(time.tv_nsec >= 0 && time.tv_nsec <= 999999999);
  CHECK(type == CHRONY_TYPE_STRING || !chrony_get_field_string(s, field));
  CHECK(!chrony_get_field_constant_name(s, field, UINT64_C(0x10000)));
  CHECK(!chrony_get_field_constant_name(s, field, UINT64_MAX));
  if (type == CHRONY_TYPE_NONE) {
    CHECK(!chrony_get_field_name(s, field));
    CHECK(chrony_get_field_content(s, field) == CHRONY_CONTENT_NONE);
    CHECK(!chrony_get_field_constant_name(s, field, 0));
    CHECK(!chrony_get_field_constant_name(s, field, 1));
  } else {
    CHECK(chrony_get_field_index(s, chrony_get_field_name(s, field)) == field);
  }
}

void check_out_of_range(chrony_session *s, int number) {
  /* No record has more than 33 fields. */
  const int outside[] = {-1, INT_MIN, number, number + 1, 33, 255, 256, 65536, INT_MAX};

  CHECK(chrony_get_record_number_fields(s) == number);
  for (size_t i = 0; i < sizeof outside / sizeof outside[0]; i++) {
    if (outside[i] < 0 || outside[i] >= number) {
      CHECK(chrony_get_field_type(s, outside[i]) == CHRONY_TYPE_NONE);
      check_getters(s, outside[i]);
    }
  }
  CHECK(chrony_get_field_index(s, "no such field") < 0);
  CHECK(chrony_get_field_index(s, "") < 0 && chrony_get_field_index(s, NULL) < 0);
}
