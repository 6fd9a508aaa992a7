/** A record based on a plain object, in place of one in the C library. */
import { ChronyDataError } from '../../../src/errors.ts';
import { type FieldTable, flagRecord, ReportRecord } from '../../../src/reports/record.ts';
import { referenceIdText } from '../../../src/reports/source-name.ts';

/** The value of an enumeration: its number, and its name if the C library has one. */
export interface Choice {
  readonly value: number;
  readonly name?: string;
}

/** A number or time, an address, flags, or an enumeration. */
export type FakeField = number | string | null | readonly string[] | Choice;
export type FakeFields = Readonly<Record<string, FakeField>>;

const isChoice = (field: FakeField): field is Choice =>
  typeof field === 'object' && field !== null && 'value' in field;

export class FakeRecord extends ReportRecord {
  readonly #fields: FakeFields;
  #names: readonly string[] = [];
  /** The fields that were read. */
  readonly read = new Set<string>();

  constructor(fields: FakeFields) {
    super();
    this.#fields = fields;
  }

  select(table: FieldTable): this {
    const fields = Object.values(table);
    for (const { name, required } of fields) {
      if (required && !this.#has(name)) throw new ChronyDataError(`missing ${name}`);
    }
    this.#names = fields.map(({ name }) => name);
    this.places = fields.map((_, index) => index);
    this.numbers = new Proxy([], { get: (_, index) => this.#number(this.#name(Number(index))) });
    return this;
  }

  numberUnless(index: number, none: number): number | null {
    const value = this.#number(this.#name(index));
    return value === none ? null : value;
  }

  numberIfSent(index: number): number | null {
    const name = this.#name(index);
    return this.#has(name) ? this.#number(name) : null;
  }

  boolean(index: number): boolean {
    return this.#number(this.#name(index)) !== 0;
  }

  string(index: number): string | null {
    return this.#address(this.#name(index));
  }

  displayAddress(): string {
    const address = this.#has('address') ? this.#address('address') : null;
    return address ?? referenceIdText(this.#number('reference ID'));
  }

  choice(index: number): string {
    const value = this.#get(this.#name(index));
    if (isChoice(value)) return value.name ?? `unknown (${value.value})`;
    throw new TypeError(`${this.#name(index)} is no enumeration`);
  }

  choiceUnlessZero(index: number): string | null {
    return this.#number(this.#name(index)) === 0 ? null : this.choice(index);
  }

  flags(index: number): readonly string[] {
    const value = this.#get(this.#name(index));
    if (Array.isArray(value)) return [...value];
    throw new TypeError(`${this.#name(index)} has no flags`);
  }

  flag(index: number, name: string): boolean {
    return this.flags(index).includes(name);
  }

  flagsByName<T extends string>(index: number, names: readonly T[]): Readonly<Record<T, boolean>> {
    return flagRecord(names, (name) => this.flag(index, name));
  }

  derived<T>(_: number, otherwise: T): T {
    return otherwise;
  }

  #name(index: number): string {
    return this.#names[index] ?? '';
  }

  #has(name: string): boolean {
    return Object.hasOwn(this.#fields, name);
  }

  #number(name: string): number {
    const value = this.#get(name);
    if (isChoice(value)) return value.value;
    if (typeof value === 'number') return value;
    throw new TypeError(`${name} is no number`);
  }

  #address(name: string): string | null {
    const value = this.#get(name);
    if (typeof value === 'string' || value === null) return value;
    throw new TypeError(`${name} is no address`);
  }

  #get(name: string): FakeField {
    this.read.add(name);
    const value = this.#fields[name];
    if (value === undefined) throw new ChronyDataError(`missing ${name}`);
    return value;
  }
}
