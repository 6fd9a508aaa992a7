/** A raw record: gives its fields by name, with exact values, which the typed classes may round or reject. */
import { ChronyDataError } from '../errors.ts';
import type { ReportField, Timespec } from '../reports/report-field.ts';
import { NO_ADDRESS } from '../reports/source-name.ts';
import { addressReference } from './address.ts';
import { fixed, printedName, referenceText } from './values.ts';

export class Fields {
  readonly #fields: ReadonlyMap<string, ReportField>;

  constructor(record: readonly ReportField[]) {
    this.#fields = new Map(record.map((field) => [field.name, field]));
  }

  #get(name: string): ReportField {
    const field = this.#fields.get(name);
    if (field === undefined)
      throw new ChronyDataError(`the record has no field '${name}'; upgrade chrony-wasm`);
    return field;
  }

  /** False for some fields of other versions of chronyd. */
  has(name: string): boolean {
    return this.#fields.has(name);
  }

  number(name: string): number {
    return Number(this.#get(name).value);
  }

  /** A number with a fixed number of decimals. */
  fixed(name: string, decimals: number): string {
    return fixed(this.number(name), decimals);
  }

  /** A whole number with all its digits, which may exceed a double. */
  integer(name: string): string {
    return String(this.#get(name).value);
  }

  /** A string, or the name of an enumeration's value; empty if there is none. */
  text(name: string): string {
    const { value, text } = this.#get(name);
    return text ?? (typeof value === 'string' ? value : '');
  }

  time(name: string): Timespec {
    const { value } = this.#get(name);
    if (value !== null && typeof value === 'object') return value;
    throw new ChronyDataError(`the field '${name}' is not a time; upgrade chrony-wasm`);
  }

  /** An address, and the reference ID that chrony gives it. */
  address(name: string): readonly [address: string, id: string] {
    const text = this.text(name);
    return [text || NO_ADDRESS, addressReference(text)];
  }
}

/** The field that {@link withName} adds, for `-N`. */
const NAME = 'name';

/** Adds to a record the name of its source in chronyd's configuration, for {@link sourceName}. */
export function withName(record: readonly ReportField[], name: string): ReportField[] {
  return [{ name: NAME, type: 'string', content: 'none', value: name }, ...record];
}

/** The name that {@link withName} added, as chronyc prints it; null if the record has no name. */
export function givenName(fields: Fields): string | null {
  return fields.has(NAME) ? printedName(fields.text(NAME)) : null;
}

/** The source of a record as chronyc prints it: the name that {@link withName} added, otherwise the address. */
export function sourceName(fields: Fields): string {
  return givenName(fields) ?? sourceAddress(fields);
}

/** The address of an NTP server; empty for a reference clock. */
export function ntpAddress(fields: Fields): string {
  return fields.has('address') ? fields.text('address') : '';
}

/** Identifies the source of a record: the address of an NTP server, or the name of a reference clock. */
export function sourceAddress(fields: Fields): string {
  const address = ntpAddress(fields);
  if (address !== '') return address;
  return fields.has('reference ID') ? referenceText(fields.number('reference ID')) : NO_ADDRESS;
}
