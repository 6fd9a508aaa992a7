/**
 * What the reports' classes are made from: a record of the C library, or plain data; and the tables that say which
 * property of a class is which field of the record, and what its value must be.
 */
import { ChronyDataError } from '../errors.ts';

/** A class's data without its methods: what its constructor takes and `JSON.stringify` writes. */
export type DataOf<T> = {
  readonly [K in keyof T as T[K] extends (...args: never[]) => unknown ? never : K]: T[K];
};

/** The stratum of a clock that is not synchronised; 1 to 15 are those of synchronised ones. */
export const UNSYNCHRONIZED_STRATUM = 16;

/** The values of an enumeration. */
type Names<T extends string> = Readonly<Record<string, T>>;

/** Where the values of a class come from. Nothing is checked here. */
export abstract class ReportRecord {
  /** The address that was asked about, where a record does not say which source it is of. */
  askedAbout = '';
  /** Numbers, and times in seconds since the epoch, exact to 2⁵³. */
  numbers: ArrayLike<number> = [];
  /** For each field of the table that was selected, the place of its number. */
  places: ArrayLike<number> = [];

  /**
   * Selects the fields that will be asked for, by their indices in this table.
   *
   * @throws ChronyDataError if there is none of a field that is required
   */
  abstract select(fields: FieldTable): this;

  /**
   * A number; null for the one by which chronyd says "never", "not counted" or "not known".
   *
   * @param none - that number
   */
  abstract numberUnless(index: number, none: number): number | null;
  /** A number; null where this server's version of the record has no such field. */
  abstract numberIfSent(index: number): number | null;
  /** True for a number that is not 0. */
  abstract boolean(index: number): boolean;
  /** The name of an enumeration's value. One that the C library does not know reads `unknown (N)`. */
  abstract choice(index: number): string;
  /** The name of an enumeration's value; null for 0. */
  abstract choiceUnlessZero(index: number): string | null;
  /** The names of the flags that are set. Ones that the C library does not know are left out. */
  abstract flags(index: number): readonly string[];
  /** True if a flag is set. */
  abstract flag(index: number, name: string): boolean;
  /** Which of some flags are set. */
  abstract flagsByName<T extends string>(index: number, names: readonly T[]): Readonly<Record<T, boolean>>;
  /** A text. For an address that is unspecified, null. */
  abstract string(index: number): string | null;
  /** How a source is called: by its address, or, as a reference clock has none, by its reference ID. */
  abstract sourceName(index: number): string;
  /** A value that no field holds. @param otherwise - what it is for a record */
  abstract derived<T>(index: number, otherwise: T): T;
}

/** The data that a caller gives to a constructor: every value is there by the name of its property. */
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
  sourceName = this.#get<string>;

  derived<T>(index: number): T {
    return this.#get(index);
  }

  flagsByName<T extends string>(index: number, names: readonly T[]): Readonly<Record<T, boolean>> {
    const given = this.#get<Readonly<Record<T, boolean>>>(index);
    return flagRecord(names, (name) => given[name]);
  }
}

/** What a constructor takes its values from, of what it was given. */
export function recordOf(data: object, fields: FieldTable): ReportRecord {
  return (data instanceof ReportRecord ? data : new GivenData(data)).select(fields);
}

/** A frozen object that says of each flag whether it is set. */
export function flagRecord<T extends string>(
  names: readonly T[],
  isSet: (name: T) => boolean,
): Readonly<Record<T, boolean>> {
  return Object.freeze(Object.fromEntries(names.map((name) => [name, isSet(name)])) as Record<T, boolean>);
}

/** A property of a class, and the field that holds its value. */
export abstract class Field {
  /** The C library's name of the field. */
  readonly name: string;
  /** True if a record is of no use without it. */
  readonly required: boolean;
  /** The property's name and its place in the table: see {@link fieldTable}. */
  property = '';
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

/** Makes a class's table of its fields. */
export function fieldTable<T extends FieldTable>(fields: T): T {
  for (const [index, [property, field]] of Object.entries(fields).entries()) {
    field.property = property;
    field.index = index;
  }
  return fields;
}

/*
 * The kinds of fields. `of` gives the value, and throws a ChronyDataError that names the property and its value where that
 * breaks the rule. It is a method of each kind, is short, and reads numbers by itself, so that the engine compiles it into
 * the constructors: they take a quarter less. Every index has a place, and every place a number.
 */

/** A finite number of either sign. */
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

/** 32 bits without a sign, such as a reference ID. */
export class Uint32 extends Integer {
  constructor(name: string) {
    super(name, 0, 0xffffffff);
  }
}

/**
 * A stratum, 0 to 16. 16 needs no other sign that the clock is not synchronised: chronyd itself reports it
 * with a leap status of `normal` when it follows a source of stratum 15.
 */
export class Stratum extends Integer {
  constructor(name: string) {
    super(name, 0, UNSYNCHRONIZED_STRATUM);
  }
}

/** In the 8 bits of an interval, chronyd's way to say that it is not known. */
export const UNKNOWN_INTERVAL = 127;

/** An interval as the binary logarithm of seconds, in 8 bits; null where it is not known. */
export class IntervalIfKnown extends Field {
  of(record: ReportRecord): number | null {
    const value = record.numberUnless(this.index, UNKNOWN_INTERVAL);
    return value === null || (Number.isInteger(value) && value >= -128 && value < UNKNOWN_INTERVAL)
      ? value
      : this.invalid(value, `it must be a whole number from -128 to ${UNKNOWN_INTERVAL - 1}`);
  }
}

/**
 * A whole number, zero or more. It has no upper limit, since a 64-bit one beyond 2⁵³ arrives rounded to a double and is
 * still the right order of magnitude.
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

/** In 32 bits, chronyd's way to say "never" or "not counted". */
export const ALL_ONES = 0xffffffff;

/** A counter; null where chronyd says "never" or "not counted". */
export class CountUnlessNone extends AnyCount {
  of(record: ReportRecord): number | null {
    const value = record.numberUnless(this.index, ALL_ONES);
    return value === null ? null : this.check(value);
  }
}

/** A counter that only newer servers send; null from others. */
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

/** A value of an enumeration in which 0 says that nothing is known yet: null then. */
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

/** An address, or null where there is none. */
export class Address extends Field {
  of(record: ReportRecord): string | null {
    return record.string(this.index);
  }
}

/** An address that must be there. */
export class KnownAddress extends Field {
  of(record: ReportRecord): string {
    const value = record.string(this.index);
    return typeof value === 'string' ? value : this.invalid(value, 'it must be an address');
  }
}

/** A text, or null where there is none. */
export class Text extends Field {
  of(record: ReportRecord): string | null {
    return record.string(this.index);
  }
}

/** How a source is called: its address, or a reference clock's reference ID. */
export class SourceAddress extends Field {
  constructor() {
    super('address', false);
  }

  of(record: ReportRecord): string {
    return record.sourceName(this.index);
  }
}

/** A property that no field holds. */
export class Derived<T> extends Field {
  constructor() {
    super('', false);
  }

  /** @param value - what it is where the class is made from a record */
  of(record: ReportRecord, value: T): T {
    return record.derived(this.index, value);
  }
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
  /** @throws ChronyDataError naming the property and its value where a record breaks the class's rules. */
  decode(record: ReportRecord, ...known: Known): T;
}

/** A decoder that gives each record to the constructor of a class, which takes records, too: its public type does not say so. */
export function decoder<T>(report: string, Class: new (data: DataOf<T>) => T): ReportDecoder<T> {
  return { report, decode: (record) => new Class(record as unknown as DataOf<T>) };
}
