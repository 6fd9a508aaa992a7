/**
 * Arithmetic with nanoseconds. Moments since the epoch are bigints; differences to a nearby moment are doubles, which
 * are faster.
 */

export const MS = 1_000_000n;
export const SECOND = 1_000_000_000n;

/** Converts seconds to nanoseconds, with the precision of a double of that size. */
export function fromSeconds(seconds: number): bigint {
  const whole = Math.floor(seconds);
  return BigInt(whole) * SECOND + BigInt(Math.round((seconds - whole) * 1e9));
}

/**
 * The bits of the double `SHIFT + n` are the bits of `SHIFT` plus `n`, if `n` is a whole number and |`n`| is less
 * than `LIMIT` (26 days). So memory that is written as a double and read as a bigint, or vice versa, converts between
 * the two. The conversion is exact, and takes a fraction of the time of `BigInt(n)` and `Number(n)`.
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
 * Returns a function that exactly adds whole nanoseconds, up to a maximum magnitude, to a {@link shifted} moment. The
 * moment and the sum must have at most 63 bits, unless the maximum is above 26 days. Choosing the function once for
 * the four sums of a timestamp is cheaper than a check in each sum.
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
 * Returns the nanoseconds from one moment to another, with the precision of a double of that size.
 *
 * @param start - {@link shifted}
 */
export function elapsed(start: bigint, moment: bigint): number {
  bits[0] = BigInt.asIntN(64, moment - start);
  const ns = (double[0] ?? 0) - SHIFT;
  return Math.abs(ns) < LIMIT ? ns : Number(moment - start - SHIFT_BITS);
}

/** Converts nanoseconds since the epoch to whole milliseconds, rounded down. */
export function toMs(moment: bigint): number {
  // a division of bigints rounds towards zero, which is up for moments before 1970
  return Number((moment - submillisecond(moment)) / MS);
}

/** The nanoseconds since the last whole millisecond. */
function submillisecond(moment: bigint): bigint {
  return ((moment % MS) + MS) % MS;
}

/**
 * Formats a moment in ISO 8601, with nanoseconds: `2026-11-25T22:36:48.123456789Z`. A moment beyond JavaScript's
 * calendar (271 821 years from the epoch) is formatted as nanoseconds since the epoch: `9000000000000000000000ns`.
 */
export function isoTime(moment: bigint): string {
  const date = new Date(toMs(moment));
  if (Number.isNaN(date.getTime())) return `${moment}ns`;
  return date.toISOString().replace('Z', `${String(submillisecond(moment)).padStart(6, '0')}Z`);
}
