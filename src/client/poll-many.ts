/** One report of many chronyds: a fleet. */

import { ChronyError } from '../errors.ts';
import type { ReportName } from '../reports/index.ts';
import type { OpenSocket } from '../socket/socket.ts';
import { SpareSockets } from '../socket/udp.ts';
import {
  type Aborter,
  type AbortSignalLike,
  newAborter,
  onAbort,
  reasonOf,
  stoppable,
} from '../util/abort.ts';
import { openSocket } from './channel.ts';
import { type ChronyConnection, end, unopened } from './connection.ts';
import { type ChronyOptions, numberInRange, readOptions } from './options.ts';
import { askFor, type ReportOutcome, type ReportValues } from './report-values.ts';

const MAX_CONCURRENCY = 10_000;

/** How to poll. */
export interface PollOptions extends Omit<ChronyOptions, 'address'> {
  /**
   * How many are asked at the same time, 1 to 10 000. Default 100. Each has a socket meanwhile; for a report with a
   * record for each source, up to eight.
   */
  readonly concurrency?: number | undefined;
}

/** The outcome of polling one chronyd. */
export type Polled<T> = {
  /** The address of the chronyd, as it was given. */
  readonly address: string;
} & ReportOutcome<T>;

/**
 * Gets a report of many chronyds, many at the same time. Results come as they arrive, one for each address; a failure
 * is a result, too. One that is slow or silent holds nobody else up, though it takes one of the places of those who are
 * asked at the same time; only names that the system is slow to resolve make other names wait (see
 * {@link ChronyOptions.timeoutMs}). Addresses are taken as there is room for them, so any number will do, and no more
 * are asked than you take results of. It ends when all have answered or failed, when you leave the loop, or when the
 * signal is aborted, whose reason it then throws.
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
  // a string can be iterated, too, letter by letter
  if (typeof addresses !== 'object' || !Object(addresses)[Symbol.iterator]) {
    throw new TypeError(
      `addresses must be a list, such as an array, not ${addresses === null ? 'null' : typeof addresses}`,
    );
  }
  const { concurrency = 100 } = options ?? {};
  numberInRange('concurrency', concurrency, 1, MAX_CONCURRENCY, true);
  const { signal, ...settings } = readOptions(options);
  const ask = askFor(report);
  const stopping = newAborter();
  const spares = new SpareSockets();
  const openSpare: OpenSocket = (endpoint, listener) => openSocket(endpoint, listener, spares);
  const open = (address: string): ChronyConnection => {
    // undefined would stand for the automatic ones
    if (typeof address !== 'string') throw new TypeError(`address must be a string, not ${typeof address}`);
    return unopened({ ...settings, address, signal: undefined, open: openSpare });
  };
  return stoppable(pollEach(addresses, open, ask, concurrency, signal, stopping, spares), stopping);
}

/** @param stop - aborted by whatever ends it, and by `return()` */
async function* pollEach<T>(
  addresses: Iterable<string>,
  open: (address: string) => ChronyConnection,
  ask: (chrony: ChronyConnection) => Promise<T>,
  concurrency: number,
  signal: AbortSignalLike | undefined,
  stop: Aborter,
  spares: SpareSockets,
): AsyncGenerator<Polled<T>, void, undefined> {
  const rest = addresses[Symbol.iterator]();
  const underWay = new Set<ChronyConnection>();
  const results: Polled<T>[] = [];
  const failures: unknown[] = [];
  let wake = (): void => {};
  const fail = (reason: unknown): void => {
    if (stop.aborted) return;
    failures.push(reason);
    stop.abort();
  };
  const ended = (chrony: ChronyConnection): void => {
    end(chrony, closing);
    underWay.delete(chrony);
    wake();
  };
  const startMore = (): void => {
    while (underWay.size + results.length < concurrency) {
      const { value: address, done } = rest.next();
      if (done) return;
      const chrony = open(address);
      underWay.add(chrony);
      ask(chrony).then(
        (value) => {
          results.push({ address, value, error: null });
          ended(chrony);
        },
        (error: unknown) => {
          if (error instanceof ChronyError) results.push({ address, value: null, error });
          else fail(error);
          ended(chrony);
        },
      );
    }
  };
  // one listener, and not one for each connection
  const stopListening = [
    signal && onAbort(signal, () => fail(reasonOf(signal))),
    onAbort(stop, () => {
      for (const chrony of underWay) end(chrony, closing);
      wake();
    }),
  ];
  try {
    while (!stop.aborted) {
      startMore();
      const result = results.shift();
      if (result !== undefined) {
        yield result;
      } else if (underWay.size > 0) {
        await new Promise<void>((woken) => {
          wake = woken;
        });
      } else {
        return;
      }
    }
    if (failures.length > 0) throw failures[0];
  } finally {
    stop.abort();
    rest.return?.();
    spares.close();
    for (const stopOne of stopListening) stopOne?.();
  }
}

/** Nobody hears of it: the iteration has ended, or has its result already. */
function closing(): ChronyError {
  return new ChronyError('the poll has ended');
}
