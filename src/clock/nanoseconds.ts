/** Nanoseconds since the epoch are bigints. Counted from a moment nearby they are doubles, which are faster. */

export const MS = 1_000_000n;
export const SECOND = 1_000_000_000n;

/** Seconds as nanoseconds, exact to what a double of that size holds. */
export function fromSeconds(seconds: number): bigint {
  const whole = Math.floor(seconds);
  return BigInt(whole) * SECOND + BigInt(Math.round((seconds - whole) * 1e9));
}

/**
 * For a whole number `n` of a magnitude below `LIMIT` (26 days), the bits of the double `SHIFT + n` are the bits of
 * `SHIFT` plus `n`. So memory that is written as a double and read as a bigint, or the other way round, converts
 * between the two. It is exact, and takes a fraction of the time of `BigInt(n)` and `Number(n)`.
 */
const SHIFT = 2 ** 52 + 2 ** 51;
const LIMIT = 2 ** 51;
const double = new Float64Array([SHIFT]);
const bits = new BigInt64Array(double.buffer);
const SHIFT_BITS = bits[0] ?? 0n;

/** A moment, prepared for {@link adderUpTo} and {@link elapsed}. */
export function shifted(moment: bigint): bigint {
  return moment - SHIFT_BITS;
}

/**
 * Returns the function that adds whole nanoseconds of a magnitude up to the maximum to a {@link shifted} moment,
 * exactly. The moment and the sum must have no more than 63 bits, unless the maximum is above 26 days. One check
 * serves the four sums of a timestamp, which is cheaper than a check in each.
 */
export function adderUpTo(maximum: number): (start: bigint, ns: number) => bigint {
  return maximum < LIMIT ? plusNear : plusFar;
}

function plusNear(start: bigint, ns: number): bigint {
  double[0] = ns + SHIFT;
  return BigInt.asIntN(64, start + (bits[0] ?? 0n));
}

function plusFar(start: bigint, ns: number): bigint {
  return start + SHIFT_BITS + BigInt(ns);
}

/**
 * The nanoseconds from one moment to another, exact to what a double of that size holds.
 *
 * @param start - {@link shifted}
 */
export function elapsed(start: bigint, moment: bigint): number {
  bits[0] = BigInt.asIntN(64, moment - start);
  const ns = (double[0] ?? 0) - SHIFT;
  return Math.abs(ns) < LIMIT ? ns : Number(moment - start - SHIFT_BITS);
}

/** Nanoseconds since the epoch in whole milliseconds, rounded down. */
export function toMs(moment: bigint): number {
  // a division of bigints cuts towards zero, and before 1970 that is up
  return Number((moment - submillisecond(moment)) / MS);
}

/** The nanoseconds since the last whole millisecond. */
function submillisecond(moment: bigint): bigint {
  return ((moment % MS) + MS) % MS;
}

/**
 * A moment in ISO 8601, with nanoseconds: `2026-11-25T22:36:48.123456789Z`. Further than the calendar of JavaScript
 * goes (271 821 years from the epoch) it is the nanoseconds since the epoch: `9000000000000000000000ns`.
 */
export function isoTime(moment: bigint): string {
  const date = new Date(toMs(moment));
  if (Number.isNaN(date.getTime())) return `${moment}ns`;
  return date.toISOString().replace('Z', `${String(submillisecond(moment)).padStart(6, '0')}Z`);
}
