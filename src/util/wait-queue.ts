/** A queue in which each entry waits for its turn, and gives up when nothing moves for a time. */
import { clearTimeout, monotonicMs, setImmediate, setTimeout } from './timers.ts';

export class WaitQueue<T> {
  readonly #stalledMs: number;
  readonly #giveUp: (entry: T) => void;
  /** When each entry came, the oldest first. */
  readonly #entries = new Map<T, number>();
  #lastProgressMs = 0;
  #timer: NodeJS.Timeout | undefined;

  /**
   * @param stalledMs - an entry gives up when there was no progress for as long, in milliseconds
   * @param giveUp - called for an entry that does, after it has left the queue
   */
  constructor(stalledMs: number, giveUp: (entry: T) => void) {
    this.#stalledMs = stalledMs;
    this.#giveUp = giveUp;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** The entries, the oldest first. Entries may leave meanwhile. */
  [Symbol.iterator](): IterableIterator<T> {
    return this.#entries.keys();
  }

  add(entry: T): void {
    this.#entries.set(entry, monotonicMs());
    this.#wait(this.#stalledMs);
  }

  /** Takes an entry out. False if it was not there. */
  delete(entry: T): boolean {
    return this.#entries.delete(entry);
  }

  /** Takes out the entry that has waited longest. */
  shift(): T | undefined {
    for (const entry of this.#entries.keys()) {
      this.#entries.delete(entry);
      return entry;
    }
    return undefined;
  }

  /** Something was done for somebody: all entries may go on waiting. */
  progress(): void {
    if (this.#entries.size > 0) this.#lastProgressMs = monotonicMs();
  }

  /** Empties the queue; no entry gives up any more. */
  clear(): void {
    this.#entries.clear();
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** One timer for all entries. An empty queue lets it run out, so that a busy one does not start it over and over. */
  #wait(ms: number): void {
    this.#timer ??= setTimeout(() => this.#check(), ms).unref();
  }

  /** After a stall of the process, timers come before the events that would have been progress: these go first. */
  #check(): void {
    setImmediate(() => {
      this.#timer = undefined;
      const now = monotonicMs();
      for (const [entry, since] of this.#entries) {
        const leftMs = Math.max(since, this.#lastProgressMs) + this.#stalledMs - now;
        if (leftMs > 0) {
          this.#wait(leftMs);
          return;
        }
        this.#entries.delete(entry);
        this.#giveUp(entry);
      }
    });
  }
}
