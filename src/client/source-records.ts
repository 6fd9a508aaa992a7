/** The records of a report that has one for each source: fetched side by side, in the order of the sources. */
import { ChronyDataError, ChronyError } from '../errors.ts';
import { ChronyErr } from '../sandbox/errors.ts';
import type { RecordReader } from '../sandbox/record.ts';
import type { Session } from '../sandbox/session.ts';
import { type AbortSignalLike, onAbort, reasonOf } from '../util/abort.ts';
import { type Requester, requestCount } from './channel.ts';
import { Call, type ChannelPool, MAX_CHANNELS } from './pool.ts';

/** More sources than any chronyd has: a number above it is no number of sources. */
const MAX_RECORDS = 65_536;

/** How often to start over while the list of sources changes. */
const MAX_ROUNDS = 10;

/** How often to ask again for a record that is refused though the list of sources does not change. */
const MAX_STEADY_ROUNDS = 3;

/** The reports whose records say which source they are of. */
const SOURCESTATS = 'sourcestats';
const NAMED: ReadonlySet<string> = new Set(['sources', SOURCESTATS, 'selectdata']);

/** What to fetch, and what to make of it. */
export interface RecordsOf<T> {
  readonly report: string;
  /**
   * True for a report whose records do not say which source they are of. The source's address is then taken from the same
   * place in `sourcestats`, and the record is requested by that address.
   */
  readonly isByAddress: boolean;
  /**
   * Makes a value of one record, at once: the record is gone when this returns. Undefined leaves the source out.
   *
   * @param address - the source's, where the report {@link isByAddress}; else empty
   */
  read(record: RecordReader, address: string): T | undefined;
}

/** A record that was refused, or that may be of another source than it seems. */
class Unread {
  readonly reason: unknown;

  constructor(reason: unknown) {
    this.reason = reason;
  }
}

/** The list of sources at one moment. */
interface SourceList {
  readonly length: number;
  /**
   * The source at its end; undefined if there was none any more. chronyd adds sources at the end, and those
   * behind one that is removed move up, so it is another after any removal and addition.
   */
  readonly last: string | undefined;
}

/**
 * Fetches every record of a report. When the list of sources changes midway, what was read may lack a source
 * or have one twice, so it is read again. A source whose record is refused though the list stays as it is, is
 * left out.
 *
 * @throws ChronyError, also if the list goes on changing; the signal's reason.
 */
export async function fetchRecords<T>(
  pool: ChannelPool,
  of: RecordsOf<T>,
  signal: AbortSignalLike | undefined,
): Promise<T[]> {
  const { report } = of;
  let steadyRounds = 0;
  for (let round = 1; ; round++) {
    const before = await lookAtSources(pool, report, signal);
    const records = await fetchRound(pool, of, before.length, signal);
    const refused = records.filter((record) => record instanceof Unread);
    const present = records.filter(
      (record): record is T => record !== undefined && !(record instanceof Unread),
    );
    // a list of one has no order
    if (refused.length === 0 && before.length <= 1) return present;
    const after = await lookAtSources(pool, report, signal);
    const isSteady =
      before.last !== undefined && before.length === after.length && before.last === after.last;
    if (isSteady) steadyRounds++;
    if (isSteady && refused.length === 0) return present;
    if (round < MAX_ROUNDS && steadyRounds < MAX_STEADY_ROUNDS) continue;
    const [first] = records;
    // sources come and go, but not all of them each time: chronyd refuses to answer
    if (refused.length === records.length && first instanceof Unread) throw first.reason;
    if (!isSteady) throw keptChanging(report);
    return present;
  }
}

async function lookAtSources(
  pool: ChannelPool,
  report: string,
  signal: AbortSignalLike | undefined,
): Promise<SourceList> {
  const length = await pool.ask(report, requestCount, (session) => session.numberRecords, signal);
  if (length > MAX_RECORDS) {
    throw new ChronyDataError(
      `${report}: ${length} sources, which no chronyd has (at most ${MAX_RECORDS}); check what listens there`,
    );
  }
  if (length <= 1) return { length, last: '' };
  const named = NAMED.has(report) ? report : SOURCESTATS;
  try {
    return {
      length,
      last: await pool.ask(named, length - 1, ({ record }) => record.sourceName(), signal),
    };
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return { length, last: undefined };
  }
}

/** True for chronyd's answer about a source that it does not have, or no longer has. */
function isRefusal(error: unknown): boolean {
  return error instanceof ChronyError && error.errorCode === ChronyErr.UNEXPECTED_STATUS;
}

function keptChanging(report: string): ChronyDataError {
  return new ChronyDataError(`${report}: the list of sources kept changing; ask again`);
}

/** Each record once, several at the same time. Whatever ends one of the calls ends all of them at once. */
function fetchRound<T>(
  pool: ChannelPool,
  of: RecordsOf<T>,
  length: number,
  signal: AbortSignalLike | undefined,
): Promise<(T | Unread | undefined)[]> {
  return new Promise((resolve, reject) => {
    new Round(pool, of, length, resolve, reject).start(signal);
  });
}

/** One reading of all records, by as many fetchers as there are channels. */
class Round<T> {
  readonly pool: ChannelPool;
  readonly of: RecordsOf<T>;
  /** The addresses of the sources that records were requested of by address. */
  readonly addresses = new Set<string>();
  readonly #records: (T | Unread | undefined)[];
  readonly #fetchers: Fetcher<T>[] = [];
  readonly #resolve: (records: (T | Unread | undefined)[]) => void;
  readonly #reject: (reason: unknown) => void;
  #next = 0;
  #left: number;
  #stopListening: (() => void) | undefined;

  constructor(
    pool: ChannelPool,
    of: RecordsOf<T>,
    length: number,
    resolve: (records: (T | Unread | undefined)[]) => void,
    reject: (reason: unknown) => void,
  ) {
    this.pool = pool;
    this.of = of;
    this.#records = new Array(length);
    this.#left = length;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  start(signal: AbortSignalLike | undefined): void {
    if (this.#left === 0) {
      this.#resolve(this.#records);
      return;
    }
    // before a call begins: one that fails at once ends the listening, too
    this.#stopListening = signal && onAbort(signal, () => this.end(reasonOf(signal)));
    while (this.#fetchers.length < MAX_CHANNELS && this.#next < this.#records.length) {
      const fetcher = new Fetcher(this);
      this.#fetchers.push(fetcher);
      fetcher.begin(this.#next++);
    }
  }

  /** For a fetcher: what came of a record. It goes on with the next one. */
  finish(fetcher: Fetcher<T>, index: number, record: T | Unread | undefined): void {
    this.#records[index] = record;
    if (--this.#left === 0) {
      this.#stopListening?.();
      this.#resolve(this.#records);
    } else if (this.#next < this.#records.length) {
      fetcher.begin(this.#next++);
    }
  }

  end(reason: unknown): void {
    this.#next = this.#records.length;
    this.#stopListening?.();
    this.#reject(reason);
    for (const fetcher of this.#fetchers) fetcher.cancel(reason);
  }
}

/** Fetches one record of a round after another: with a call for each step, so that other callers have their turn in between. */
class Fetcher<T> {
  readonly #round: Round<T>;
  #call: { cancel(reason: unknown): void } | null = null;
  #index = 0;
  /** The source's, where the report is requested by address. */
  #address = '';

  constructor(round: Round<T>) {
    this.#round = round;
  }

  begin(index: number): void {
    this.#index = index;
    if (this.#round.of.isByAddress) this.#ask(SOURCESTATS, index, addressOf, this.#gotAddress);
    else this.#ask(this.#round.of.report, index, this.#read, this.#finish);
  }

  cancel(reason: unknown): void {
    this.#call?.cancel(reason);
  }

  #ask<V>(
    report: string,
    record: number | Requester,
    read: (session: Session) => V,
    done: (value: V) => void,
  ): void {
    const call = new Call(this.#round.pool, report, record, read, done, this.#failed);
    this.#call = call;
    call.start();
  }

  // arrow functions, because they are passed on; made once for all records of the round

  readonly #read = ({ record }: Session): T | undefined => this.#round.of.read(record, this.#address);

  readonly #finish = (record: T | Unread | undefined): void => {
    this.#round.finish(this, this.#index, record);
  };

  readonly #failed = (reason: unknown): void => {
    if (isRefusal(reason)) this.#finish(new Unread(reason));
    else this.#round.end(reason);
  };

  readonly #gotAddress = (address: string | null): void => {
    if (address === null) {
      // a reference clock: the report has nothing about it
      this.#finish(undefined);
    } else if (this.#round.addresses.has(address)) {
      // the list has changed meanwhile: another source is missing
      this.#finish(new Unread(keptChanging(this.#round.of.report)));
    } else {
      this.#round.addresses.add(address);
      this.#address = address;
      this.#ask(this.#round.of.report, this.#requestByAddress, this.#read, this.#finish);
    }
  };

  readonly #requestByAddress: Requester = (session, report) =>
    session.requestRecordOfSource(report, this.#address);
}

function addressOf({ record }: Session): string | null {
  return record.text('address');
}
