/** Nanoseconds as whole numbers. A double holds those of 104 days, so the long way from the epoch is a bigint. */

export const MS = 1_000_000n;
export const SECOND = 1_000_000_000n;

/** Seconds as nanoseconds, exact to what a double of that size holds. */
export function fromSeconds(seconds: number): bigint {
  const whole = Math.floor(seconds);
  return BigInt(whole) * SECOND + BigInt(Math.round((seconds - whole) * 1e9));
}

const HALF = 2 ** 32;
const words = new BigInt64Array([1n]);
const halves = new Int32Array(words.buffer);
/** As the machine has it. */
const LOW = halves[0] === 1 ? 0 : 1;
const HIGH = 1 - LOW;

/**
 * `start + BigInt(ns)`, where the sum has no more than 63 bits if `ns` has no more than 53: through memory, which takes
 * half the time. Every timestamp is made of four such sums.
 */
export function plus(start: bigint, ns: number): bigint {
  // chronyd may report an error of any size
  if (!Number.isSafeInteger(ns)) return start + BigInt(ns);
  const high = Math.floor(ns / HALF);
  halves[HIGH] = high;
  halves[LOW] = ns - high * HALF;
  return BigInt.asIntN(64, start + (words[0] ?? 0n));
}
