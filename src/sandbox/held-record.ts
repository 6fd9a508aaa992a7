/**
 * The record that a session holds, read out of the sandbox in one call: `glue_read_record` in `wasm/glue.c`, and what it
 * fills. All sessions share that place: what was read there is to be used in the same turn.
 */
import type { Sandbox, SessionPointer, StringPointer } from './border.ts';

/** `struct glue_field`: its size and the places in it, counted in doubles and in pointers. */
const NUMBERS = { size: 2, number: 0 } as const;
const POINTERS = { size: 4, name: 2, text: 3 } as const;

/** The fields of a kind of record. */
interface Layout {
  /** Where the names are in the sandbox, in the record's order. */
  readonly pointers: readonly number[];
  readonly names: readonly string[];
  readonly places: ReadonlyMap<string, number>;
}

const NO_FIELDS: Layout = { pointers: [], names: [], places: new Map() };

/**
 * The engine keeps each key of an object once, and so each literal in the code: compared with one of these, a key is seen
 * to be the same without a look at its letters.
 */
function asInCode(text: string): string {
  const [key = text] = Object.keys({ [text]: null });
  return key;
}

export class HeldRecord {
  readonly #sandbox: Sandbox;
  #length = 0;
  #numbers = new Float64Array(0);
  #pointers = new Uint32Array(0);
  /** Those met so far: a handful, which every later record finds again. */
  readonly #layouts: Layout[] = [];
  #layout = NO_FIELDS;
  /** The place after the one asked for last. */
  #next = 0;

  constructor(sandbox: Sandbox) {
    this.#sandbox = sandbox;
  }

  /** Reads the record that a session holds: before whatever else is asked here, and in the same turn. */
  read(session: SessionPointer): void {
    const { c } = this.#sandbox;
    this.#length = c.glue_read_record(session);
    // growing the memory detaches what looks into it
    if (this.#numbers.length === 0) {
      const place = c.glue_get_record();
      this.#numbers = new Float64Array(c.memory.buffer, place);
      this.#pointers = new Uint32Array(c.memory.buffer, place);
    }
    if (!this.#is(this.#layout)) {
      this.#layout = this.#layouts.find((layout) => this.#is(layout)) ?? this.#newLayout();
    }
    this.#next = 0;
  }

  /** The number of fields. */
  get length(): number {
    return this.#length;
  }

  /** The place of a field by the C library's name, or undefined if this record has none. */
  place(name: string): number | undefined {
    // most are asked for in the record's own order, which spares a look into the map
    const next = this.#next;
    const place = this.#layout.names[next] === name ? next : this.#layout.places.get(name);
    if (place !== undefined) this.#next = place + 1;
    return place;
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

  #is({ pointers }: Layout): boolean {
    if (pointers.length !== this.#length) return false;
    for (let place = 0; place < pointers.length; place++) {
      if (pointers[place] !== this.#name(place)) return false;
    }
    return true;
  }

  #newLayout(): Layout {
    const pointers = Array.from({ length: this.#length }, (_, place) => this.#name(place));
    const names = pointers.map((name) => asInCode(this.#sandbox.staticString(name) ?? ''));
    const layout = { pointers, names, places: new Map(names.map((name, place) => [name, place])) };
    this.#layouts.push(layout);
    return layout;
  }
}
