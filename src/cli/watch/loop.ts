/** The loop of every watch: requests again and again, until a signal, a count or a closed output ends it. */
import type { ChronyConnection } from '../../client/connection.ts';
import { repeating } from '../../client/watch.ts';
import { ChronyError } from '../../errors.ts';
import type { CommandOptions } from '../arguments.ts';
import type { Output } from '../output.ts';

/**
 * Shows the results of a watch.
 *
 * @typeParam Queried - the connection or clock that is queried
 */
export interface View<T, Queried = ChronyConnection> {
  /** Sends the request. */
  query(queried: Queried): Promise<T>;
  show(value: T): Promise<void>;
  /** A request failed; the watch goes on. */
  fail(error: ChronyError): Promise<void>;
  /** Called once at the end of the watch, however it ends. */
  end(): Promise<void>;
}

export const DEFAULT_INTERVAL_S = 1;

/**
 * Repeats a view's request.
 *
 * @param open - opens the connection or clock that the view queries
 * @returns the exit status: 1 if a request failed
 */
export async function watchWith<T, Queried extends AsyncDisposable>(
  open: (signal: AbortSignal) => Promise<Queried>,
  view: View<T, Queried>,
  { interval = DEFAULT_INTERVAL_S, count }: CommandOptions,
  output: Output,
): Promise<number> {
  using interruption = new Interruption(output.gone);
  const { signal } = interruption;
  let turns = 0;
  let failures = 0;
  try {
    await using queried = await open(signal);
    for await (const outcome of repeating(() => view.query(queried), interval * 1000, { signal })) {
      turns++;
      if (!(outcome instanceof ChronyError)) await view.show(outcome);
      // an error of the first request is permanent: chronyd is not there, or refuses
      else if (turns === 1) throw outcome;
      else {
        failures++;
        await view.fail(outcome);
      }
      if (turns === count) break;
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    await view.end();
  }
  return failures > 0 ? 1 : 0;
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Ends a watch without an error: a signal to end, or an output that nobody reads any more. */
class Interruption implements Disposable {
  readonly #controller = new AbortController();
  readonly #gone: AbortSignal;

  constructor(gone: AbortSignal) {
    this.#gone = gone;
    for (const signal of SIGNALS) process.on(signal, this.#interrupt);
    gone.addEventListener('abort', this.#interrupt);
    if (gone.aborted) this.#interrupt();
  }

  /** Aborted by the first signal, or when the output is closed. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Restores the default effect of the signals. */
  [Symbol.dispose](): void {
    for (const signal of SIGNALS) process.off(signal, this.#interrupt);
    this.#gone.removeEventListener('abort', this.#interrupt);
  }

  readonly #interrupt = (): void => this.#controller.abort();
}
