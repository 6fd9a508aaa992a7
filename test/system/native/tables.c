/* The tables of reports respect the limits that the buffers rely on. */
#include "../../../wasm/record.h"
#include "chrony.h"
#include "check.h"
#include "chrony_extensions.h"
#include "session.h"

_Static_assert(REPORT_MAX_FIELDS <= GLUE_MAX_FIELDS, "the sandbox reads every field of a record");

#define NUMBER_ALL (chronyi_number_reports + chronyi_number_extensions)

static bool is_address(const struct field *f) {
  return f->wire == WIRE_ADDRESS || f->wire == WIRE_SOURCE;
}

/* A list follows a field with the number of its entries. An entry has no nested list, and no field for a source's mode. */
static void test_list(const struct layout *layout) {
  const struct field *const counter = &layout->fields[layout->number_fields - 1];
  const struct layout *const entry = &layout->list->entry;

  CHECK(counter->wire == WIRE_U32 && counter->content == CHRONY_CONTENT_COUNT);
  CHECK(layout->list->max_entries > 0 && !entry->list);
  CHECK(chronyi_layout_length(layout) ==
        chronyi_fields_length(layout) + layout->list->max_entries * chronyi_fields_length(entry));
  for (int i = 0; i < entry->number_fields; i++)
    CHECK(entry->fields[i].wire != WIRE_SOURCE && entry->fields[i].wire != WIRE_TEXT);
}

static void test_layout(const struct layout *layout) {
  int addresses = 0;

  CHECK(layout->number_fields > 0 && layout->number_fields <= REPORT_MAX_FIELDS);
  CHECK(chronyi_layout_length(layout) <= REPORT_MAX_BODY_LENGTH);
  for (int i = 0; i < layout->number_fields; i++) {
    const struct field *const f = &layout->fields[i];

    addresses += is_address(f);
    CHECK(f->name && *f->name != '\0');
    CHECK(f->content <= CHRONY_CONTENT_BOOLEAN);
    CHECK((f->constants != NULL) == (f->content == CHRONY_CONTENT_ENUM || f->content == CHRONY_CONTENT_FLAGS));
    for (int j = 0; j < i; j++)
      CHECK(!same(f->name, layout->fields[j].name));
    for (const struct constant *c = f->constants; c && c->name; c++) {
      for (const struct constant *d = f->constants; d < c; d++)
        CHECK(c->value != d->value && !same(c->name, d->name));
    }
  }
  CHECK(addresses <= MAX_ADDRESSES);
  if (layout->list) {
    test_list(layout);
    test_layout(&layout->list->entry);
  }
}

static void test_query(const struct query *query) {
  CHECK(query->number_layouts > 0);
  for (int i = 0; i < query->number_layouts; i++) {
    test_layout(&query->layouts[i]);
    for (int j = 0; j < i; j++)
      CHECK(query->layouts[i].reply_code != query->layouts[j].reply_code);
  }
}

/* A standalone query and the query of its report are identical, since the code compares pointers to layouts. */
static void test_same_query(const struct query *a, const char *report) {
  for (int i = 0; i < NUMBER_ALL; i++) {
    const struct query *const b = &chronyi_reports[i].query;

    if (same(chronyi_reports[i].name, report)) {
      CHECK(a->request_code == b->request_code && a->selector == b->selector);
      CHECK(a->layouts == b->layouts && a->number_layouts == b->number_layouts);
      return;
    }
  }
  CHECK(false);
}

static const struct layout *only_layout(const struct query *query) {
  CHECK(query->number_layouts == 1);
  return &query->layouts[0];
}

/* The assumptions of the code about single fields. */
static void test_special_fields(void) {
  const struct field *const number =
      &only_layout(&chronyi_query_number_sources)->fields[REPORT_NUMBER_RECORDS_FIELD];
  const struct field *const address =
      &only_layout(&chronyi_query_source_address)->fields[REPORT_SOURCE_ADDRESS_FIELD];
  const struct layout *const clients = only_layout(&chronyi_query_clients);
  int sources = 0;

  CHECK(clients->fields[REPORT_NUMBER_RECORDS_FIELD].wire == WIRE_U32);
  CHECK(clients->list->max_entries == REPORT_MAX_CLIENTS);
  CHECK(number->wire == WIRE_U32);
  CHECK(address->wire == WIRE_ADDRESS);
  for (int i = 0; i < NUMBER_ALL; i++) {
    const struct layout *const layout = &chronyi_reports[i].query.layouts[0];

    for (int j = 0; j < layout->number_fields; j++) {
      if (layout->fields[j].wire == WIRE_SOURCE) {
        sources++;
        CHECK(layout->number_fields > REPORT_SOURCE_MODE_FIELD);
        CHECK(layout->fields[REPORT_SOURCE_MODE_FIELD].wire == WIRE_U16);
        CHECK(same(layout->fields[REPORT_SOURCE_MODE_FIELD].name, "mode"));
      }
    }
  }
  CHECK(sources == 1);
  CHECK(chronyi_field_address.wire == WIRE_ADDRESS && chronyi_field_reference_id.wire == WIRE_U32);
}

static void test_report_names(void) {
  static const char *const names[] = {"tracking", "sources", "sourcestats", "selectdata",  "activity",
                                      "authdata", "ntpdata", "serverstats", "rtcdata", "smoothing"};
  const int number = sizeof names / sizeof names[0];

  CHECK(chrony_get_number_supported_reports() == number);
  for (int i = 0; i < number; i++)
    CHECK(same(chrony_get_report_name(i), names[i]));
  CHECK(chrony_get_number_extension_reports() == 3);
  CHECK(same(chrony_get_extension_report_name(0), "sourcename"));
  CHECK(same(chrony_get_extension_report_name(1), "clients"));
  CHECK(same(chrony_get_extension_report_name(2), "manual list"));
  CHECK(!chrony_get_extension_report_name(-1) && !chrony_get_extension_report_name(3));
  CHECK(!chrony_get_extension_report_name(INT32_MIN) && !chrony_get_extension_report_name(INT32_MAX));
  for (int i = 0; i < NUMBER_ALL; i++) {
    for (int j = 0; j < i; j++)
      CHECK(!same(chronyi_reports[i].name, chronyi_reports[j].name));
  }
  CHECK(!chrony_get_report_name(-1) && !chrony_get_report_name(number));
  CHECK(!chrony_get_report_name(INT32_MIN) && !chrony_get_report_name(INT32_MAX));
}

void test_tables(void) {
  for (int i = 0; i < NUMBER_ALL; i++)
    test_query(&chronyi_reports[i].query);
  test_query(&chronyi_query_number_sources);
  test_same_query(&chronyi_query_source_address, "sourcestats");
  test_same_query(&chronyi_query_clients, "clients");
  test_special_fields();
  test_report_names();
}
