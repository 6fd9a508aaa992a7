/**
 * Long replies, for thousands of targets. They are written piece by piece, so that other requests are served
 * meanwhile, and are kept for a second.
 */
import { monotonicMs, setImmediate, setTimeout } from '../../util/timers.ts';
import { FRESH_MS } from '../metrics.ts';
import type { Reply } from '../reply.ts';

/** The time for which a text is written before other work gets a turn. */
const TURN_MS = 5;
/** The number of parts that are joined between two checks of the time. */
const PARTS = 64;

/**
 * Joins texts without blocking other work.
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

/** The maximum number of replies that are kept. Each may have megabytes. */
const MAX_KEPT = 4;

/**
 * A cache of expensive replies. Concurrent requests with the same key share one reply, which also serves the
 * requests of the next second.
 */
export class Recent {
  readonly #made = new Map<string, Promise<Reply>>();
  #last: Promise<unknown> = Promise.resolve();

  /** @param make - called only after earlier replies are made, so that many such requests do not block others */
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
