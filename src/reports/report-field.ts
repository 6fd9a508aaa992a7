/** The generic view of a report: whatever the C library's introspection tells, as data. */

/** Every {@link FieldType}, in the C library's order. */
export const fieldTypes = ['none', 'uinteger', 'integer', 'float', 'timespec', 'string'] as const;
/** The C type of a field's value, by libchrony's `chrony_field_type`. */
export type FieldType = (typeof fieldTypes)[number];

/** Every {@link FieldContent}, in the C library's order. */
export const fieldContents = [
  'none',
  'count',
  'time',
  'interval_log2_seconds',
  'interval_seconds',
  'offset_seconds',
  'measure_seconds',
  'offset_ppm',
  'measure_ppm',
  'offset_ppm_per_second',
  'ratio',
  'reference_id',
  'enum',
  'bits',
  'flags',
  'address',
  'port',
  'index',
  'length_bits',
  'length_bytes',
  'boolean',
] as const;
/**
 * The meaning or the unit of a field's value: the names of libchrony's `chrony_field_content` in lower case.
 * An `offset` has a sign, a `measure` is zero or more.
 */
export type FieldContent = (typeof fieldContents)[number];

/** A point in time as C has it: nothing is lost to rounding. */
export interface Timespec {
  /** Whole seconds since 1970-01-01 00:00:00 UTC, in 64 bits; negative before. */
  readonly seconds: bigint;
  /** 0 to 999 999 999. */
  readonly nanoseconds: number;
}

/** One field of a record. */
export interface ReportField {
  /** The C library's name, like `root dispersion`. */
  readonly name: string;
  /** The C type of the value. */
  readonly type: FieldType;
  /** What the value means, or its unit. */
  readonly content: FieldContent;
  /**
   * By `type`: a `uinteger` or `integer` is a `bigint` (they have 64 bits in C), a `float` a number, a
   * `timespec` a {@link Timespec}, a `string` a string or null where the server has none. Null for a type not
   * known here.
   */
  readonly value: bigint | number | string | Timespec | null;
  /**
   * What the value is called: an enumeration's name (`unknown (9)` where it has none), or the flags that are
   * set, joined by commas (`unknown (32768)` for those without a name; empty if none is). Absent for every
   * other content.
   */
  readonly text?: string;
}
