/**
 * What a report's class is made from: one record, read by the C library's field names.
 *
 * The methods throw a {@link ChronyDataError} where the record has no such field, except the `OrNull` ones,
 * which exist for the fields that only newer servers send.
 */
export interface ReportRecord {
  /** True if this server's version of the record has the field. */
  has(field: string): boolean;
  /** A number of any kind: integer or float. Exact to 2⁵³. */
  number(field: string): number;
  /** As {@link number}; null where this server's version of the record has no such field. */
  numberOrNull(field: string): number | null;
  /** A point in time, as seconds since the epoch (nanoseconds rounded to what a double holds). */
  time(field: string): number;
  /** An address as text; null where it is unspecified. */
  address(field: string): string | null;
  /** The name of an enumeration's value. One that the C library does not know reads `unknown (N)`. */
  choice(field: string): string;
  /** The names of the flags that are set. Ones that the C library does not know are left out. */
  flags(field: string): string[];
}

/**
 * How one report's records become objects of its class.
 *
 * `Known` is what a record does not say about itself and its reader has to know: `[address: string]` for
 * `authdata`, whose records leave out the source that was asked about; nothing for the others. A caller that
 * forgets it does not compile.
 */
export interface ReportDecoder<T, Known extends readonly unknown[] = []> {
  /** The report's name in the C library. */
  readonly report: string;
  /** @throws ChronyDataError naming the field and its value where a record breaks the class's rules. */
  decode(record: ReportRecord, ...known: Known): T;
}

/** A class's data without its methods: what its constructor takes and `JSON.stringify` writes. */
export type DataOf<T> = {
  readonly [K in keyof T as T[K] extends (...args: never[]) => unknown ? never : K]: T[K];
};
