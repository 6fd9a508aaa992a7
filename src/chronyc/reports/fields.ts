/** The fields of a record by name, for formats that need exact values rather than the typed classes. */
import { ChronyDataError } from '../../errors.ts';
import type { ReportField, Timespec } from '../../reports/report-field.ts';
import { fixed, signed } from '../number.ts';

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

  /** Servers of another version may have other fields. */
  has(name: string): boolean {
    return this.#fields.has(name);
  }

  number(name: string): number {
    return Number(this.#get(name).value);
  }

  /** A number with so many decimals. */
  fixed(name: string, decimals: number): string {
    return fixed(this.number(name), decimals);
  }

  /** The same with its sign, whichever that is. */
  signed(name: string, decimals: number): string {
    return signed(this.number(name), decimals);
  }

  /** A whole number to its last digit, which a double may not hold. */
  integer(name: string): string {
    return String(this.#get(name).value);
  }

  text(name: string): string {
    const { value, text } = this.#get(name);
    return text ?? (typeof value === 'string' ? value : '');
  }

  time(name: string): Timespec {
    const { value } = this.#get(name);
    if (value !== null && typeof value === 'object') return value;
    throw new ChronyDataError(`the field '${name}' is no time; upgrade chrony-wasm`);
  }
}
