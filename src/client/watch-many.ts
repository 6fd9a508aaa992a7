/** One report of many chronyds, again and again. */
import type { ReportName } from '../reports/index.ts';
import { type ChronyOptions, MAX_TIMEOUT_MS, numberInRange, readOptions } from './options.ts';
import type { ReportValues } from './report-values.ts';
import { Rounds, type WatchTargets } from './rounds.ts';
import { checkList, MAX_CONCURRENCY, outcomesOf, type Polled } from './turns.ts';

/** How to watch many chronyds. */
export interface WatchManyOptions extends Omit<ChronyOptions, 'address'> {
  /** From one request to the next of each target, in milliseconds. Default 15 000. */
  readonly intervalMs?: number | undefined;
  /**
   * How many are asked at the same time, 1 to 10 000. Default 10 000, which is no limit for most: requests are spread over the
   * interval, so that no more are under way than a round needs if none is answered, which is the number of targets × the longest
   * time of one request ÷ `intervalMs`. Each has a socket meanwhile; for a report with a record for each source, up to eight.
   */
  readonly concurrency?: number | undefined;
  /** Whether to yield each outcome, also one that is equal to the one before. Default false. */
  readonly includeUnchanged?: boolean | undefined;
}

/**
 * Gets a report of many chronyds again and again, and yields what has changed: the first outcome of each, and each that differs
 * from the one before in a field of the value, or in the code or message of the error. Most fields of some reports, such as
 * `tracking`, change from request to request.
 *
 * Targets may come and go. They are iterated once a second, or each interval if that is shorter: one that has come is asked
 * at once, and one that has gone is not asked any more, yields nothing more and is forgotten; with a method `has`, such as that
 * of a `Set`, as soon as it has gone. A target that is there several times is asked once. What cannot be an address is an outcome
 * with an error.
 *
 * Each target is asked once in an interval. The requests are spread over it evenly; only new targets are asked at
 * once, 1000 a second, or as many as are asked in an interval anyway. A target that is still being asked when its turn comes is
 * left out of that turn, so one that is slow or silent holds nobody else up; only names that the system is slow to resolve make
 * other names wait (see {@link ChronyOptions.timeoutMs}). No more are asked than you take outcomes of, so a slow loop makes the
 * rounds longer.
 *
 * Between two requests it keeps no socket of a target, and about 150 bytes; without `includeUnchanged` also the last
 * value, or the code and message of the last error.
 *
 * It ends when you leave the loop, or when the signal is aborted, whose reason it then throws: also where there is no target.
 *
 * @param targets - addresses, as in {@link ChronyOptions.address}, at most 1 000 000
 * @param report - a report's name in the C library
 * @throws ChronyDataError for an unknown report. TypeError, RangeError for options of the wrong type or range. TypeError for
 *   what is not a list of addresses that can be iterated again and again. While it runs, TypeError for an address that is not
 *   a string, RangeError for too many, and what iterating the targets throws.
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
): AsyncGenerator<Polled<ReportValues[Name]>, void, undefined> {
  checkList('targets', targets);
  // an iterator is its own iterator
  if (Object.is(targets[Symbol.iterator](), targets)) {
    throw new TypeError(
      'targets must be a list that can be iterated again and again, such as an array or a Set, not an iterator',
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
