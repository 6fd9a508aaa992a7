/** The progress of a round: a bar on the terminal of stderr, removed at the end of the round. */
import { clearInterval, setInterval } from 'node:timers';

/** The time from one drawing to the next. */
const EVERY_MS = 100;
/** The width of the bar, in columns. */
const WIDTH = 30;
const CLEAR_LINE = '\r\x1b[K';

export class Progress implements Disposable {
  /** The number of finished items. */
  done = 0;
  readonly #total: number;
  readonly #what: string;
  readonly #stream = process.stderr;
  /** Undefined if stderr is not a terminal. */
  readonly #timer: NodeJS.Timeout | undefined;
  #isDrawn = false;

  /** @param what - the name of the counted items, in the plural */
  constructor(total: number, what: string) {
    this.#total = total;
    this.#what = what;
    if (!this.#stream.isTTY || process.env['TERM'] === 'dumb') return;
    this.#timer = setInterval(() => this.#draw(), EVERY_MS).unref();
  }

  #draw(): void {
    const filled = Math.floor((WIDTH * this.done) / this.#total);
    const bar = `[${'#'.repeat(filled)}${'.'.repeat(WIDTH - filled)}] ${this.done} of ${this.#total} ${this.#what}`;
    this.#isDrawn = true;
    this.#stream.write(CLEAR_LINE + bar.slice(0, (this.#stream.columns || 80) - 1));
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    if (this.#isDrawn) this.#stream.write(CLEAR_LINE);
  }
}
