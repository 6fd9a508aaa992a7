/** What ends a watch in peace: Ctrl-C, whoever ends processes, a reader that goes away. */

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export class Interruption implements Disposable {
  readonly #controller = new AbortController();
  readonly #gone: AbortSignal;

  constructor(gone: AbortSignal) {
    this.#gone = gone;
    for (const signal of SIGNALS) process.on(signal, this.#interrupt);
    gone.addEventListener('abort', this.#interrupt);
    if (gone.aborted) this.#interrupt();
  }

  /** Aborted by the first of them. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Signals have their usual effect again. */
  [Symbol.dispose](): void {
    for (const signal of SIGNALS) process.off(signal, this.#interrupt);
    this.#gone.removeEventListener('abort', this.#interrupt);
  }

  readonly #interrupt = (): void => this.#controller.abort();
}
