/** A queue whose entries wait for their turn, and time out if the queue makes no progress. */
import { clearTimeout, monotonicMs, setImmediate, setTimeout } from './timers.ts';

export class WaitQueue<T> {
  readonly #stalledMs: number;
  readonly #giveUp: (entry: T) => void;
  /** The time at which each entry was added, in milliseconds; the oldest first. */
  readonly #entries = new Map<T, number>();
  #lastProgressMs = 0;
  #timer: NodeJS.Timeout | undefined;

  /**
   * @param stalledMs - the time without progress after which an entry times out, in milliseconds
   * @param giveUp - called for an entry that has timed out, after it has left the queue
   */
  constructor(stalledMs: number, giveUp: (entry: T) => void) {
    this.#stalledMs = stalledMs;
    this.#giveUp = giveUp;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** The entries, the oldest first. Entries may be removed during the iteration. */
  [Symbol.iterator](): IterableIterator<T> {
    return this.#entries.keys();
  }

  add(entry: T): void {
    this.#entries.set(entry, monotonicMs());
    this.#wait(this.#stalledMs);
  }

  /** Removes an entry. Returns false if it was not in the queue. */
  delete(entry: T): boolean {
    return this.#entries.delete(entry);
  }

  /** Removes and returns the oldest entry; undefined if the queue is empty. */
  shift(): T | undefined {
    for (const entry of this.#entries.keys()) {
      this.#entries.delete(entry);
      return entry;
    }
    return undefined;
  }

  /** Reports progress: the timeout of every entry begins again. */
  progress(): void {
    if (this.#entries.size > 0) this.#lastProgressMs = monotonicMs();
  }

  /** Empties the queue without calling `giveUp`. */
  clear(): void {
    this.#entries.clear();
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** All entries share one timer. An empty queue does not stop it, because a busy queue would restart it too often. */
  #wait(ms: number): void {
    this.#timer ??= setTimeout(() => this.#check(), ms).unref();
  }

  /** After a stall of the process, timers run before pending I/O events. `setImmediate` lets these report progress. */
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
