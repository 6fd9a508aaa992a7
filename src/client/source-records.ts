/** All records of a report: one for each source, fetched side by side, in the order of the sources. */

import { ChronyDataError, ChronyError } from '../errors.ts';
import { sourceAddress } from '../reports/read.ts';
import { ChronyErr } from '../sandbox/chrony-err.ts';
import { abortable, onAbort } from '../util/abort.ts';
import type { Channel } from './channel.ts';
import { type ChannelPool, MAX_CHANNELS } from './pool.ts';

/** More sources than any chronyd has: a number above it is no number of sources. */
const MAX_RECORDS = 65_536;

/** How often to start over while the list of sources changes. */
export const MAX_ROUNDS = 10;

/** How often to ask again for a record that is refused though the list of sources does not change. */
const MAX_STEADY_ROUNDS = 3;

/** Stands for a record that was not there any more when it was asked for. */
class Vanished {
  readonly error: unknown;

  constructor(error: unknown) {
    this.error = error;
  }
}

function isPresent<T>(record: T | Vanished): record is T {
  return !(record instanceof Vanished);
}

/** The reports whose records say which source they are of. */
const SOURCESTATS = 'sourcestats';
const NAMED: ReadonlySet<string> = new Set(['sources', SOURCESTATS, 'selectdata']);

/** Reads one record on a channel that nobody else uses meanwhile. */
export type ReadRecord<T> = (channel: Channel, record: number) => Promise<T>;

/** Thrown by a {@link ReadRecord} that saw the list of sources change. */
export class SourcesChanged extends Error {}

/** How the list of sources looked at one moment. */
interface Look {
  readonly number: number;
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
 * @throws ChronyError, also if the list goes on changing
 */
export async function fetchRecords<T>(
  pool: ChannelPool,
  report: string,
  signal: AbortSignal | undefined,
  read: ReadRecord<T>,
): Promise<T[]> {
  let steadyRounds = 0;
  for (let round = 1; ; round++) {
    const before = await lookAtSources(pool, report, signal);
    const records = await fetchRound(pool, report, before.number, signal, read);
    const present = records.filter(isPresent);
    const complete = present.length === before.number;
    // a list of one has no order
    if (complete && before.number <= 1) return present;
    const after = await lookAtSources(pool, report, signal);
    const steady = before.last !== undefined && before.number === after.number && before.last === after.last;
    if (steady) steadyRounds++;
    if (steady && complete) return present;
    if (round < MAX_ROUNDS && steadyRounds < MAX_STEADY_ROUNDS) continue;
    const [first] = records;
    // sources come and go, but not all of them each time: chronyd does not want to answer
    if (present.length === 0 && first instanceof Vanished) throw first.error;
    if (!steady) throw keptChanging(report);
    return present;
  }
}

async function lookAtSources(
  pool: ChannelPool,
  report: string,
  signal: AbortSignal | undefined,
): Promise<Look> {
  const number = await countRecords(pool, report, signal);
  if (number <= 1) return { number, last: '' };
  const named = NAMED.has(report) ? report : SOURCESTATS;
  const last = await pool.use(signal, (channel) =>
    readOne(channel, named, number - 1, () => channel.record(named, number - 1, sourceAddress)),
  );
  return { number, last: isPresent(last) ? last : undefined };
}

async function countRecords(
  pool: ChannelPool,
  report: string,
  signal: AbortSignal | undefined,
): Promise<number> {
  const number = await pool.use(signal, (channel) => channel.numberRecords(report));
  if (number <= MAX_RECORDS) return number;
  throw new ChronyDataError(
    `${report}: ${number} sources, which no chronyd has (at most ${MAX_RECORDS}); check what listens there`,
  );
}

async function fetchRound<T>(
  pool: ChannelPool,
  report: string,
  number: number,
  signal: AbortSignal | undefined,
  read: ReadRecord<T>,
): Promise<(T | Vanished)[]> {
  const records = new Array<T | Vanished>(number);
  const underWay = new Set<Channel>();
  let next = 0;
  let ended: { readonly reason: unknown } | null = null;
  // whatever ends one worker ends them all, at once; not by a signal, to listen to which takes longer than to read
  const end = (reason: unknown): void => {
    ended ??= { reason };
    next = number;
    for (const channel of underWay) channel.close(reason);
  };
  const readNext = async (channel: Channel, record: number): Promise<void> => {
    if (ended !== null) throw ended.reason;
    underWay.add(channel);
    try {
      records[record] = await readOne(channel, report, record, read);
    } finally {
      underWay.delete(channel);
    }
  };
  const work = async (): Promise<void> => {
    // a turn for each record, so that others get theirs in between
    while (next < number) {
      const record = next++;
      await pool.use(undefined, (channel) => readNext(channel, record));
    }
  };
  const stop = signal && onAbort(signal, () => end(signal.reason));
  try {
    const workers = Array.from({ length: Math.min(number, MAX_CHANNELS) }, work);
    await abortable(Promise.all(workers), signal);
    return records;
  } catch (error) {
    end(error);
    throw error;
  } finally {
    stop?.();
  }
}

async function readOne<T>(
  channel: Channel,
  report: string,
  record: number,
  read: ReadRecord<T>,
): Promise<T | Vanished> {
  try {
    return await read(channel, record);
  } catch (error) {
    if (error instanceof SourcesChanged) {
      return new Vanished(keptChanging(report));
    }
    if (error instanceof ChronyError && error.errorCode === ChronyErr.UNEXPECTED_STATUS)
      return new Vanished(error);
    throw error;
  }
}

export function keptChanging(report: string): ChronyDataError {
  return new ChronyDataError(`${report}: the list of sources kept changing; ask again`);
}
