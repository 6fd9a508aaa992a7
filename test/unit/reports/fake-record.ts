/** A record made of a plain object, standing in for one that the C library holds. */
import { ChronyDataError } from '../../../src/errors.ts';
import type { ReportRecord } from '../../../src/reports/index.ts';

/** An enumeration's value: its number, and its name where the C library knows one. */
export interface Choice {
  readonly value: number;
  readonly name?: string;
}

/** Number or time, address, flags, enumeration. */
export type FakeField = number | string | null | readonly string[] | Choice;
export type FakeFields = Readonly<Record<string, FakeField>>;

const isChoice = (field: FakeField): field is Choice =>
  typeof field === 'object' && field !== null && 'value' in field;

export class FakeRecord implements ReportRecord {
  readonly #fields: FakeFields;
  /** The fields that were asked for. */
  readonly read = new Set<string>();

  constructor(fields: FakeFields) {
    this.#fields = fields;
  }

  has(field: string): boolean {
    return Object.hasOwn(this.#fields, field);
  }

  number(field: string): number {
    const value = this.#get(field);
    if (isChoice(value)) return value.value;
    if (typeof value === 'number') return value;
    throw new TypeError(`${field} is no number`);
  }

  numberOrNull(field: string): number | null {
    return this.has(field) ? this.number(field) : null;
  }

  time(field: string): number {
    return this.number(field);
  }

  address(field: string): string | null {
    const value = this.#get(field);
    if (typeof value === 'string' || value === null) return value;
    throw new TypeError(`${field} is no address`);
  }

  choice(field: string): string {
    const value = this.#get(field);
    if (isChoice(value)) return value.name ?? `unknown (${value.value})`;
    throw new TypeError(`${field} is no enumeration`);
  }

  flags(field: string): string[] {
    const value = this.#get(field);
    if (Array.isArray(value)) return [...value];
    throw new TypeError(`${field} has no flags`);
  }

  #get(field: string): FakeField {
    this.read.add(field);
    const value = this.#fields[field];
    if (value === undefined) throw new ChronyDataError(`missing ${field}`);
    return value;
  }
}
