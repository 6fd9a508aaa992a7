/** Limits the rate of requests of each client, with token buckets. */
import type { RateLimit } from './web-config.ts';

/** The number of clients that are remembered. A forgotten client starts again with a full burst. */
const MAX_CLIENTS = 4096;

interface Bucket {
  readonly tokens: number;
  /** The time at which the bucket had this many tokens, in milliseconds. */
  readonly at: number;
}

export class RateLimits {
  /** The least recently seen client first. */
  readonly #buckets = new Map<string, Bucket>();

  /**
   * Takes a token from the client's bucket.
   *
   * @param now - in milliseconds, by a monotonic clock
   * @returns 0 on success, or the milliseconds until a token is available
   */
  take(client: string, { intervalMs, burst }: RateLimit, now = performance.now()): number {
    const last = this.#buckets.get(client) ?? { tokens: burst, at: now };
    const tokens = Math.min(burst, last.tokens + (now - last.at) / intervalMs);
    const isAllowed = tokens >= 1;
    this.#buckets.delete(client);
    this.#buckets.set(client, { tokens: isAllowed ? tokens - 1 : tokens, at: now });
    if (this.#buckets.size > MAX_CLIENTS) {
      const [oldest = ''] = this.#buckets.keys();
      this.#buckets.delete(oldest);
    }
    return isAllowed ? 0 : (1 - tokens) * intervalMs;
  }
}
