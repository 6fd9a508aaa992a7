/** What a live view remembers of each source: its last text, and the course of its offset. */

/** More than any terminal is wide. */
const KEPT = 500;

export class History {
  /** By the source's name, in the order in which they came; a report of one record has one without a name. */
  readonly courses = new Map<string, (number | null)[]>();
  #texts: ReadonlyMap<string, string> = new Map();
  #turns = 0;

  /** The text of a source the time before; undefined if it was not there. */
  textBefore(name: string): string | undefined {
    return this.#texts.get(name);
  }

  /** Another turn: the text of every source there is, and its offset, where it has one. */
  add(records: ReadonlyMap<string, { readonly text: string; readonly offset: number | null }>): void {
    this.#texts = new Map([...records].map(([name, { text }]) => [name, text]));
    for (const [name, { offset }] of records) {
      if (offset !== null && !this.courses.has(name)) this.courses.set(name, this.#nothingYet());
    }
    for (const [name, course] of this.courses) push(course, records.get(name)?.offset ?? null);
    // what has gone long ago
    for (const [name, course] of this.courses) {
      if (course.every((value) => value === null)) this.courses.delete(name);
    }
    this.#turns++;
  }

  /** A turn without an answer. */
  miss(): void {
    for (const course of this.courses.values()) push(course, null);
    this.#turns++;
  }

  /** So that the courses of all sources end at the same moment. */
  #nothingYet(): (number | null)[] {
    return new Array<number | null>(Math.min(this.#turns, KEPT)).fill(null);
  }
}

function push(course: (number | null)[], value: number | null): void {
  course.push(value);
  if (course.length > KEPT) course.shift();
}
