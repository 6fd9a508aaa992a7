/** How far a round has come: a bar on the terminal of the standard error, which is gone when the round is over. */

/** The time from one drawing to the next. */
const EVERY_MS = 100;
/** The width of the bar, in columns. */
const WIDTH = 30;
const CLEAR_LINE = '\r\x1b[K';

export class Progress implements Disposable {
  readonly #stream = process.stderr;
  readonly #isShown = this.#stream.isTTY && process.env['TERM'] !== 'dumb';
  #drawn = Number.NEGATIVE_INFINITY;

  /** @param text - what is counted */
  show(done: number, total: number, text: string): void {
    const time = performance.now();
    if (!this.#isShown || time - this.#drawn < EVERY_MS) return;
    this.#drawn = time;
    const filled = Math.floor((WIDTH * done) / total);
    const bar = `[${'#'.repeat(filled)}${'.'.repeat(WIDTH - filled)}] ${done} of ${total} ${text}`;
    this.#stream.write(CLEAR_LINE + bar.slice(0, this.#stream.columns - 1));
  }

  [Symbol.dispose](): void {
    if (this.#drawn > 0) this.#stream.write(CLEAR_LINE);
  }
}
