/** One report of many chronyds: a fleet. */
import type { ReportName } from '../reports/index.ts';
import { type ChronyOptions, numberInRange, readOptions } from './options.ts';
import type { ReportValues } from './report-values.ts';
import {
  checkAddress,
  checkList,
  MAX_CONCURRENCY,
  outcomesOf,
  type Polled,
  type Turn,
  type Turns,
} from './turns.ts';

/** How to poll. */
export interface PollOptions extends Omit<ChronyOptions, 'address'> {
  /**
   * How many are asked at the same time, 1 to 10 000. Default 100. Each has a socket meanwhile; for a report with a
   * record for each source, up to eight.
   */
  readonly concurrency?: number | undefined;
}

/**
 * Gets a report of many chronyds, many at the same time. Results come as they arrive, one for each address; a failure
 * is a result, too. One that is slow or silent holds nobody else up, though it takes one of the places of those who are
 * asked at the same time; only names that the system is slow to resolve make other names wait (see
 * {@link ChronyOptions.timeoutMs}). Addresses are taken as there is room for them, so any number will do, and no more
 * are asked than you take results of. It ends when all have answered or failed, when you leave the loop, or when the
 * signal is aborted, whose reason it then throws.
 *
 * If none of n hosts answers, it takes ⌈n / concurrency⌉ × the longest time of one request: with the defaults 14 seconds for
 * 200 hosts, and 21 for 201. A `concurrency` of n makes that 7 seconds.
 *
 * @param addresses - as in {@link ChronyOptions.address}
 * @param report - a report's name in the C library
 * @throws ChronyDataError for an unknown report. TypeError, RangeError for options of the wrong type or range. TypeError
 *   for what is not a list of addresses, and, when its turn comes, for an address that is not a string.
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
): AsyncGenerator<Polled<ReportValues[Name]>, void, undefined> {
  checkList('addresses', addresses);
  const { concurrency = 100 } = options ?? {};
  numberInRange('concurrency', concurrency, 1, MAX_CONCURRENCY, true);
  return outcomesOf(new OneTurnEach(addresses), report, readOptions(options), concurrency);
}

/** Each address of a list once, in its order, as soon as there is room. */
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
