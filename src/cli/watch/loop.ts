/** The loop of every watch: repeats a request until a signal arrives, the count is reached or the output is closed. */
import { constants } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ChronyConnection } from '../../client/connection.ts';
import { repeating } from '../../client/watch.ts';
import { ChronyError } from '../../errors.ts';
import { type AbortSignalLike, newAborter, onAbort } from '../../util/abort.ts';
import type { CommandOptions } from '../arguments.ts';
import { isHangup, type Output } from '../output.ts';

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
 * Repeats a view's request. After a signal, the view ends, and then the process ends by that signal.
 *
 * @param open - opens the connection or clock that the view queries
 * @returns the exit status: 1 if a request failed, or no request was answered
 */
export async function watchWith<T, Queried extends AsyncDisposable>(
  open: (signal: AbortSignalLike) => Promise<Queried>,
  view: View<T, Queried>,
  options: CommandOptions,
  output: Output,
): Promise<number> {
  const interruption = new Interruption(output.gone);
  let status: number;
  try {
    status = await repeat(open, view, options, interruption.ending);
  } finally {
    await view.end();
    interruption[Symbol.dispose]();
  }
  if (interruption.by !== null) await endBy(interruption.by);
  return status;
}

async function repeat<T, Queried extends AsyncDisposable>(
  open: (signal: AbortSignalLike) => Promise<Queried>,
  view: View<T, Queried>,
  { interval = DEFAULT_INTERVAL_S, count }: CommandOptions,
  ending: AbortSignalLike,
): Promise<number> {
  let answers = 0;
  let failures = 0;
  try {
    await using queried = await open(ending);
    for await (const outcome of repeating(() => view.query(queried), interval * 1000, { signal: ending })) {
      if (!(outcome instanceof ChronyError)) {
        answers++;
        await view.show(outcome);
      } else {
        // an error of the first request is permanent: chronyd does not run, or refuses the request
        if (answers === 0) throw outcome;
        failures++;
        await view.fail(outcome);
      }
      if (answers + failures === count) break;
    }
  } catch (error) {
    if (!ending.aborted) throw error;
  }
  return failures > 0 || answers === 0 ? 1 : 0;
}

/** The signals that users, service managers and closed terminals send to end a program. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const;

/** Ends a watch or a wait on a signal, or when the reader of the output has gone. */
export class Interruption implements Disposable {
  /** Aborted by the first signal, or when the output is closed. */
  readonly ending = newAborter();
  /** The signal that ended the watch; null if it was not a signal. */
  by: NodeJS.Signals | null = null;
  readonly #ignoreGone: () => void;

  constructor(gone: AbortSignal) {
    for (const signal of SIGNALS) process.on(signal, this.#interrupt);
    this.#ignoreGone = onAbort(gone, () => {
      // a closed terminal sends SIGHUP, which may arrive only after the failed write
      if (isHangup(gone.reason)) this.by ??= 'SIGHUP';
      this.ending.abort();
    });
  }

  /** Restores the default effect of the signals. */
  [Symbol.dispose](): void {
    for (const signal of SIGNALS) process.off(signal, this.#interrupt);
    this.#ignoreGone();
  }

  readonly #interrupt = (signal: NodeJS.Signals): void => {
    this.by ??= signal;
    this.ending.abort();
  };
}

/** The longest time that a signal may take to end the process. */
const GRACE_MS = 1000;

/**
 * Ends the process by the default effect of a signal, so that the shell sees the signal and ends its own loop. Never
 * returns.
 */
export async function endBy(signal: NodeJS.Signals): Promise<never> {
  process.kill(process.pid, signal);
  await sleep(GRACE_MS);
  // the system ignores the signal for the first process of a container
  process.exit(128 + constants.signals[signal]);
}
