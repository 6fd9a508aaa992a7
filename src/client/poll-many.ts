/** Gets one report of many chronyds once. */
import type { ReportName } from '../reports/index.ts';
import { type ChronyOptions, numberInRange, readOptions } from './options.ts';
import type { ReportValues } from './report-values.ts';
import {
  checkAddress,
  checkList,
  MAX_CONCURRENCY,
  outcomesOf,
  type PollResult,
  type Turn,
  type Turns,
} from './turns.ts';

/** The options of a poll. */
export interface PollOptions extends Omit<ChronyOptions, 'address'> {
  /**
   * How many chronyds are queried at the same time, 1 to 10 000. Default 100. Each takes a socket meanwhile, or up to
   * eight for a report with a record for each source.
   */
  readonly concurrency?: number | undefined;
}

/**
 * Gets a report of many chronyds, many at the same time. Results come as they arrive, one for each address. A failure
 * is a result, too. A slow or silent chronyd takes one of the `concurrency` places, but does not delay the others;
 * only names that the system is slow to resolve delay other names (see {@link ChronyOptions.timeoutMs}).
 *
 * Any number of addresses can be given: they are iterated only as places become free, and new hosts are queried only
 * as results are consumed. The iteration ends when all chronyds have replied or failed, when you leave the loop, or
 * when the signal is aborted, whose reason it then throws.
 *
 * If none of n hosts replies, it takes ⌈n / concurrency⌉ × the longest time of one request: with the defaults 14
 * seconds for 200 hosts, and 21 for 201. With a `concurrency` of n it takes 7 seconds.
 *
 * @param addresses - as in {@link ChronyOptions.address}
 * @param report - a report's name in the C library
 * @throws ChronyDataError for an unknown report. TypeError, RangeError for options of the wrong type or range.
 *   TypeError if `addresses` is not iterable. When an address is reached that is not a string, TypeError, too.
 *
 * @example
 * for await (const { address, value, error } of pollMany(hosts, 'tracking', { timeoutMs: 500, retries: 1 })) {
 *   if (error === null) console.log(address, value.maxError({ maxDriftPpm: 50 }));
 *   else console.error(error.message);
 * }
 */
export function pollMany<Name extends ReportName>(
  addresses: Iterable<string>,
  report: Name,
  options?: PollOptions,
): AsyncGenerator<PollResult<ReportValues[Name]>, void, undefined> {
  checkList('addresses', addresses);
  const { concurrency = 100 } = options ?? {};
  numberInRange('concurrency', concurrency, 1, MAX_CONCURRENCY, true);
  return outcomesOf(new OneTurnEach(addresses), report, readOptions(options), concurrency);
}

/** Gives each address of a list one turn, in order, as places become free. */
class OneTurnEach implements Turns<Turn, unknown> {
  readonly #addresses: Iterable<string>;
  /** Null before the first turn. */
  #rest: Iterator<string> | null = null;

  constructor(addresses: Iterable<string>) {
    this.#addresses = addresses;
  }

  refresh(): null {
    return null;
  }

  next(): Turn | null {
    this.#rest ??= this.#addresses[Symbol.iterator]();
    const { value: address, done } = this.#rest.next();
    if (done) return null;
    checkAddress(address);
    return { address };
  }

  waitMs(): null {
    return null;
  }

  take(): true {
    return true;
  }

  close(): void {
    this.#rest?.return?.();
  }
}
