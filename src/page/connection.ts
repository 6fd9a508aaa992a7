/** A page's connection to the server. It is reopened whenever it closes. */

/** @typeParam Events - the data of each event, by the event's name */
export interface Listener<Events> {
  readonly on: { readonly [Name in keyof Events]: (data: Events[Name]) => void };
  /** A connection was opened; its first event follows. */
  onOpen?(): void;
  /** Called when the connection is opened or closed. */
  onChange(): void;
}

/** The pause before the first reconnection, in milliseconds; doubled before each further one. */
const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 15_000;
/** An event is late after this many intervals, plus this many seconds. */
const LATE_INTERVALS = 3;
const LATE_S = 2;
/** A connection that is not open after this time is considered dead. */
const HUNG_MS = 60_000;

export class Connection<Events extends object> {
  readonly #url: string;
  readonly #listener: Listener<Events>;
  #source: EventSource;
  #failures = 0;
  /** The time of the next reconnection, by Date.now(), which goes on while a phone sleeps. */
  #retryAt: number | null = null;
  #openedAt = Date.now();
  #heardAt: number | null = null;
  #lateMs = (LATE_INTERVALS + LATE_S) * 1000;

  constructor(url: string, listener: Listener<Events>) {
    this.#url = url;
    this.#listener = listener;
    this.#source = this.#open();
  }

  get isOpen(): boolean {
    return this.#source.readyState === EventSource.OPEN;
  }

  /** Seconds since the last event; null before the first. */
  get silence(): number | null {
    return this.#heardAt === null ? null : Math.max(0, Date.now() - this.#heardAt) / 1000;
  }

  /** True if the next event is overdue. */
  get isLate(): boolean {
    return this.#heardAt !== null && Date.now() - this.#heardAt > this.#lateMs;
  }

  /** Sets the expected time from one event to the next, in seconds. */
  expectEvery(interval: number): void {
    this.#lateMs = (LATE_INTERVALS * interval + LATE_S) * 1000;
  }

  /** Closes a silent connection, and reopens a closed one. Call it about once a second. */
  tick(): void {
    const silentMs = Date.now() - Math.max(this.#openedAt, this.#heardAt ?? 0);
    // a connection may be dead without an error; a connection that is still being opened has more time
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
    source.addEventListener('open', () => {
      this.#listener.onOpen?.();
      this.#listener.onChange();
    });
    source.addEventListener('error', () => {
      // without this the browser would reconnect by itself
      if (source.readyState === EventSource.CLOSED) this.#close();
      this.#listener.onChange();
    });
    const { on } = this.#listener;
    for (const name in on) {
      source.addEventListener(name, ({ data }: MessageEvent<string>) => {
        this.#failures = 0;
        this.#heardAt = Date.now();
        on[name](JSON.parse(data));
      });
    }
    return source;
  }

  #close(): void {
    this.#source.close();
    this.#retryAt = Date.now() + Math.min(FIRST_PAUSE_MS * 2 ** this.#failures, LONGEST_PAUSE_MS);
    this.#failures++;
  }
}
