/**
 * The wall clock in nanoseconds: Date.now() has milliseconds only, so it is the monotonic clock plus an offset,
 * and each reading of both says between what the offset is.
 */
import { type Clocks, type Reading, read } from './clocks.ts';
import { MS } from './nanoseconds.ts';

/**
 * What a runtime may round before it cuts off the fraction of a millisecond: Bun has the wall clock as a double of
 * seconds, which has steps of 238 ns.
 */
const ROUNDING_NS = 250n;

/** Wall clock minus monotonic clock, in nanoseconds, at a moment. */
export class WallOffset {
  readonly earliest: bigint;
  readonly latest: bigint;
  /** That moment, by the monotonic clock. */
  readonly at: bigint;

  private constructor(earliest: bigint, latest: bigint, at: bigint) {
    this.earliest = earliest;
    this.latest = latest;
    this.at = at;
  }

  /** What one reading says of it: a millisecond and the time that the reading took. */
  static of({ before, wallMs, after }: Reading): WallOffset {
    const wall = BigInt(wallMs) * MS;
    return new WallOffset(wall - after - ROUNDING_NS, wall + MS - before + ROUNDING_NS, after);
  }

  /** What it may be so much earlier or later. */
  widened(ns: bigint, slewPpm: number): WallOffset {
    const slewed = BigInt(Math.ceil(Number(ns) * slewPpm * 1e-6));
    return new WallOffset(this.earliest - slewed, this.latest + slewed, this.at);
  }

  /** What is left of it after another reading; null if nothing is: one of the clocks was stepped. */
  narrowed(reading: Reading, slewPpm: number): WallOffset | null {
    const before = this.widened(reading.after - this.at, slewPpm);
    const now = WallOffset.of(reading);
    const earliest = before.earliest > now.earliest ? before.earliest : now.earliest;
    const latest = before.latest < now.latest ? before.latest : now.latest;
    return earliest > latest ? null : new WallOffset(earliest, latest, now.at);
  }
}

/** The longest search: one tick of Date.now() comes in it for sure, two if the process is held up at the first. */
const SEARCH_NS = 2n * MS;
/** As well as two readings of one clock with one of the other in between tell it, and what may be rounded. */
const FINE_NS = 1_500n;

/** Watches for a tick of Date.now(), which tells it to about a microsecond where nothing holds the process up. */
export function search(known: WallOffset, clocks: Clocks): WallOffset {
  let offset: WallOffset | null = known;
  let best = known;
  for (
    const end = clocks.monotonicNs() + SEARCH_NS;
    offset !== null && !isFine(offset) && offset.at < end;
  ) {
    best = offset;
    offset = offset.narrowed(read(clocks), clocks.slewPpm);
  }
  // a step is for others to find
  return offset ?? best;
}

export function isFine({ earliest, latest }: WallOffset): boolean {
  return latest - earliest <= FINE_NS;
}
