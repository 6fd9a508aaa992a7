/**
 * Fetches the records of reports that have one for each source, several at a time, and returns them in the order of
 * the sources.
 */
import { ChronyDataError, type ChronyError, ChronyPermissionError } from '../errors.ts';
import { ChronyErr, isNoSuchSource } from '../sandbox/errors.ts';
import type { RecordReader } from '../sandbox/record.ts';
import type { Session } from '../sandbox/session.ts';
import { type AbortSignalLike, onAbort, reasonOf } from '../util/abort.ts';
import { type Requester, requestCount } from './channel.ts';
import { Call, type ChannelPool, MAX_CHANNELS } from './pool.ts';
import type { ReportOutcome } from './report-values.ts';

/** More sources than any chronyd has. A larger number in a reply is invalid. */
const MAX_RECORDS = 65_536;

/** The number of times to read the records while the list of sources changes. */
const MAX_ROUNDS = 10;

/** The number of times to read the records if some are refused though the list of sources does not change. */
const MAX_STEADY_ROUNDS = 3;

/** The reports whose records identify their source. */
const SOURCESTATS = 'sourcestats';
const NAMED: ReadonlySet<string> = new Set(['sources', SOURCESTATS, 'selectdata']);

/** Which report to fetch, and how to decode its records. */
export interface RecordsOf<T> {
  readonly report: string;
  /**
   * True for a report whose records do not identify their source. The source's address is then taken from the record
   * with the same index in another report, and the record is requested by that address.
   */
  readonly isByAddress: boolean;
  /**
   * Decodes one record. The record is valid only until this function returns. Undefined omits the source.
   *
   * @param address - the source's address if the report {@link isByAddress}; otherwise empty
   */
  read(record: RecordReader, address: string): T | undefined;
  /** The value for a reference clock, which has no record by address. If it is absent, reference clocks are omitted. */
  readonly ofClock?: T;
}

/**
 * Fetches all records of a report.
 *
 * @throws ChronyError, also if the list of sources keeps changing; the signal's reason.
 */
export async function fetchRecords<T>(
  pool: ChannelPool,
  of: RecordsOf<T>,
  signal: AbortSignalLike | undefined,
): Promise<T[]> {
  const [outcome] = await fetchReports(pool, [of], signal);
  // there is one outcome for each report
  if (outcome === undefined || outcome.error !== null) throw outcome?.error;
  return outcome.value;
}

/**
 * Fetches all records of several reports. All records of a source are read together. It makes one request for each
 * record, one for the number of sources, and one at the end. If the list of sources changes meanwhile, a source may
 * be missing or read twice, so all records are read again. A source whose record is refused although the list does
 * not change is omitted.
 *
 * chronyd adds sources at the end of its list. When it removes one, the sources behind it move up. The last source is
 * read first. If it still has the same index at the end, no source has moved meanwhile; new sources behind it do not
 * matter.
 *
 * @param of - at least one; reports that are requested by address come last
 * @returns the records of each report, or the error that concerns only that report
 * @throws ChronyError if no report can be read, also if the list keeps changing; the signal's reason.
 */
export async function fetchReports<T>(
  pool: ChannelPool,
  of: readonly RecordsOf<T>[],
  signal: AbortSignalLike | undefined,
): Promise<ReportOutcome<T[]>[]> {
  const [first] = of;
  if (first === undefined) return [];
  let steadyRounds = 0;
  for (let count = 1; ; count++) {
    const round = await fetchRound(pool, of, await fetchLength(pool, first.report, signal), signal);
    if (round.isRefused) return round.outcomes();
    // in a list of at most one source, none can move
    const isSteady = round.length <= 1 || (!round.hasTwice && (await isStillLast(pool, round, signal)));
    if (isSteady) steadyRounds++;
    if (isSteady && round.refusals === 0) return round.outcomes();
    if (count < MAX_ROUNDS && steadyRounds < MAX_STEADY_ROUNDS) continue;
    // sources may come and go, but not all of them each time: chronyd refuses the report
    if (round.refusals > 0 && round.refusals === round.length * of.length) throw round.refusal;
    if (!isSteady) throw keptChanging(first.report);
    return round.outcomes();
  }
}

async function fetchLength(
  pool: ChannelPool,
  report: string,
  signal: AbortSignalLike | undefined,
): Promise<number> {
  const length = await pool.ask(report, requestCount, (session) => session.numberRecords, signal);
  if (length <= MAX_RECORDS) return length;
  throw new ChronyDataError(
    `${report}: the reply claims ${length} sources, but chronyd has at most ${MAX_RECORDS}; check which program listens there`,
  );
}

/** True if the last source still has the same index. */
async function isStillLast(
  pool: ChannelPool,
  { last, length }: Pick<Round<unknown>, 'last' | 'length'>,
  signal: AbortSignalLike | undefined,
): Promise<boolean> {
  if (last === undefined) return false;
  try {
    return (await pool.ask(last.report, length - 1, nameOf, signal)) === last.name;
  } catch (error) {
    if (isNoSuchSource(error)) return false;
    throw error;
  }
}

/** True for an error that concerns one report only: chronyd does not give it, or one of its records is invalid. */
function isOfReport(error: unknown): error is ChronyError {
  if (error instanceof ChronyPermissionError) return error.errorCode === ChronyErr.UNAUTHORIZED;
  return error instanceof ChronyDataError;
}

function keptChanging(report: string): ChronyDataError {
  return new ChronyDataError(`${report}: the list of sources kept changing; ask again`);
}

/** Reads each record once, several at a time. An error that concerns more than one report ends all calls at once. */
function fetchRound<T>(
  pool: ChannelPool,
  of: readonly RecordsOf<T>[],
  length: number,
  signal: AbortSignalLike | undefined,
): Promise<Round<T>> {
  return new Promise((resolve, reject) => {
    new Round(pool, of, length, resolve, reject).start(signal);
  });
}

/** One pass over all records, with at most as many fetchers as there are channels. */
class Round<T> {
  readonly pool: ChannelPool;
  readonly of: readonly RecordsOf<T>[];
  readonly length: number;
  /** For each report, the records by the index of the source; undefined for an omitted or refused record. */
  readonly #records: (T | undefined)[][];
  /** For each report, why it has no records; undefined if there is no error. */
  readonly errors: (ChronyError | undefined)[];
  /** The number of records that chronyd refused. */
  refusals = 0;
  /** The last refusal. */
  refusal: unknown;
  /** The name of the last source, and the report in which it was read. */
  last: { readonly report: string; readonly name: string } | undefined;
  /** True if two sources had the same address: one source was read twice. */
  hasTwice = false;
  readonly #addresses = new Set<string>();
  readonly #fetchers: Fetcher<T>[] = [];
  readonly #resolve: (round: Round<T>) => void;
  readonly #reject: (reason: unknown) => void;
  /** The index of the next source. The last source is read first. */
  #next = 0;
  #left: number;
  #stopListening: (() => void) | undefined;

  constructor(
    pool: ChannelPool,
    of: readonly RecordsOf<T>[],
    length: number,
    resolve: (round: Round<T>) => void,
    reject: (reason: unknown) => void,
  ) {
    this.pool = pool;
    this.of = of;
    this.length = length;
    this.#records = of.map(() => new Array(length));
    this.errors = of.map(() => undefined);
    this.#left = length;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  start(signal: AbortSignalLike | undefined): void {
    if (this.#left === 0) {
      this.#resolve(this);
      return;
    }
    // listen before the first call begins: if it fails at once, it also removes this listener
    this.#stopListening = signal && onAbort(signal, () => this.end(reasonOf(signal)));
    this.#add(this.length - 1);
  }

  #add(index: number): void {
    const fetcher = new Fetcher(this);
    this.#fetchers.push(fetcher);
    fetcher.begin(index);
  }

  /** Called by a fetcher when all records of a source are there. The fetcher continues with the next source. */
  finish(fetcher: Fetcher<T>): void {
    if (--this.#left === 0 || this.isRefused) {
      this.#resolve(this);
      // other fetchers may still wait for records of reports that chronyd does not give
      this.end(undefined);
      return;
    }
    if (this.#next < this.length - 1) fetcher.begin(this.#next++);
    while (this.#fetchers.length < MAX_CHANNELS && this.#next < this.length - 1) this.#add(this.#next++);
  }

  /** True if every report has an error. */
  get isRefused(): boolean {
    return this.errors.every((error) => error !== undefined);
  }

  /** Called by a fetcher with the address of a source. */
  met(address: string): void {
    if (this.#addresses.has(address)) this.hasTwice = true;
    this.#addresses.add(address);
  }

  end(reason: unknown): void {
    this.#next = this.length;
    this.#stopListening?.();
    this.#reject(reason);
    for (const fetcher of this.#fetchers) fetcher.cancel(reason);
  }

  /** Called by a fetcher with the record of a report and a source. */
  keep(step: number, index: number, record: T | undefined): void {
    const records = this.#records[step];
    if (records !== undefined) records[index] = record;
  }

  /** Called by a fetcher when chronyd has refused a record. */
  refuse(refusal: unknown): void {
    this.refusals++;
    this.refusal = refusal;
  }

  /** Returns the records of each report, or its error. */
  outcomes(): ReportOutcome<T[]>[] {
    return this.#records.map((records, step) => {
      const error = this.errors[step];
      if (error !== undefined) return { value: null, error };
      return { value: records.filter((record) => record !== undefined), error: null };
    });
  }
}

/**
 * Fetches the records of one source in sequence. It makes a call for each request, so that requests of other callers
 * can come in between.
 */
class Fetcher<T> {
  readonly #round: Round<T>;
  /** True if a report is requested by address. */
  readonly #needsAddress: boolean;
  #call: { cancel(reason: unknown): void } | null = null;
  #index = 0;
  /** The index of the report that is being requested. */
  #step = 0;
  /** The source's address: null for a reference clock, undefined while it is unknown. */
  #address: string | null | undefined;
  #isCancelled = false;

  constructor(round: Round<T>) {
    this.#round = round;
    this.#needsAddress = round.of.some(({ isByAddress }) => isByAddress);
  }

  begin(index: number): void {
    this.#index = index;
    this.#step = 0;
    this.#address = undefined;
    const [first] = this.#round.of;
    const { length } = this.#round;
    // the name of the last source is needed even if none of the reports contains it
    const isNamed = first !== undefined && (NAMED.has(first.report) || first.isByAddress);
    if (length > 1 && index === length - 1 && !isNamed) this.#ask(SOURCESTATS, index, nameOf, this.#gotLast);
    else this.#next();
  }

  cancel(reason: unknown): void {
    this.#isCancelled = true;
    this.#call?.cancel(reason);
  }

  /** Makes the next request for this source, or finishes the source. */
  #next(): void {
    const { of, errors } = this.#round;
    for (; this.#step < of.length; this.#step++) {
      const step = of[this.#step];
      if (step === undefined || errors[this.#step] !== undefined) continue;
      if (!step.isByAddress || this.#address !== null) {
        this.#request(step);
        return;
      }
      this.#round.keep(this.#step, this.#index, step.ofClock);
    }
    this.#round.finish(this);
  }

  #request({ report, isByAddress }: RecordsOf<T>): void {
    if (!isByAddress) this.#ask(report, this.#index, this.#read, this.#gotRecord);
    else if (this.#address === undefined)
      this.#ask(SOURCESTATS, this.#index, this.#readAddress, this.#gotAddress);
    else this.#ask(report, this.#requestByAddress, this.#read, this.#gotRecord);
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

  // arrow functions, because they are passed as callbacks; created once for all records

  readonly #read = ({ record }: Session): T | undefined => {
    const step = this.#round.of[this.#step];
    if (step !== undefined && NAMED.has(step.report)) this.#learn(step.report, record);
    return step?.read(record, step.isByAddress ? (this.#address ?? '') : '');
  };

  readonly #readAddress = ({ record }: Session): void => this.#learn(SOURCESTATS, record);

  /** Notes which source a record belongs to. */
  #learn(report: string, record: RecordReader): void {
    const round = this.#round;
    if (this.#index === round.length - 1) round.last ??= { report, name: record.displayAddress() };
    if (!this.#needsAddress || this.#address !== undefined) return;
    const address = record.sourceAddress();
    this.#address = address;
    if (address !== null) round.met(address);
  }

  readonly #gotRecord = (record: T | undefined): void => {
    this.#round.keep(this.#step++, this.#index, record);
    this.#next();
  };

  readonly #gotAddress = (): void => this.#next();

  readonly #gotLast = (name: string): void => {
    this.#round.last = { report: SOURCESTATS, name };
    this.#next();
  };

  readonly #failed = (reason: unknown): void => {
    if (this.#isCancelled) return;
    if (isNoSuchSource(reason)) {
      this.#round.refuse(reason);
      this.#step++;
    } else if (isOfReport(reason)) {
      this.#round.errors[this.#step++] = reason;
    } else {
      this.#round.end(reason);
      return;
    }
    this.#next();
  };

  readonly #requestByAddress: Requester = (session, report) =>
    session.requestRecordOfSource(report, this.#address ?? '');
}

function nameOf({ record }: Session): string {
  return record.displayAddress();
}
