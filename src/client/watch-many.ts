/** Watches one report of many chronyds. */
import type { ReportName } from '../reports/index.ts';
import { type ChronyOptions, MAX_TIMEOUT_MS, numberInRange, readOptions } from './options.ts';
import type { ReportValues } from './report-values.ts';
import { Rounds, type WatchTargets } from './rounds.ts';
import { checkList, MAX_CONCURRENCY, outcomesOf, type PollResult } from './turns.ts';

/** The options of a watch of many chronyds. */
export interface WatchManyOptions extends Omit<ChronyOptions, 'address'> {
  /** The time from one request to the next of each target, in milliseconds. Default 15 000. */
  readonly intervalMs?: number | undefined;
  /**
   * How many targets are queried at the same time, 1 to 10 000. Default 10 000, which is rarely reached: the requests
   * are spread over the interval. If no target replies, the number under way is that of the targets × the longest
   * time of one request ÷ `intervalMs`. Each takes a socket meanwhile, or up to eight for a report with a record for
   * each source.
   */
  readonly concurrency?: number | undefined;
  /** Whether to yield outcomes that are equal to the previous one of the same target, too. Default false. */
  readonly includeUnchanged?: boolean | undefined;
}

/**
 * Gets a report of many chronyds repeatedly, and yields the changes: the first outcome of each target, and each
 * outcome that differs from the previous one. Outcomes differ if a field of the value does, or the code or message of
 * the error. Most fields of some reports, such as `tracking`, change with each request.
 *
 * Targets can be added and removed at any time. The list is iterated once a second, or once an interval if that is
 * shorter. A new target is queried at once. A removed one is no longer queried, yields nothing more and is forgotten;
 * if the list has a method `has`, as a `Set` does, this takes effect at once. A target that occurs several times is
 * queried once. A string that is no address yields an outcome with an error.
 *
 * Each target is queried once per interval. The requests are spread over it evenly; only new targets are queried at
 * once, up to 1000 a second, or as many as all targets need if that is more. A target skips its turn while its last
 * request is under way, so a slow or silent target does not delay the others. Only names that the system is slow to
 * resolve delay other names (see {@link ChronyOptions.timeoutMs}). New requests are made only as outcomes are
 * consumed, so a slow loop makes the rounds longer.
 *
 * Between two requests it keeps no socket of a target, and about 150 bytes; without `includeUnchanged` also the last
 * value, or the code and message of the last error.
 *
 * It ends when you leave the loop, or when the signal is aborted, whose reason it then throws. It does not end when
 * there is no target.
 *
 * @param targets - addresses, as in {@link ChronyOptions.address}, at most 1 000 000
 * @param report - a report's name in the C library
 * @throws ChronyDataError for an unknown report. TypeError, RangeError for options of the wrong type or range.
 *   TypeError if `targets` cannot be iterated more than once. During the iteration, TypeError for an address that is not a
 *   string, RangeError for too many targets, and any error of the iteration of the targets.
 *
 * @example
 * const hosts = new Set(['ntp1.example', 'ntp2.example']);
 * setTimeout(() => hosts.add('ntp3.example'), 60_000);
 * for await (const { address, value, error } of watchMany(hosts, 'activity', { intervalMs: 30_000 })) {
 *   console.log(address, error === null ? value.online : error.message);
 *   if (error?.code === 'ERR_CHRONY_RESOLVE') hosts.delete(address);
 *   if (hosts.size === 0) break;
 * }
 */
export function watchMany<Name extends ReportName>(
  targets: WatchTargets,
  report: Name,
  options?: WatchManyOptions,
): AsyncGenerator<PollResult<ReportValues[Name]>, void, undefined> {
  checkList('targets', targets);
  // an iterator is its own iterator
  if (Object.is(targets[Symbol.iterator](), targets)) {
    throw new TypeError(
      'targets must be a list that can be iterated more than once, such as an array or a Set, not an iterator',
    );
  }
  const { intervalMs = 15_000, concurrency = MAX_CONCURRENCY, includeUnchanged = false } = options ?? {};
  numberInRange('intervalMs', intervalMs, 1, MAX_TIMEOUT_MS, false);
  numberInRange('concurrency', concurrency, 1, MAX_CONCURRENCY, true);
  if (typeof includeUnchanged !== 'boolean') {
    throw new TypeError(`includeUnchanged must be true or false, not ${typeof includeUnchanged}`);
  }
  const rounds = new Rounds<ReportValues[Name]>(targets, intervalMs, includeUnchanged);
  return outcomesOf(rounds, report, readOptions(options), concurrency);
}
