/**
 * Reads the record that a session holds: field by field for the typed reports, or whole for the generic view. One for
 * all sessions.
 */
import { ChronyDataError } from '../errors.ts';
import type { ReportRecord } from '../reports/record.ts';
import { fieldContents, fieldTypes, type ReportField } from '../reports/report-field.ts';
import type { Sandbox, SessionPointer } from './border.ts';
import { HeldRecord } from './held-record.ts';

/** `CHRONY_TYPE_*`, for reading. */
const Type = { UINTEGER: 1, INTEGER: 2, FLOAT: 3, TIMESPEC: 4, STRING: 5 } as const;

/** What a value without a name is called. */
function unknown(value: number | bigint): string {
  return `unknown (${value})`;
}

export class RecordReader implements ReportRecord {
  readonly #sandbox: Sandbox;
  readonly #held: HeldRecord;
  #session = 0 as SessionPointer;
  #report = '';

  constructor(sandbox: Sandbox) {
    this.#sandbox = sandbox;
    this.#held = new HeldRecord(sandbox);
  }

  /** Reads the record that a session holds, of this report. It can be asked for in the same turn only. */
  of(session: SessionPointer, report: string): this {
    this.#session = session;
    this.#report = report;
    this.#held.read(session);
    return this;
  }

  /** The number of fields; 0 if the report has nothing about this source. */
  get length(): number {
    return this.#held.length;
  }

  has(field: string): boolean {
    return this.#held.place(field) !== undefined;
  }

  number(field: string): number {
    return this.#held.number(this.#place(field));
  }

  numberOrNull(field: string): number | null {
    return this.has(field) ? this.number(field) : null;
  }

  time(field: string): number {
    return this.number(field);
  }

  address(field: string): string | null {
    return this.#sandbox.string(this.#held.text(this.#place(field)));
  }

  choice(field: string): string {
    const place = this.#place(field);
    return this.#sandbox.staticString(this.#held.text(place)) ?? unknown(this.#held.number(place));
  }

  flags(field: string): string[] {
    const place = this.#place(field);
    return this.#flags(place, BigInt(this.#held.number(place))).names;
  }

  /** Every field of the record, in the C library's order. */
  toFields(): ReportField[] {
    return Array.from({ length: this.length }, (_, index) => this.#field(index));
  }

  #place(field: string): number {
    const place = this.#held.place(field);
    if (place !== undefined) return place;
    throw new ChronyDataError(
      `${this.#report}: the record has no field '${field}'; the server or the library is of another version, upgrade chrony-wasm`,
    );
  }

  /** All 64 bits cross the sandbox's border as a signed number. */
  #uinteger(index: number): bigint {
    return BigInt.asUintN(64, this.#sandbox.c.chrony_get_field_uinteger(this.#session, index));
  }

  #string(index: number): string | null {
    return this.#sandbox.string(this.#sandbox.c.chrony_get_field_string(this.#session, index));
  }

  #constant(index: number, value: bigint): string | null {
    return this.#sandbox.staticString(
      this.#sandbox.c.chrony_get_field_constant_name(this.#session, index, value),
    );
  }

  #choice(index: number, value: bigint): string {
    return this.#constant(index, value) ?? unknown(value);
  }

  /** The names of the flags that are set, and those that have none. */
  #flags(index: number, value: bigint): { names: string[]; unnamed: bigint } {
    const names: string[] = [];
    let unnamed = value;
    for (let flag = 1n; flag <= value; flag <<= 1n) {
      const name = (value & flag) === 0n ? null : this.#constant(index, flag);
      if (name === null) continue;
      names.push(name);
      unnamed ^= flag;
    }
    return { names, unnamed };
  }

  #flagText(index: number, value: bigint): string {
    const { names, unnamed } = this.#flags(index, value);
    return (unnamed === 0n ? names : [...names, unknown(unnamed)]).join(', ');
  }

  #field(index: number): ReportField {
    const { c } = this.#sandbox;
    const type = c.chrony_get_field_type(this.#session, index);
    const content = fieldContents[c.chrony_get_field_content(this.#session, index)] ?? 'none';
    const value = this.#value(index, type);
    const field = {
      name: this.#sandbox.staticString(c.chrony_get_field_name(this.#session, index)) ?? '',
      type: fieldTypes[type] ?? 'none',
      content,
      value,
    };
    if (typeof value !== 'bigint') return field;
    if (content === 'enum') return { ...field, text: this.#choice(index, value) };
    if (content === 'flags') return { ...field, text: this.#flagText(index, value) };
    return field;
  }

  #value(index: number, type: number): ReportField['value'] {
    const { c } = this.#sandbox;
    switch (type) {
      case Type.UINTEGER:
        return this.#uinteger(index);
      case Type.INTEGER:
        return c.chrony_get_field_integer(this.#session, index);
      case Type.FLOAT:
        return c.chrony_get_field_float(this.#session, index);
      case Type.TIMESPEC:
        return {
          seconds: c.glue_get_seconds(this.#session, index),
          nanoseconds: c.glue_get_nanoseconds(this.#session, index),
        };
      case Type.STRING:
        return this.#string(index);
      default:
        return null;
    }
  }
}
