/**
 * Reads the record that a session holds: into the classes of the reports, or whole for the generic view. One for all
 * sessions. Each record is read out of the sandbox in one call, `glue_read_record` in `wasm/glue.c`, into one place, and
 * is to be used in the same turn.
 */
import { ChronyDataError } from '../errors.ts';
import { type FieldTable, flagRecord, ReportRecord } from '../reports/record.ts';
import { fieldContents, fieldTypes, type ReportField } from '../reports/report-field.ts';
import { NO_ADDRESS, referenceIdText } from '../reports/source-name.ts';
import type { Sandbox, SessionPointer, StringPointer } from './border.ts';

/** `struct glue_record` of `wasm/record.h`: so many doubles, then as many pointers to names, then to texts. */
const MAX_FIELDS = 64;

/** `CHRONY_TYPE_*`, for reading. */
const Type = { UINTEGER: 1, INTEGER: 2, FLOAT: 3, TIMESPEC: 4, STRING: 5 } as const;

/** The names of the flags that are set in a value, and those that have none. */
interface Flags {
  readonly value: bigint;
  readonly names: readonly string[];
  readonly unnamed: bigint;
}

/** A kind of record that was met, and what does not change from one of them to the next. */
interface Layout {
  readonly report: string;
  /** Where the names of the fields are in the sandbox, in the record's order. */
  readonly pointers: readonly StringPointer[];
  readonly names: readonly string[];
  /** For each field, the names of the values that were met, by the values. */
  readonly constants: readonly string[][];
  /** For each field, the flags that were set last time, and the text that was there: mostly it still is. */
  readonly flags: (Flags | undefined)[];
  readonly texts: string[];
  /** The bytes of these texts, a character for each. */
  readonly bytes: string[];
  /** The table of the class that such records are made into, and where its fields are; −1 for one that is not there. */
  table: FieldTable;
  places: readonly number[];
}

function newLayout(report: string, pointers: readonly StringPointer[], names: readonly string[]): Layout {
  return {
    report,
    pointers,
    names,
    constants: names.map(() => []),
    flags: names.map(() => undefined),
    texts: names.map(() => ''),
    bytes: names.map(() => ''),
    table: {},
    places: [],
  };
}

/** What a value without a name is called. */
function unknown(value: number | bigint): string {
  return `unknown (${value})`;
}

const utf8 = new TextDecoder();

/**
 * A text of which each character stands for a byte, as UTF-8 makes it. chronyd may be configured with any bytes; control
 * characters, which could write to a terminal, are replaced like bytes that are no UTF-8.
 */
function decoded(bytes: string): string {
  if (/^[\x20-\x7e]*$/.test(bytes)) return bytes;
  const text = utf8.decode(Uint8Array.from(bytes, (byte) => byte.charCodeAt(0)));
  return text.replace(/\p{Cc}/gu, '\ufffd');
}

export class RecordReader extends ReportRecord {
  readonly #sandbox: Sandbox;
  #session = 0 as SessionPointer;
  #length = 0;
  /** The sandbox's memory: pointers to the names and the texts of the record, and all of it. */
  #names = new Uint32Array(0);
  #texts = new Uint32Array(0);
  #bytes = new Uint8Array(0);
  /** Those met so far: a handful, which every later record finds again. */
  readonly #layouts: Layout[] = [];
  #layout = newLayout('', [], []);

  constructor(sandbox: Sandbox) {
    super();
    this.#sandbox = sandbox;
  }

  /** Reads the record that a session holds, of this report. It can be asked for in the same turn only. */
  of(session: SessionPointer, report: string): this {
    const { c } = this.#sandbox;
    this.#session = session;
    this.#length = c.glue_read_record(session);
    // growing the memory detaches what looks into it
    if (this.#bytes.length === 0) {
      const { buffer } = c.memory;
      const numbers = c.glue_get_record();
      const names = numbers + MAX_FIELDS * Float64Array.BYTES_PER_ELEMENT;
      const texts = names + MAX_FIELDS * Uint32Array.BYTES_PER_ELEMENT;
      this.numbers = new Float64Array(buffer, numbers, MAX_FIELDS);
      this.#names = new Uint32Array(buffer, names, MAX_FIELDS);
      this.#texts = new Uint32Array(buffer, texts, MAX_FIELDS);
      this.#bytes = new Uint8Array(buffer);
    }
    if (!this.#is(this.#layout, report)) this.#layout = this.#findLayout(report);
    this.requestedAddress = '';
    return this;
  }

  /** The number of fields; 0 if the report has nothing about this source. */
  get length(): number {
    return this.#length;
  }

  /** Every field of the record, in the C library's order. */
  toFields(): ReportField[] {
    return Array.from({ length: this.#length }, (_, place) => this.#field(place));
  }

  /** A field's text by the C library's name of the field; null where there is none, and for a number. */
  text(name: string): string | null {
    return this.#text(this.#placeOf(name));
  }

  /** A field's number by the C library's name of the field. */
  number(name: string): number {
    return this.#number(this.#placeOf(name));
  }

  select(fields: FieldTable): this {
    const layout = this.#layout;
    if (layout.table !== fields) {
      layout.places = Object.values(fields).map(({ name, required }) =>
        required ? this.#placeOf(name) : layout.names.indexOf(name),
      );
      layout.table = fields;
    }
    this.places = layout.places;
    return this;
  }

  numberUnless(index: number, none: number): number | null {
    const value = this.#number(this.#place(index));
    return value === none ? null : value;
  }

  numberIfSent(index: number): number | null {
    const place = this.#place(index);
    return place < 0 ? null : this.#number(place);
  }

  boolean(index: number): boolean {
    return this.#number(this.#place(index)) !== 0;
  }

  choice(index: number): string {
    const place = this.#place(index);
    const value = this.#number(place);
    return this.#layout.constants[place]?.[value] ?? this.#nameValue(place, value);
  }

  choiceUnlessZero(index: number): string | null {
    return this.#number(this.#place(index)) === 0 ? null : this.choice(index);
  }

  flags(index: number): readonly string[] {
    const place = this.#place(index);
    return this.#flags(place, BigInt(this.#number(place))).names;
  }

  flag(index: number, name: string): boolean {
    return this.flags(index).includes(name);
  }

  flagsByName<T extends string>(index: number, names: readonly T[]): Readonly<Record<T, boolean>> {
    const flags = this.flags(index);
    return flagRecord(names, (name) => flags.includes(name));
  }

  string(index: number): string | null {
    return this.#text(this.#place(index));
  }

  sourceName(): string {
    const address = this.sourceAddress();
    if (address !== null) return address;
    // a server in `sources` has an address only
    return this.#layout.names.includes('reference ID')
      ? referenceIdText(this.#number(this.#placeOf('reference ID')))
      : NO_ADDRESS;
  }

  /** The address of the source; null if it is a reference clock, or its address is of an unknown family. */
  sourceAddress(): string | null {
    return this.#layout.names.includes('address') ? this.text('address') : null;
  }

  derived<T>(_: number, otherwise: T): T {
    return otherwise;
  }

  #findLayout(report: string): Layout {
    const known = this.#layouts.find((layout) => this.#is(layout, report));
    if (known !== undefined) return known;
    const pointers = Array.from(this.#names.subarray(0, this.#length)) as StringPointer[];
    const names = pointers.map((name) => this.#sandbox.staticString(name) ?? '');
    const layout = newLayout(report, pointers, names);
    this.#layouts.push(layout);
    return layout;
  }

  #is({ report, pointers }: Layout, ofReport: string): boolean {
    if (report !== ofReport || pointers.length !== this.#length) return false;
    const held = this.#names;
    for (let place = 0; place < pointers.length; place++) {
      if (held[place] !== pointers[place]) return false;
    }
    return true;
  }

  /** The place of a field of the table. */
  #place(index: number): number {
    return this.places[index] ?? -1;
  }

  /** The place of a field by the C library's name. */
  #placeOf(name: string): number {
    const { report, names } = this.#layout;
    const place = names.indexOf(name);
    if (place >= 0) return place;
    throw new ChronyDataError(
      `${report}: the record has no field '${name}'; the server or the library is of another version, upgrade chrony-wasm`,
    );
  }

  #number(place: number): number {
    return this.numbers[place] ?? Number.NaN;
  }

  #text(place: number): string | null {
    const pointer = (this.#texts[place] ?? 0) as StringPointer;
    if (pointer === 0) return null;
    const { texts, bytes } = this.#layout;
    if (!this.#isAt(pointer, bytes[place] ?? '')) {
      const text = this.#sandbox.string(pointer) ?? '';
      bytes[place] = text;
      texts[place] = decoded(text);
    }
    return texts[place] ?? '';
  }

  /** True if this string, and no longer one, is at a place in the sandbox. */
  #isAt(pointer: StringPointer, text: string): boolean {
    const bytes = this.#bytes;
    let at: number = pointer;
    for (let i = 0; i < text.length; i++) {
      if (bytes[at++] !== text.charCodeAt(i)) return false;
    }
    return bytes[at] === 0;
  }

  /** Asks for the name of an enumeration's value, and keeps it, where it has one. */
  #nameValue(place: number, value: number): string {
    const name = this.#constant(place, BigInt(value));
    const known = this.#layout.constants[place];
    if (name !== null && known !== undefined) known[value] = name;
    return name ?? unknown(value);
  }

  /** The name of an enumeration's value or of a flag; null if it has none. */
  #constant(place: number, value: bigint): string | null {
    const { c } = this.#sandbox;
    return this.#sandbox.staticString(c.chrony_get_field_constant_name(this.#session, place, value));
  }

  #flags(place: number, value: bigint): Flags {
    const last = this.#layout.flags[place];
    if (last?.value === value) return last;
    const names: string[] = [];
    let unnamed = value;
    for (let flag = 1n; flag <= value; flag <<= 1n) {
      const name = (value & flag) === 0n ? null : this.#constant(place, flag);
      if (name === null) continue;
      names.push(name);
      unnamed ^= flag;
    }
    const flags = { value, names, unnamed };
    this.#layout.flags[place] = flags;
    return flags;
  }

  #flagText(place: number, value: bigint): string {
    const { names, unnamed } = this.#flags(place, value);
    return (unnamed === 0n ? names : [...names, unknown(unnamed)]).join(', ');
  }

  #field(place: number): ReportField {
    const { c } = this.#sandbox;
    const type = c.chrony_get_field_type(this.#session, place);
    const content = fieldContents[c.chrony_get_field_content(this.#session, place)] ?? 'none';
    const value = this.#value(place, type);
    const field = {
      name: this.#layout.names[place] ?? '',
      type: fieldTypes[type] ?? 'none',
      content,
      value,
    };
    if (typeof value !== 'bigint') return field;
    if (content === 'enum') return { ...field, text: this.#constant(place, value) ?? unknown(value) };
    if (content === 'flags') return { ...field, text: this.#flagText(place, value) };
    return field;
  }

  #value(place: number, type: number): ReportField['value'] {
    const { c } = this.#sandbox;
    switch (type) {
      case Type.UINTEGER:
        // all 64 bits cross the sandbox's border as a signed number
        return BigInt.asUintN(64, c.chrony_get_field_uinteger(this.#session, place));
      case Type.INTEGER:
        return c.chrony_get_field_integer(this.#session, place);
      case Type.FLOAT:
        return c.chrony_get_field_float(this.#session, place);
      case Type.TIMESPEC:
        return {
          seconds: c.glue_get_seconds(this.#session, place),
          nanoseconds: c.glue_get_nanoseconds(this.#session, place),
        };
      case Type.STRING:
        return this.#text(place);
      default:
        return null;
    }
  }
}
