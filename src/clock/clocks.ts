/**
 * Reads the two clocks of JavaScript, and derives the wall clock in nanoseconds. `Date.now()` has only milliseconds,
 * so the wall clock is the monotonic clock plus an offset. Each reading of both clocks narrows the offset.
 */
import { MS } from './nanoseconds.ts';

/** The clocks, as a parameter so that tests can simulate them. */
export interface Clocks {
  /** The wall clock: milliseconds since the epoch, rounded down. */
  wallMs(): number;
  /**
   * The monotonic clock: nanoseconds since an arbitrary moment. It is never set, and it stops while the machine is
   * suspended.
   */
  monotonicNs(): bigint;
  /** The largest rate at which the two clocks may diverge without a step, in ppm. */
  readonly slewPpm: number;
}

// captured at import, so that a test's fake timers do not replace them
const { now } = Date;
const { bigint } = process.hrtime;

/** Linux slews both clocks by the same rate. Elsewhere adjtime() slews only the wall clock, by up to this rate. */
const ADJTIME_PPM = 500;

export const systemClocks: Clocks = {
  wallMs: now,
  monotonicNs: bigint,
  slewPpm: process.platform === 'linux' || process.platform === 'android' ? 0 : ADJTIME_PPM,
};

/** A reading of the wall clock between two readings of the monotonic clock. */
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
 * The rounding error of a runtime, before it drops the fraction of a millisecond: Bun keeps the wall clock as a
 * double in seconds, which has a resolution of 238 ns.
 */
const ROUNDING_NS = 250n;

/** The wall clock minus the monotonic clock at a moment, in nanoseconds, as an interval. */
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

  /** Returns the offset of one reading. Its width is a millisecond plus the duration of the reading. */
  static of({ before, wallMs, after }: Reading): WallOffset {
    const wall = BigInt(wallMs) * MS;
    return new WallOffset(wall - after - ROUNDING_NS, wall + MS - before + ROUNDING_NS, after);
  }

  /** Returns the possible offsets this many nanoseconds earlier or later. */
  widened(ns: bigint, slewPpm: number): WallOffset {
    const slewed = BigInt(Math.ceil(Number(ns) * slewPpm * 1e-6));
    return new WallOffset(this.earliest - slewed, this.latest + slewed, this.at);
  }

  /**
   * Returns the intersection with the offset of another reading; null if it is empty, because one of the clocks was
   * stepped.
   */
  narrowed(reading: Reading, slewPpm: number): WallOffset | null {
    const before = this.widened(reading.after - this.at, slewPpm);
    const now = WallOffset.of(reading);
    const earliest = before.earliest > now.earliest ? before.earliest : now.earliest;
    const latest = before.latest < now.latest ? before.latest : now.latest;
    return earliest > latest ? null : new WallOffset(earliest, latest, now.at);
  }
}

/** The longest search. It certainly sees one tick of Date.now(), or two if the process is blocked during the first. */
const SEARCH_NS = 2n * MS;
/** The width that a reading can reach, including rounding: one clock is read before and after the other. */
const FINE_NS = 1_500n;

/** Searches for a tick of Date.now(), which gives the offset to about a microsecond if the process is not blocked. */
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
  // the next reading will find the step
  return offset ?? best;
}

export function isFine({ earliest, latest }: WallOffset): boolean {
  return latest - earliest <= FINE_NS;
}
