/**
 * The two clocks that JavaScript can read, and the wall clock in nanoseconds. `Date.now()` has milliseconds only, so
 * the wall clock is the monotonic clock plus an offset, and each reading of both narrows the offset down.
 */
import { MS } from './nanoseconds.ts';

/** Passed to the code that reads them, so that a test can simulate them. */
export interface Clocks {
  /** The wall clock: milliseconds since the epoch, rounded down. */
  wallMs(): number;
  /** Nanoseconds since an arbitrary moment. It is never set, and stands still while the machine is suspended. */
  monotonicNs(): bigint;
  /** How fast one may run away from the other without a step, in ppm. */
  readonly slewPpm: number;
}

// taken now, so that a test's fake timers do not stop them
const { now } = Date;
const { bigint } = process.hrtime;

/** Linux slews both alike; elsewhere the wall clock alone is slewed, by adjtime() at up to this. */
const ADJTIME_PPM = 500;

export const systemClocks: Clocks = {
  wallMs: now,
  monotonicNs: bigint,
  slewPpm: process.platform === 'linux' || process.platform === 'android' ? 0 : ADJTIME_PPM,
};

/** The wall clock, read between two readings of the monotonic one. */
export interface Reading {
  readonly before: bigint;
  readonly wallMs: number;
  readonly after: bigint;
}

export function read(clocks: Clocks): Reading {
  const before = clocks.monotonicNs();
  const wallMs = clocks.wallMs();
  return { before, wallMs, after: clocks.monotonicNs() };
}

/**
 * The rounding error of a runtime, before it cuts off the fraction of a millisecond: Bun has the wall clock as a double
 * of seconds, which has steps of 238 ns.
 */
const ROUNDING_NS = 250n;

/** Wall clock minus monotonic clock at a moment, in nanoseconds, as an interval. */
export class WallOffset {
  readonly earliest: bigint;
  readonly latest: bigint;
  /** The moment, by the monotonic clock. */
  readonly at: bigint;

  private constructor(earliest: bigint, latest: bigint, at: bigint) {
    this.earliest = earliest;
    this.latest = latest;
    this.at = at;
  }

  /** The offset by one reading: known to a millisecond, and the time that the reading took. */
  static of({ before, wallMs, after }: Reading): WallOffset {
    const wall = BigInt(wallMs) * MS;
    return new WallOffset(wall - after - ROUNDING_NS, wall + MS - before + ROUNDING_NS, after);
  }

  /** What it may be so many nanoseconds earlier or later. */
  widened(ns: bigint, slewPpm: number): WallOffset {
    const slewed = BigInt(Math.ceil(Number(ns) * slewPpm * 1e-6));
    return new WallOffset(this.earliest - slewed, this.latest + slewed, this.at);
  }

  /** The intersection with the offset by another reading; null if it is empty: one of the clocks was stepped. */
  narrowed(reading: Reading, slewPpm: number): WallOffset | null {
    const before = this.widened(reading.after - this.at, slewPpm);
    const now = WallOffset.of(reading);
    const earliest = before.earliest > now.earliest ? before.earliest : now.earliest;
    const latest = before.latest < now.latest ? before.latest : now.latest;
    return earliest > latest ? null : new WallOffset(earliest, latest, now.at);
  }
}

/** The longest search: it sees one tick of Date.now() for sure, two if the process is held up at the first. */
const SEARCH_NS = 2n * MS;
/** The precision that two readings of one clock around a reading of the other can give, rounding included. */
const FINE_NS = 1_500n;

/** Watches for a tick of Date.now(), which gives the offset to about a microsecond if nothing holds the process up. */
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
  // a step is found by the next reading
  return offset ?? best;
}

export function isFine({ earliest, latest }: WallOffset): boolean {
  return latest - earliest <= FINE_NS;
}
