/** The page's connection to the server, which it never gives up. */
import type { History, Update } from '../server/messages.ts';

export interface Listener {
  onHistory(history: History): void;
  onUpdate(update: Update): void;
  /** It is open, or it is not. */
  onChange(): void;
}

/** Before the first own try to connect again, in milliseconds; twice as long before each further one. */
const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 15_000;
/** What has not come after so many intervals and seconds is late. */
const LATE_INTERVALS = 3;
const LATE_S = 2;
/** A browser that has not connected for so long waits for an answer that does not come. */
const HUNG_MS = 60_000;

export class Connection {
  readonly #url: string;
  readonly #listener: Listener;
  #source: EventSource;
  #failures = 0;
  /** When a new connection is to be tried, by Date.now(), which goes on while a phone sleeps. */
  #retryAt: number | null = null;
  #openedAt = Date.now();
  #heardAt: number | null = null;
  #lateMs = (LATE_INTERVALS + LATE_S) * 1000;

  constructor(url: string, listener: Listener) {
    this.#url = url;
    this.#listener = listener;
    this.#source = this.#open();
  }

  get isOpen(): boolean {
    return this.#source.readyState === EventSource.OPEN;
  }

  /** Seconds since the last update; null before the first. */
  get silence(): number | null {
    return this.#heardAt === null ? null : Math.max(0, Date.now() - this.#heardAt) / 1000;
  }

  /** True if the next update should have come long ago. */
  get isLate(): boolean {
    return this.#heardAt !== null && Date.now() - this.#heardAt > this.#lateMs;
  }

  /** To be called about once a second: gives up what is silent, tries again what is closed. */
  tick(): void {
    const silentMs = Date.now() - Math.max(this.#openedAt, this.#heardAt ?? 0);
    // a connection may be dead without an error; while there is none, the browser is given more time to make it
    const isDead = silentMs > (this.isOpen ? 2 * this.#lateMs : HUNG_MS);
    if (isDead && this.#retryAt === null) this.#close();
    if (this.#retryAt !== null && Date.now() >= this.#retryAt) {
      this.#source = this.#open();
      this.#listener.onChange();
    }
  }

  #open(): EventSource {
    this.#retryAt = null;
    this.#openedAt = Date.now();
    const source = new EventSource(this.#url);
    source.addEventListener('open', () => this.#listener.onChange());
    source.addEventListener('error', () => {
      // else the browser itself connects again
      if (source.readyState === EventSource.CLOSED) this.#close();
      this.#listener.onChange();
    });
    source.addEventListener('history', ({ data }: MessageEvent<string>) => {
      this.#listener.onHistory(JSON.parse(data));
    });
    source.addEventListener('update', ({ data }: MessageEvent<string>) => {
      const update: Update = JSON.parse(data);
      this.#failures = 0;
      this.#heardAt = Date.now();
      this.#lateMs = (LATE_INTERVALS * update.interval + LATE_S) * 1000;
      this.#listener.onUpdate(update);
    });
    return source;
  }

  #close(): void {
    this.#source.close();
    this.#retryAt = Date.now() + Math.min(FIRST_PAUSE_MS * 2 ** this.#failures, LONGEST_PAUSE_MS);
    this.#failures++;
  }
}
