/**
 * chrony's own 32-bit floating-point format: the top 7 bits are a signed exponent, the low 25 bits a signed
 * coefficient, and the value is coefficient · 2^(exponent − 25). It has no infinity and no NaN.
 */
const COEFFICIENT_BITS = 25;
const LOWEST_EXPONENT = -64;
const HIGHEST_EXPONENT = 63;
const HIGHEST_COEFFICIENT = 2 ** 24 - 1;
const LOWEST_COEFFICIENT = -(2 ** 24);

/**
 * Returns the 32 bits of the chrony float nearest to a number. Numbers out of range are clamped to the largest
 * float; numbers that are too small become zero.
 *
 * @throws RangeError for NaN, which the format does not have.
 */
export function floatBits(value: number): number {
  if (Number.isNaN(value)) throw new RangeError('chrony floats have no NaN');
  const magnitude = Math.abs(value);
  // The lowest exponent whose coefficient fits keeps the most bits. Next to a power of two, log2 may be inexact and
  // rounding may carry, so start low and step up.
  let exponent = magnitude === 0 ? 0 : Math.floor(Math.log2(magnitude));
  exponent = Math.min(Math.max(exponent, LOWEST_EXPONENT), HIGHEST_EXPONENT);
  let coefficient = Math.round(value * 2 ** (COEFFICIENT_BITS - exponent));
  while (!fits(coefficient) && exponent < HIGHEST_EXPONENT) {
    exponent += 1;
    coefficient = Math.round(value * 2 ** (COEFFICIENT_BITS - exponent));
  }
  coefficient = Math.min(Math.max(coefficient, LOWEST_COEFFICIENT), HIGHEST_COEFFICIENT);
  return ((exponent << COEFFICIENT_BITS) | (coefficient & (2 ** COEFFICIENT_BITS - 1))) >>> 0;
}

function fits(coefficient: number): boolean {
  return coefficient >= LOWEST_COEFFICIENT && coefficient <= HIGHEST_COEFFICIENT;
}

/** Returns the exact value of the 32 bits of a chrony float. */
export function floatValue(bits: number): number {
  const exponent = bits >> COEFFICIENT_BITS;
  const coefficient = (bits << (32 - COEFFICIENT_BITS)) >> (32 - COEFFICIENT_BITS);
  return coefficient * 2 ** (exponent - COEFFICIENT_BITS);
}

/**
 * Returns a number rounded to a chrony float, which keeps about seven digits: the value that a client reads if a
 * scenario has `value`.
 *
 * @param value - any number but NaN
 * @throws RangeError for NaN.
 *
 * @example
 * ```js
 * import { getTracking } from 'chrony-wasm';
 * import { nearestFloat, scenario, startMockChronyd } from 'chrony-wasm/testing';
 *
 * const mock = await startMockChronyd(scenario('synchronized', { tracking: { offset: 1.5e-5 } }));
 * const { offset } = await getTracking(mock.address);
 * console.log(offset === nearestFloat(1.5e-5), offset === 1.5e-5); // true false
 * await mock.close();
 * ```
 */
export function nearestFloat(value: number): number {
  return floatValue(floatBits(value));
}
