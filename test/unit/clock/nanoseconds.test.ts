import fc from 'fast-check';
import { expect, it } from 'vitest';
import { fromSeconds, plus } from '../../../src/clock/nanoseconds.ts';

it('a sum is exact', () => {
  const start = fc.bigInt({ min: -(2n ** 62n), max: 2n ** 62n });
  fc.assert(
    fc.property(start, fc.maxSafeInteger(), (from, ns) => {
      expect(plus(from, ns)).toBe(from + BigInt(ns));
    }),
  );
  for (const ns of [0, 1, -1, 2 ** 31, 2 ** 32, -(2 ** 32), 2 ** 32 - 1, 2 ** 63, -1e28]) {
    expect(plus(1_795_608_000_000_000_000n, ns)).toBe(1_795_608_000_000_000_000n + BigInt(ns));
  }
});

it('seconds become nanoseconds', () => {
  expect(fromSeconds(0.000000001)).toBe(1n);
  expect(fromSeconds(-1.5)).toBe(-1_500_000_000n);
  expect(fromSeconds(4_000_000_000)).toBe(4_000_000_000_000_000_000n);
});
