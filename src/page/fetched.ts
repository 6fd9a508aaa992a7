/** Data that a page fetches from the server: periodically while it is visible, or after each change. */
import type { PageReply } from '../server/messages.ts';

/** The last value, or the reason why there is none. Both are null before the first reply. */
export interface Latest<T> {
  readonly value: T | null;
  readonly error: string | null;
}

export class Fetched<T> {
  readonly #url: string;
  readonly #everyMs: number;
  readonly #show: (latest: Latest<T>) => void;
  #timer: ReturnType<typeof setInterval> | null = null;
  #isFetching = false;

  /** @param show - called after each reply */
  constructor(url: string, everyMs: number, show: (latest: Latest<T>) => void) {
    this.#url = url;
    this.#everyMs = everyMs;
    this.#show = show;
    document.addEventListener('visibilitychange', () => this.#fetch());
  }

  /** Starts or stops the requests. The first is sent immediately. A page in a hidden tab sends none. */
  set isWanted(wanted: boolean) {
    if (wanted === (this.#timer !== null)) return;
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = wanted ? setInterval(() => this.#fetch(), this.#everyMs) : null;
    this.#fetch();
  }

  async #fetch(): Promise<void> {
    if (this.#timer === null || document.hidden || this.#isFetching) return;
    this.#isFetching = true;
    const latest = await this.#ask();
    this.#isFetching = false;
    if (this.#timer !== null) this.#show(latest);
  }

  async #ask(): Promise<Latest<T>> {
    try {
      const response = await fetch(this.#url, { cache: 'no-store' });
      if (!response.ok) return { value: null, error: `the server replied with status ${response.status}` };
      const reply: PageReply<T> = await response.json();
      return 'value' in reply
        ? { value: reply.value, error: null }
        : { value: null, error: reply.error.message };
    } catch {
      return { value: null, error: 'the server cannot be reached' };
    }
  }
}

/** Data that is fetched again after an event reports a change, but not too often. */
export class FetchedAgain<T> {
  readonly #url: string;
  readonly #leastMs: number;
  readonly #show: (value: T) => void;
  #lastMs = Number.NEGATIVE_INFINITY;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #isWanted = false;

  /**
   * @param leastMs - the least time from one request to the next
   * @param show - called after each reply with a value
   */
  constructor(url: string, leastMs: number, show: (value: T) => void) {
    this.#url = url;
    this.#leastMs = leastMs;
    this.#show = show;
    document.addEventListener('visibilitychange', () => this.#fetch());
  }

  /** Fetches the data again after a change, now or soon. */
  request(): void {
    this.#isWanted = true;
    if (this.#timer !== null) return;
    const waitMs = Math.max(0, this.#lastMs + this.#leastMs - performance.now());
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#fetch();
    }, waitMs);
  }

  async #fetch(): Promise<void> {
    if (!this.#isWanted || document.hidden || this.#timer !== null) return;
    this.#isWanted = false;
    this.#lastMs = performance.now();
    const value = await this.#ask();
    if (value !== null) this.#show(value);
    // the server may be reachable again by then
    else this.request();
  }

  async #ask(): Promise<T | null> {
    try {
      const response = await fetch(this.#url, { cache: 'no-store' });
      return response.ok ? await response.json() : null;
    } catch {
      return null;
    }
  }
}
