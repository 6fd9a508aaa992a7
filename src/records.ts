/** All records of a report: one for each source, fetched side by side, in the order of the sources. */
import { onAbort } from './abort.ts';
import type { Channel } from './channel.ts';
import { ChronyDataError, ChronyError } from './errors.ts';
import { ChronyErr } from './library-errors.ts';
import { type ChannelPool, MAX_CHANNELS } from './pool.ts';

/** More sources than any chronyd has: a number above it is no number of sources. */
const MAX_RECORDS = 65_536;

/** How often to start over while the list of sources changes. */
const MAX_ROUNDS = 3;

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

/** Reads one record on a channel that nobody else uses meanwhile. */
export type ReadRecord<T> = (channel: Channel, record: number) => Promise<T>;

/** Thrown by a {@link ReadRecord} that saw the list of sources change. */
export class SourcesChanged extends Error {}

/**
 * Fetches every record of a report. When the list of sources changes midway, what was read may lack a source
 * or have one twice, so it is read again; if it goes on changing, the last round is taken without the sources
 * that vanished. (One that goes while another comes, within one round, goes unnoticed.)
 *
 * @throws ChronyError
 */
export async function fetchRecords<T>(
  pool: ChannelPool,
  report: string,
  signal: AbortSignal | undefined,
  read: ReadRecord<T>,
): Promise<T[]> {
  for (let round = 1; ; round++) {
    const number = await countRecords(pool, report, signal);
    const records = await fetchRound(pool, report, number, signal, read);
    const present = records.filter(isPresent);
    const steady =
      present.length === number && (number <= 1 || number === (await countRecords(pool, report, signal)));
    if (steady) return present;
    if (round < MAX_ROUNDS) continue;
    const [first] = records;
    // sources come and go, but not all of them each time: chronyd does not want to answer
    if (present.length === 0 && first instanceof Vanished) throw first.error;
    return present;
  }
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
  signal?.throwIfAborted();
  // whatever ends one worker ends them all, at once
  const round = new AbortController();
  const stop = signal && onAbort(signal, () => round.abort(signal.reason));
  let next = 0;
  const work = async (): Promise<void> => {
    // a turn for each record, so that others get theirs in between
    while (next < number) {
      const record = next++;
      records[record] = await pool.use(round.signal, (channel) => readOne(channel, report, record, read));
    }
  };
  try {
    await Promise.all(Array.from({ length: Math.min(number, MAX_CHANNELS) }, work));
    return records;
  } catch (error) {
    round.abort(error);
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
      return new Vanished(new ChronyDataError(`${report}: the list of sources kept changing; ask again`));
    }
    if (error instanceof ChronyError && error.errorCode === ChronyErr.UNEXPECTED_STATUS)
      return new Vanished(error);
    throw error;
  }
}
