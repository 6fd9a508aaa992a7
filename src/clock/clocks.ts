/** The two clocks that JavaScript can read, and how they are read together. */

/** They are lent to what computes with them, so that a test can have its own. */
export interface Clocks {
  /** The wall clock: milliseconds since the epoch, the fraction cut off. */
  wallMs(): number;
  /** Nanoseconds since any moment. It is never set, and stands still while the machine is suspended. */
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
