/** The generic form of a report: the data from the C library's introspection. */

/** Every {@link FieldType}, in the C library's order. */
export const fieldTypes = ['none', 'uinteger', 'integer', 'float', 'timespec', 'string'] as const;
/** The C type of a field's value: libchrony's `chrony_field_type`. */
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
 * An `offset` is positive or negative, a `measure` is zero or more.
 */
export type FieldContent = (typeof fieldContents)[number];

/** A point in time like C's `struct timespec`, without rounding. */
export interface Timespec {
  /** Whole seconds since 1970-01-01 00:00:00 UTC, 64 bits; negative for earlier times. */
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
  /** The meaning of the value, or its unit. */
  readonly content: FieldContent;
  /**
   * The value. Its type depends on {@link type}: `uinteger` and `integer` give a `bigint` (they have 64 bits in C),
   * `float` a number, `timespec` a {@link Timespec}, and `string` a string, or null if there is none. Null for an
   * unknown type.
   */
  readonly value: bigint | number | string | Timespec | null;
  /**
   * The name of the value. For an enumeration: its name, or `unknown (9)` if it has none. For flags: the names of the
   * flags that are set, separated by commas, with `unknown (32768)` for flags without a name; empty if none is set.
   * Absent for any other content.
   */
  readonly text?: string;
}
