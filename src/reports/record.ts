/**
 * The input of the reports' classes: a record of the C library, or plain data. Each class has a table that maps its
 * properties to fields of the record and checks their values.
 */
import { ChronyDataError } from '../errors.ts';

/**
 * The properties of a class without its methods: the argument of its constructor, and the output of `JSON.stringify`.
 */
export type DataOf<T> = {
  readonly [K in keyof T as T[K] extends (...args: never[]) => unknown ? never : K]: T[K];
};

/** The stratum of a clock that is not synchronized. Synchronized clocks have 1 to 15. */
export const UNSYNCHRONIZED_STRATUM = 16;

/** The names and values of an enumeration. */
type Names<T extends string> = Readonly<Record<string, T>>;

/**
 * Supplies the values from which a report object is constructed. It does not validate them. Fields are read by their
 * index in the selected table.
 */
export abstract class ReportRecord {
  /** The requested address, for records that do not contain the address of their source. */
  requestedAddress = '';
  /** The values of number fields, and times in seconds since the epoch. Integers are exact up to 2⁵³. */
  numbers: ArrayLike<number> = [];
  /** For each field of the selected table, the position of its value in {@link numbers}. */
  places: ArrayLike<number> = [];

  /**
   * Selects the table of the fields to be read.
   *
   * @throws ChronyDataError if the record does not have a required field
   */
  abstract select(fields: FieldTable): this;

  /**
   * A number, or null if it equals `none`.
   *
   * @param none - the number by which chronyd means "never", "not counted" or "not known"
   */
  abstract numberUnless(index: number, none: number): number | null;
  /** A number; null if this server's version of the record does not have the field. */
  abstract numberIfSent(index: number): number | null;
  /** True for a number that is not 0. */
  abstract boolean(index: number): boolean;
  /** The name of an enumeration's value; `unknown (N)` if the C library does not know the value. */
  abstract choice(index: number): string;
  /** The name of an enumeration's value; null for 0. */
  abstract choiceUnlessZero(index: number): string | null;
  /** The names of the flags that are set, without the flags that the C library does not know. */
  abstract flags(index: number): readonly string[];
  /** True if a flag is set. */
  abstract flag(index: number, name: string): boolean;
  /** An object that says of each of these flags whether it is set. */
  abstract flagsByName<T extends string>(index: number, names: readonly T[]): Readonly<Record<T, boolean>>;
  /** A text; null for an unspecified address. */
  abstract string(index: number): string | null;
  /** The display name of a source: its address, or a reference clock's reference ID. */
  abstract displayAddress(index: number): string;
  /** A value that is not in a field. @param otherwise - the value for a record of the C library */
  abstract derived<T>(index: number, otherwise: T): T;
}

/** Plain data that a caller passes to a constructor. The values have the names of the properties. */
class GivenData extends ReportRecord {
  readonly #data: Readonly<Record<string, unknown>>;
  #values: readonly unknown[] = [];

  constructor(data: object) {
    super();
    this.#data = data as Readonly<Record<string, unknown>>;
  }

  select(fields: FieldTable): this {
    this.#values = Object.keys(fields).map((property) => this.#data[property]);
    this.numbers = this.#values as readonly number[];
    this.places = this.#values.map((_, index) => index);
    return this;
  }

  #get<T>(index: number): T {
    return this.#values[index] as T;
  }

  numberUnless = this.#get<number | null>;
  numberIfSent = this.#get<number | null>;
  boolean = this.#get<boolean>;
  choice = this.#get<string>;
  choiceUnlessZero = this.#get<string | null>;
  flags = this.#get<readonly string[]>;
  flag = this.#get<boolean>;
  string = this.#get<string | null>;
  displayAddress = this.#get<string>;

  derived<T>(index: number): T {
    return this.#get(index);
  }

  flagsByName<T extends string>(index: number, names: readonly T[]): Readonly<Record<T, boolean>> {
    const given = this.#get<Readonly<Record<T, boolean>>>(index);
    return flagRecord(names, (name) => given[name]);
  }
}

/** Makes a constructor's argument readable as a record. */
export function recordOf(data: object, fields: FieldTable): ReportRecord {
  return (data instanceof ReportRecord ? data : new GivenData(data)).select(fields);
}

/** Returns a frozen object that says of each flag whether it is set. */
export function flagRecord<T extends string>(
  names: readonly T[],
  isSet: (name: T) => boolean,
): Readonly<Record<T, boolean>> {
  return Object.freeze(Object.fromEntries(names.map((name) => [name, isSet(name)])) as Record<T, boolean>);
}

/** A property of a class, and the field that contains its value. */
export abstract class Field {
  /** The C library's name of the field. */
  readonly name: string;
  /** True if a record without the field is invalid. */
  readonly required: boolean;
  /** The property's name, set by {@link fieldTable}. */
  property = '';
  /** The property's position in the table, set by {@link fieldTable}. */
  index = 0;

  constructor(name: string, required = true) {
    this.name = name;
    this.required = required;
  }

  protected invalid(value: unknown, rule: string): never {
    throw new ChronyDataError(`invalid ${this.property}: ${String(value)} (${rule})`);
  }
}

/** The fields of a class, by the names of its properties. */
export type FieldTable = Readonly<Record<string, Field>>;

/** Tells each field its property and its index, and returns the table. */
export function fieldTable<T extends FieldTable>(fields: T): T {
  for (const [index, [property, field]] of Object.entries(fields).entries()) {
    field.property = property;
    field.index = index;
  }
  return fields;
}

/*
 * The kinds of fields. `of` returns the value, or throws a ChronyDataError with the property and its value if the value
 * is invalid. It is a short method of each kind and reads `numbers` directly, so that the engine can inline it into the
 * constructors, which makes them a quarter faster. Every index has an entry in `places`, and each of these a number.
 */

/** A finite number, positive or negative. */
export class Finite extends Field {
  of(record: ReportRecord): number {
    const value = record.numbers[record.places[this.index] as number] as number;
    return Number.isFinite(value) ? value : this.invalid(value, 'it must be a finite number');
  }
}

/** A finite number, zero or more. */
export class NonNegative extends Field {
  of(record: ReportRecord): number {
    const value = record.numbers[record.places[this.index] as number] as number;
    return Number.isFinite(value) && value >= 0 ? value : this.invalid(value, 'it must be zero or more');
  }
}

/** A whole number from `low` to `high`, both included. */
export class Integer extends Field {
  readonly low: number;
  readonly high: number;

  constructor(name: string, low: number, high: number) {
    super(name);
    this.low = low;
    this.high = high;
  }

  of(record: ReportRecord): number {
    const value = record.numbers[record.places[this.index] as number] as number;
    return Number.isInteger(value) && value >= this.low && value <= this.high
      ? value
      : this.invalid(value, `it must be a whole number from ${this.low} to ${this.high}`);
  }
}

/** An unsigned 32-bit number, such as a reference ID. */
export class Uint32 extends Integer {
  constructor(name: string) {
    super(name, 0, 0xffffffff);
  }
}

/**
 * A stratum, 0 to 16. A stratum of 16 does not require the leap status `not synchronized`: chronyd reports it with
 * `normal` when it follows a source of stratum 15.
 */
export class Stratum extends Integer {
  constructor(name: string) {
    super(name, 0, UNSYNCHRONIZED_STRATUM);
  }
}

/** In an 8-bit interval, chronyd's value for "not known". */
export const UNKNOWN_INTERVAL = 127;

/** An 8-bit interval as the binary logarithm of seconds; null if it is not known. */
export class IntervalIfKnown extends Field {
  of(record: ReportRecord): number | null {
    const value = record.numberUnless(this.index, UNKNOWN_INTERVAL);
    return value === null || (Number.isInteger(value) && value >= -128 && value < UNKNOWN_INTERVAL)
      ? value
      : this.invalid(value, `it must be a whole number from -128 to ${UNKNOWN_INTERVAL - 1}`);
  }
}

/**
 * A whole number, zero or more. It has no upper limit: a 64-bit number above 2⁵³ is rounded to a double, which is still
 * useful.
 */
abstract class AnyCount extends Field {
  protected check(value: number): number {
    return Number.isInteger(value) && value >= 0
      ? value
      : this.invalid(value, 'it must be a whole number, zero or more');
  }
}

/** A counter. */
export class Count extends AnyCount {
  of(record: ReportRecord): number {
    return this.check(record.numbers[record.places[this.index] as number] as number);
  }
}

/** In a 32-bit number, chronyd's value for "never" and "not counted". */
export const ALL_ONES = 0xffffffff;

/** A counter; null if chronyd reports "never" or "not counted". */
export class CountUnlessNone extends AnyCount {
  of(record: ReportRecord): number | null {
    const value = record.numberUnless(this.index, ALL_ONES);
    return value === null ? null : this.check(value);
  }
}

/** A counter that only newer servers send; null for older ones. */
export class CountIfSent extends AnyCount {
  constructor(name: string) {
    super(name, false);
  }

  of(record: ReportRecord): number | null {
    const value = record.numberIfSent(this.index);
    return value === null ? null : this.check(value);
  }
}

/** True or false. */
export class Bool extends Field {
  of(record: ReportRecord): boolean {
    return record.boolean(this.index);
  }
}

/** A field whose values have names. */
export abstract class Named<T extends string> extends Field {
  readonly names: Names<T>;

  constructor(name: string, names: Names<T>) {
    super(name);
    this.names = names;
  }

  protected check(value: string): T {
    const { names } = this;
    for (const key in names) if (names[key] === value) return names[key];
    return this.invalid(value, `it must be one of: ${Object.values(names).join(', ')}`);
  }
}

/** A value of an enumeration. */
export class OneOf<T extends string> extends Named<T> {
  of(record: ReportRecord): T {
    return this.check(record.choice(this.index));
  }
}

/** A value of an enumeration; null for 0, which means that it is not known yet. */
export class OneOfUnlessZero<T extends string> extends Named<T> {
  of(record: ReportRecord): T | null {
    const value = record.choiceUnlessZero(this.index);
    return value === null ? null : this.check(value);
  }
}

/** The flags that are set. */
export class EachOf<T extends string> extends Named<T> {
  of(record: ReportRecord): readonly T[] {
    return Object.freeze(record.flags(this.index).map((value) => this.check(value)));
  }
}

/** Whether one flag is set. */
export class Flag extends Field {
  readonly flag: string;

  constructor(name: string, flag: string) {
    super(name);
    this.flag = flag;
  }

  of(record: ReportRecord): boolean {
    return record.flag(this.index, this.flag);
  }
}

/** Whether each of some flags is set. */
export class FlagsByName<T extends string> extends Field {
  readonly flags: readonly T[];

  constructor(name: string, flags: readonly T[]) {
    super(name);
    this.flags = flags;
  }

  of(record: ReportRecord): Readonly<Record<T, boolean>> {
    return record.flagsByName(this.index, this.flags);
  }
}

/** An address, or null if it is unspecified. */
export class Address extends Field {
  of(record: ReportRecord): string | null {
    return record.string(this.index);
  }
}

/** An address that must not be null. */
export class KnownAddress extends Field {
  of(record: ReportRecord): string {
    const value = record.string(this.index);
    return typeof value === 'string' ? value : this.invalid(value, 'it must be an address');
  }
}

/** A text, or null if there is none. */
export class Text extends Field {
  of(record: ReportRecord): string | null {
    return record.string(this.index);
  }
}

/** The display name of a source: its address, or a reference clock's reference ID. */
export class DisplayAddress extends Field {
  constructor() {
    super('address', false);
  }

  of(record: ReportRecord): string {
    return record.displayAddress(this.index);
  }
}

/** A property whose value is not in a field. */
export class Derived<T> extends Field {
  constructor() {
    super('', false);
  }

  /** @param value - the value if the class is created from a record */
  of(record: ReportRecord, value: T): T {
    return record.derived(this.index, value);
  }
}

/**
 * Creates objects of a report's class from its records.
 *
 * `Known` are additional arguments for data that a record does not contain: `[address: string]` for `authdata` and
 * `sourcename`, whose records do not name their source; empty for the others. The compiler checks that callers pass
 * them.
 */
export interface ReportDecoder<T, Known extends readonly unknown[] = []> {
  /** The report's name in the C library. */
  readonly report: string;
  /** @throws ChronyDataError if a value is invalid; the message names the property and the value */
  decode(record: ReportRecord, ...known: Known): T;
}

/**
 * A decoder that passes each record to the constructor of a class. The constructor's public type hides that it accepts
 * records.
 */
export function decoder<T>(report: string, Class: new (data: DataOf<T>) => T): ReportDecoder<T> {
  return { report, decode: (record) => new Class(record as unknown as DataOf<T>) };
}
