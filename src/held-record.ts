/**
 * The record that a session holds, read out of the sandbox at one go: `glue_read_record` in `wasm/glue.c` and what it
 * fills. One such place for all sessions, so nothing read stays longer than the turn in which it is needed.
 */
import type { LibchronyExports, SessionPointer, StringPointer } from './libchrony.ts';

/** `struct glue_field`, a field's record, in numbers and in pointers. */
const NUMBERS = { size: 2, number: 0 } as const;
const POINTERS = { size: 4, name: 2, text: 3 } as const;

export class HeldRecord {
  readonly #c: LibchronyExports;
  readonly #staticString: (pointer: StringPointer) => string | null;
  /** Whose record was read last. */
  #session: SessionPointer | null = null;
  #length = 0;
  #numbers = new Float64Array(0);
  #pointers = new Uint32Array(0);
  #places: ReadonlyMap<string, number> = new Map();
  /** The names of fields met so far, in the order of a record: a handful, which every later record finds again. */
  readonly #layouts: { readonly names: readonly number[]; readonly places: ReadonlyMap<string, number> }[] =
    [];

  /** @param staticString - decodes a string that never changes */
  constructor(c: LibchronyExports, staticString: (pointer: StringPointer) => string | null) {
    this.#c = c;
    this.#staticString = staticString;
  }

  /** Reads the session's record, unless it is what was read last. Before whatever else is asked here. */
  of(session: SessionPointer): this {
    // growing the memory detaches what looks into it
    if (this.#session !== session || this.#numbers.length === 0) this.#read(session);
    return this;
  }

  /** Another record is on its way. */
  forget(): void {
    this.#session = null;
  }

  /** The number of fields. */
  get length(): number {
    return this.#length;
  }

  /** The place of a field by the C library's name, or undefined if this record has none. */
  place(name: string): number | undefined {
    return this.#places.get(name);
  }

  /** The value of a number of any type, or of a time, in seconds. NaN for a string. */
  number(place: number): number {
    return this.#numbers[place * NUMBERS.size + NUMBERS.number] ?? Number.NaN;
  }

  /** The value of a string, or the name of an enumeration's value; 0 if there is none. */
  text(place: number): StringPointer {
    return (this.#pointers[place * POINTERS.size + POINTERS.text] ?? 0) as StringPointer;
  }

  #name(place: number): StringPointer {
    return (this.#pointers[place * POINTERS.size + POINTERS.name] ?? 0) as StringPointer;
  }

  #read(session: SessionPointer): void {
    this.#length = this.#c.glue_read_record(session);
    if (this.#numbers.length === 0) {
      const place = this.#c.glue_get_record();
      this.#numbers = new Float64Array(this.#c.memory.buffer, place);
      this.#pointers = new Uint32Array(this.#c.memory.buffer, place);
    }
    const known = this.#layouts.find(({ names }) => this.#has(names));
    this.#places = known?.places ?? this.#newLayout();
    this.#session = session;
  }

  #has(names: readonly number[]): boolean {
    if (names.length !== this.#length) return false;
    for (let place = 0; place < names.length; place++) {
      if (names[place] !== this.#name(place)) return false;
    }
    return true;
  }

  #newLayout(): ReadonlyMap<string, number> {
    const names = Array.from({ length: this.#length }, (_, place) => this.#name(place));
    const places = new Map(names.map((name, place) => [this.#staticString(name) ?? '', place]));
    this.#layouts.push({ names, places });
    return places;
  }
}
