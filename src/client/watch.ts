/** A report again and again, for as long as someone listens. */
import type { ChronyError } from '../errors.ts';
import type { ReportName } from '../reports/index.ts';
import { checkSignal, MAX_TIMEOUT_MS, numberInRange } from './options.ts';
import { repeating } from './repeating.ts';
import { type Askable, askFor, type ReportValues } from './report-values.ts';

/** How to watch. */
export interface WatchOptions {
  /**
   * From one request to the next, in milliseconds. Default 1000. One that would come while another is under
   * way is left out.
   */
  readonly intervalMs?: number | undefined;
  /** Ends the watch: the iteration throws the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * As `ChronyConnection.watch()`, which see.
 *
 * @param ending - aborted when the connection is closed: by a signal of its own, whose reason it then has, or
 *   by `close()`
 */
export function watch<Name extends ReportName>(
  chrony: Askable,
  ending: AbortSignal,
  name: Name,
  options?: WatchOptions,
): AsyncGenerator<ReportValues[Name] | ChronyError, void, undefined> {
  const { intervalMs = 1000 } = options ?? {};
  numberInRange('intervalMs', intervalMs, 1, MAX_TIMEOUT_MS, false);
  const signal = checkSignal(options?.signal);
  const ask = askFor(name);
  return repeating((stop) => ask(chrony, { signal: stop }), intervalMs, { signal, ending });
}
