/** Repeats a request at an interval; watches a report. */
import { ChronyError } from '../errors.ts';
import type { ReportName } from '../reports/index.ts';
import {
  type Aborter,
  type AbortSignalLike,
  newAborter,
  onAbort,
  reasonOf,
  stoppable,
  throwIfAborted,
} from '../util/abort.ts';
import { clearTimeout, monotonicMs, setTimeout } from '../util/timers.ts';
import { checkSignal, MAX_TIMEOUT_MS, numberInRange } from './options.ts';
import { type Askable, askFor, type ReportValues } from './report-values.ts';

/** The code of the error after a connection was closed. */
export const CLOSED = 'ERR_CHRONY_CLOSED';

/** The options of a watch. */
export interface WatchOptions {
  /**
   * The time from one request to the next, in milliseconds. Default 1000. A request is skipped while the previous one
   * is under way.
   */
  readonly intervalMs?: number | undefined;
  /** Ends the watch: the iteration throws the signal's reason. */
  readonly signal?: AbortSignalLike | undefined;
}

/**
 * Implements `ChronyConnection.watch()`.
 *
 * @param ending - aborted when the connection is closed, either by the connection's own signal, with that signal's
 *   reason, or by `close()`
 */
export function watch<Name extends ReportName>(
  chrony: Askable,
  ending: AbortSignalLike,
  name: Name,
  options?: WatchOptions,
): AsyncGenerator<ReportValues[Name] | ChronyError, void, undefined> {
  const { intervalMs = 1000 } = options ?? {};
  numberInRange('intervalMs', intervalMs, 1, MAX_TIMEOUT_MS, false);
  const signal = checkSignal(options?.signal);
  const ask = askFor(name);
  return repeating((stop) => ask(chrony, { signal: stop }), intervalMs, { signal, ending });
}

/** The signals that end a repetition. */
interface Ends {
  /** The repetition's own signal, whose reason it throws. */
  readonly signal?: AbortSignalLike | undefined;
  /**
   * Aborted when the connection is closed. If the connection's own signal closed it, the repetition throws that
   * signal's reason. If `close()` closed it, the repetition ends without an error.
   */
  readonly ending?: AbortSignalLike | undefined;
}

/**
 * Calls a function at once and then at each interval. A turn is skipped while the previous call is under way. A
 * {@link ChronyError} is yielded as a value; any other error ends the repetition.
 *
 * @param ask - must end at once when its signal aborts
 * @param keepAlive - whether waiting for the next turn keeps the process alive
 */
export function repeating<T>(
  ask: (stop: AbortSignalLike) => Promise<T>,
  intervalMs: number,
  ends: Ends,
  keepAlive = true,
): AsyncGenerator<T | ChronyError, void, undefined> {
  const stopping = newAborter();
  return stoppable(repeat(ask, intervalMs, ends, keepAlive, stopping), stopping);
}

/** @param stop - aborted by `return()` and when the repetition ends for any other reason */
async function* repeat<T>(
  ask: (stop: AbortSignalLike) => Promise<T>,
  intervalMs: number,
  { signal, ending }: Ends,
  keepAlive: boolean,
  stop: Aborter,
): AsyncGenerator<T | ChronyError, void, undefined> {
  const listening = [signal, ending].map((end) => end && onAbort(end, () => stop.abort()));
  const start = monotonicMs();
  try {
    for (let turn = 0; !stop.aborted; ) {
      const outcome = await ask(stop).catch((error: unknown) => {
        if (stop.aborted || error instanceof ChronyError) return error as ChronyError;
        throw error;
      });
      if (stop.aborted) break;
      yield outcome;
      const elapsed = monotonicMs() - start;
      // add 1 at least: a timer may fire a little early
      turn = Math.max(turn + 1, Math.ceil(elapsed / intervalMs));
      await pause(turn * intervalMs - elapsed, stop, keepAlive);
    }
  } finally {
    for (const ignore of listening) ignore?.();
  }
  throwIfAborted(signal);
  if (ending?.aborted && !isClosing(ending.reason)) throw reasonOf(ending);
}

/** True for the reason of `close()`, which ends a watch without an error. */
function isClosing(reason: unknown): boolean {
  return reason instanceof ChronyError && reason.code === CLOSED;
}

/** Waits for a time, or until the signal aborts. */
export function pause(ms: number, stop: AbortSignalLike, keepAlive = true): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => end(), ms);
    if (!keepAlive) timer.unref();
    let ignore = (): void => {};
    const end = (): void => {
      clearTimeout(timer);
      ignore();
      resolve();
    };
    ignore = onAbort(stop, end);
  });
}
