/**
 * Reads a session's current record, for the classes of the reports or as a list of fields. All sessions share one
 * reader. It reads each record with one call of `glue_read_record` (`wasm/glue.c`) into one static struct, so the
 * record must be used in the same turn of the event loop.
 */
import { ChronyDataError } from '../errors.ts';
import { type FieldTable, flagRecord, ReportRecord } from '../reports/record.ts';
import { fieldContents, fieldTypes, type ReportField } from '../reports/report-field.ts';
import { NO_ADDRESS, referenceIdText } from '../reports/source-name.ts';
import type { Sandbox, SessionPointer, StringPointer } from './interface.ts';

/**
 * The length of the three arrays in `struct glue_record` of `wasm/record.h`: doubles, pointers to names and to texts.
 */
const MAX_FIELDS = 64;

/** `CHRONY_TYPE_*` of `chrony.h`. */
const Type = { UINTEGER: 1, INTEGER: 2, FLOAT: 3, TIMESPEC: 4, STRING: 5 } as const;

/** A value of flags: the names of the flags that are set, and the bits without a name. */
interface Flags {
  readonly value: bigint;
  readonly names: readonly string[];
  readonly unnamed: bigint;
}

/** The layout of a kind of record, with caches of its values. */
interface Layout {
  readonly report: string;
  /** The pointers to the names of the fields, in the record's order. They identify the layout. */
  readonly pointers: readonly StringPointer[];
  readonly names: readonly string[];
  /** For each field, a cache of the names of its values; the index is the value. */
  readonly constants: readonly string[][];
  /** For each field, its last flags and its last text, which rarely change. */
  readonly flags: (Flags | undefined)[];
  readonly texts: string[];
  /** The bytes of these texts; each character stands for a byte. */
  readonly bytes: string[];
  /**
   * The table of the class for these records, and the positions of its fields in the record; −1 if a field is missing.
   */
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

/** The text for a value without a name. */
function unknown(value: number | bigint): string {
  return `unknown (${value})`;
}

const utf8 = new TextDecoder();

/**
 * Decodes a text, of which each character stands for a byte, as UTF-8. chronyd's configuration may contain any bytes.
 * Invalid bytes are replaced, and so are control characters, which could manipulate a terminal.
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
  /** Views of the sandbox's memory: the record's pointers to names and texts, and the whole memory. */
  #names = new Uint32Array(0);
  #texts = new Uint32Array(0);
  #bytes = new Uint8Array(0);
  /** The layouts seen so far: only a few, which later records use again. */
  readonly #layouts: Layout[] = [];
  #layout = newLayout('', [], []);

  constructor(sandbox: Sandbox) {
    super();
    this.#sandbox = sandbox;
  }

  /** Reads the session's current record, of this report. It is valid only in the same turn of the event loop. */
  of(session: SessionPointer, report: string): this {
    const { c } = this.#sandbox;
    this.#session = session;
    this.#length = c.glue_read_record(session);
    // growing the memory detaches its views, whose length is then 0
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

  /** The number of fields; 0 if the report does not apply to this source. */
  get length(): number {
    return this.#length;
  }

  /** Every field of the record, in the C library's order. */
  toFields(): ReportField[] {
    return Array.from({ length: this.#length }, (_, place) => this.#field(place));
  }

  /** A field's text, by the C library's name of the field; null if there is none, and for a number. */
  text(name: string): string | null {
    return this.#text(this.#placeOf(name));
  }

  /** A field's number, by the C library's name of the field. */
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

  displayAddress(): string {
    const address = this.sourceAddress();
    if (address !== null) return address;
    // a record of `sources` has no reference ID if the source is a server
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

  /** The position in the record of a field of the table; −1 if it is missing. */
  #place(index: number): number {
    return this.places[index] ?? -1;
  }

  /** The position in the record of a field, by the C library's name. */
  #placeOf(name: string): number {
    const { report, names } = this.#layout;
    const place = names.indexOf(name);
    if (place >= 0) return place;
    throw new ChronyDataError(
      `${report}: the record has no field '${name}'; unsupported version of the server or the library, upgrade chrony-wasm`,
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

  /** True if exactly this string is at a pointer in the sandbox. */
  #isAt(pointer: StringPointer, text: string): boolean {
    const bytes = this.#bytes;
    let at: number = pointer;
    for (let i = 0; i < text.length; i++) {
      if (bytes[at++] !== text.charCodeAt(i)) return false;
    }
    return bytes[at] === 0;
  }

  /** Returns the name of an enumeration's value, and caches it if the value has one. */
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
        // WebAssembly passes 64-bit numbers as signed
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
