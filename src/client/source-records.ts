/** The records of a report that has one for each source: fetched side by side, in the order of the sources. */
import { ChronyDataError, ChronyError } from '../errors.ts';
import { ChronyErr } from '../sandbox/errors.ts';
import type { RecordReader } from '../sandbox/record.ts';
import { onAbort } from '../util/abort.ts';
import { COUNT } from './channel.ts';
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
   * True for a report whose records do not say which source each is of. The source's address is then taken from the
   * same place in `sourcestats`, from which the C library, too, takes the address that it asks about. It must be there
   * both before and after the record is read.
   */
  readonly isAddressless: boolean;
  /**
   * Makes a value of one record, at once: the record is gone when this returns. Undefined leaves the source out.
   *
   * @param address - the source's, where the report {@link isAddressless}; else empty
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
  signal: AbortSignal | undefined,
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
  signal: AbortSignal | undefined,
): Promise<SourceList> {
  const length = await pool.ask(report, COUNT, (session) => session.numberRecords, signal);
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
  { report, isAddressless, read }: RecordsOf<T>,
  length: number,
  signal: AbortSignal | undefined,
): Promise<(T | Unread | undefined)[]> {
  return new Promise((resolve, reject) => {
    const records = new Array<T | Unread | undefined>(length);
    const underWay = new Set<{ cancel(reason: unknown): void }>();
    let next = 0;
    let left = length;
    let stopListening: (() => void) | undefined;

    const end = (reason: unknown): void => {
      next = length;
      stopListening?.();
      reject(reason);
      for (const call of underWay) call.cancel(reason);
    };
    /** A call for each step, so that other callers have their turn in between. */
    const ask = <V>(
      name: string,
      index: number,
      readReply: (record: RecordReader) => V,
      done: (value: V) => void,
    ): void => {
      const call: Call<V> = new Call(
        pool,
        name,
        index,
        ({ record }) => readReply(record),
        (value) => {
          underWay.delete(call);
          done(value);
        },
        (reason) => {
          underWay.delete(call);
          if (isRefusal(reason)) finish(index, new Unread(reason));
          else end(reason);
        },
      );
      underWay.add(call);
      call.start();
    };
    const finish = (index: number, record: T | Unread | undefined): void => {
      records[index] = record;
      if (--left > 0) {
        begin();
        return;
      }
      stopListening?.();
      resolve(records);
    };
    const begin = (): void => {
      if (next >= length) return;
      const index = next++;
      if (!isAddressless) {
        ask(
          report,
          index,
          (record) => read(record, ''),
          (value) => finish(index, value),
        );
        return;
      }
      askAddress(index, (address) => {
        // a reference clock, about which such a report says nothing
        if (address === null) finish(index, undefined);
        else askBetween(index, address);
      });
    };
    const askBetween = (index: number, address: string): void =>
      ask(
        report,
        index,
        (record) => read(record, address),
        (value) =>
          askAddress(index, (again) =>
            finish(index, again === address ? value : new Unread(keptChanging(report))),
          ),
      );
    const askAddress = (index: number, done: (address: string | null) => void): void =>
      ask(SOURCESTATS, index, (record) => record.text('address'), done);

    if (length === 0) {
      resolve(records);
      return;
    }
    // before a call begins: one that fails at once ends the listening, too
    stopListening = signal && onAbort(signal, () => end(signal.reason));
    for (let i = 0; i < MAX_CHANNELS; i++) begin();
  });
}
