/** Long replies, about thousands of targets: written piece by piece, while the server goes on, and kept for a second. */
import { monotonicMs, setImmediate, setTimeout } from '../../util/timers.ts';
import { FRESH_MS } from '../metrics.ts';
import type { Reply } from '../reply.ts';

/** For how long one text is written before other work has its turn. */
const TURN_MS = 5;
/** So many parts are joined before the time is looked at. */
const PARTS = 64;

/**
 * Joins texts without holding up other work.
 *
 * @param now - milliseconds by a monotonic clock
 */
export async function joined(parts: Iterable<string>, now: () => number = monotonicMs): Promise<Buffer> {
  const buffers: Buffer[] = [];
  let text: string[] = [];
  let startedMs = now();
  for (const part of parts) {
    text.push(part);
    if (text.length < PARTS) continue;
    buffers.push(Buffer.from(text.join('')));
    text = [];
    if (now() - startedMs < TURN_MS) continue;
    await new Promise<void>((resolve) => setImmediate(resolve));
    startedMs = now();
  }
  buffers.push(Buffer.from(text.join('')));
  return Buffer.concat(buffers);
}

/** How many replies are kept. Each may have megabytes. */
const MAX_KEPT = 4;

/** Replies that take work: concurrent requests for the same share one, which also serves the requests of the next second. */
export class Recent {
  readonly #made = new Map<string, Promise<Reply>>();
  #last: Promise<unknown> = Promise.resolve();

  /** @param make - called after earlier replies are made, so that requests for many of them take turns with others */
  get(key: string, make: () => Promise<Reply>): Promise<Reply> {
    const known = this.#made.get(key);
    if (known !== undefined) return known;
    const made = this.#last.then(make);
    const forget = (): void => {
      setTimeout(() => {
        if (this.#made.get(key) === made) this.#made.delete(key);
      }, FRESH_MS).unref();
    };
    this.#last = made.then(forget, forget);
    this.#made.set(key, made);
    for (const oldest of this.#made.keys()) {
      if (this.#made.size <= MAX_KEPT) break;
      this.#made.delete(oldest);
    }
    return made;
  }
}
