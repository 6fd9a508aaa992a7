import fc from 'fast-check';
import { expect, it } from 'vitest';
import { adderUpTo, elapsed, fromSeconds, shifted } from '../../../src/clock/nanoseconds.ts';

const LIMIT = 2 ** 51;
const EDGES = [0, 1, 2 ** 31, 2 ** 32, 2 ** 32 - 1, LIMIT - 1, LIMIT, LIMIT + 1, 2 ** 63, 1e28];
const START = 1_795_608_000_000_000_000n;
const moments = fc.bigInt({ min: -(2n ** 62n), max: 2n ** 62n });

it('adds exactly', () => {
  fc.assert(
    fc.property(moments, fc.maxSafeInteger(), (from, ns) => {
      expect(adderUpTo(Math.abs(ns))(shifted(from), ns)).toBe(from + BigInt(ns));
    }),
  );
  for (const ns of EDGES.flatMap((edge) => [edge, -edge])) {
    expect(adderUpTo(Math.abs(ns))(shifted(START), ns)).toBe(START + BigInt(ns));
  }
});

it('subtracts exactly', () => {
  fc.assert(
    fc.property(moments, fc.maxSafeInteger(), (from, ns) => {
      expect(elapsed(shifted(from), from + BigInt(ns))).toBe(ns);
    }),
  );
  for (const ns of EDGES.flatMap((edge) => [edge, -edge])) {
    // a bigint has no negative zero
    expect(elapsed(shifted(START), START + BigInt(ns))).toBe(ns + 0);
  }
});

it('converts seconds to nanoseconds', () => {
  expect(fromSeconds(0.000000001)).toBe(1n);
  expect(fromSeconds(-1.5)).toBe(-1_500_000_000n);
  expect(fromSeconds(4_000_000_000)).toBe(4_000_000_000_000_000_000n);
});
