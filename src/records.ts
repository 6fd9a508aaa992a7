/** All records of a report: one for each source, fetched side by side, in the order of the sources. */
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
 * that vanished.
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
    const records = await fetchRound(pool, report, signal, read);
    const present = records.filter(isPresent);
    if (present.length === records.length) return present;
    if (round < MAX_ROUNDS) continue;
    const [first] = records;
    // sources come and go, but not all of them each time: chronyd does not want to answer
    if (present.length === 0 && first instanceof Vanished) throw first.error;
    return present;
  }
}

async function fetchRound<T>(
  pool: ChannelPool,
  report: string,
  signal: AbortSignal | undefined,
  read: ReadRecord<T>,
): Promise<(T | Vanished)[]> {
  const number = await pool.use(signal, (channel) => channel.numberRecords(report));
  if (number > MAX_RECORDS) {
    throw new ChronyDataError(`${report}: ${number} sources, which no chronyd has (at most ${MAX_RECORDS})`);
  }
  const records = new Array<T | Vanished>(number);
  let next = 0;
  const worker = (): Promise<void> =>
    pool.use(signal, async (channel) => {
      while (next < number) {
        const record = next++;
        records[record] = await readOne(channel, record, read);
      }
    });
  try {
    await Promise.all(Array.from({ length: Math.min(number, MAX_CHANNELS) }, worker));
  } finally {
    next = number; // whatever ended this ends the other workers
  }
  return records;
}

async function readOne<T>(channel: Channel, record: number, read: ReadRecord<T>): Promise<T | Vanished> {
  try {
    return await read(channel, record);
  } catch (error) {
    const vanished = error instanceof ChronyError && error.errorCode === ChronyErr.UNEXPECTED_STATUS;
    if (vanished || error instanceof SourcesChanged) return new Vanished(error);
    throw error;
  }
}
