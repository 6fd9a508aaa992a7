import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { floatBits, floatValue, nearestFloat } from '../../../src/testing/float.ts';

/** The step between two chrony floats, relative to the value, in the upper half of the coefficient's range. */
const RELATIVE_STEP = 2 ** -23;

describe('chrony floats', () => {
  it.each([
    [0, 0x0000_0000],
    [-0, 0x0000_0000],
    // 2^23 · 2^(2 − 25); the encoding of 1, 4 and 2000 was recorded from a live chronyd
    [1, 0x0480_0000],
    [4, 0x0880_0000],
    [2000, 0x18fa_0000],
    // −2^24 · 2^(1 − 25)
    [-1, 0x0300_0000],
    // 12582912 · 2^(1 − 25)
    [0.75, 0x02c0_0000],
    // 2^23 · 2^(−1 − 25): exponent −1 is 0x7f in seven bits
    [0.125, 0xfe80_0000],
    // The smallest: 1 · 2^(−64 − 25)
    [2 ** -89, 0x8000_0001],
    // The largest: (2^24 − 1) · 2^(63 − 25)
    [(2 ** 24 - 1) * 2 ** 38, 0x7eff_ffff],
    [-(2 ** 62), 0x7f00_0000],
  ])('encodes %d', (value, bits) => {
    expect(floatBits(value)).toBe(bits);
    expect(floatValue(bits)).toBe(value + 0);
  });

  it.each([
    [Number.POSITIVE_INFINITY, 0x7eff_ffff],
    [1e300, 0x7eff_ffff],
    [2 ** 62, 0x7eff_ffff],
    [Number.NEGATIVE_INFINITY, 0x7f00_0000],
    [-1e300, 0x7f00_0000],
    [1e-300, 0x8000_0000],
    [Number.MIN_VALUE, 0x8000_0000],
  ])('saturates %d', (value, bits) => expect(floatBits(value)).toBe(bits));

  it('rejects NaN', () => expect(() => floatBits(Number.NaN)).toThrow(RangeError));

  it('preserves every representable value', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 32 - 1 }), (bits) => {
        const value = floatValue(bits);
        expect(floatValue(floatBits(value))).toBe(value);
      }),
    );
  });

  it('rounds to the nearest value', () => {
    const inRange = fc.double({ min: -(2 ** 61), max: 2 ** 61, noNaN: true });
    fc.assert(
      fc.property(inRange, (value) => {
        const error = Math.abs(nearestFloat(value) - value);
        expect(error).toBeLessThanOrEqual(Math.max((Math.abs(value) * RELATIVE_STEP) / 2, 2 ** -90));
      }),
    );
  });

  it('keeps the order', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true }), fc.double({ noNaN: true }), (a, b) => {
        if (a <= b) expect(nearestFloat(a)).toBeLessThanOrEqual(nearestFloat(b));
      }),
    );
  });
});
