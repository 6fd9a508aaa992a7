/** The rate of requests that each client may have: token buckets. */
import type { RateLimit } from './web-config.ts';

/** How many clients are remembered. One that was forgotten begins with a whole burst. */
const MAX_CLIENTS = 4096;

interface Bucket {
  readonly tokens: number;
  /** When there were as many, in milliseconds. */
  readonly at: number;
}

export class RateLimits {
  /** The least recently seen client first. */
  readonly #buckets = new Map<string, Bucket>();

  /**
   * Takes a token of the client.
   *
   * @param now - in milliseconds, by a clock that never goes back
   * @returns 0, or the milliseconds until there is one
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
