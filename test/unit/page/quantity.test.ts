/** The format of quantities on the page. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { readableInterval, readableOffset, readableSignedOffset } from '../../../src/chronyc/values.ts';
import { bound, pollInterval, rough } from '../../../src/page/format.ts';

it.each([
  [0, '0 ns'],
  [42e-6, '42 µs'],
  [42.01e-6, '42.1 µs'],
  [1.4901e-3, '1.5 ms'],
  [999.1e-6, '1 ms'],
  [0.9999, '1 s'],
  [12.34, '12.4 s'],
  [86_400.5, '86500 s'],
])('rounds a bound of %d s up to %s', (seconds, text) => {
  expect(bound(seconds)).toBe(text);
});

const UNITS = { ns: 1e-9, µs: 1e-6, ms: 1e-3, s: 1 } as const;

function secondsOf(text: string): number {
  const [number, unit] = text.split(' ');
  return Number(number) * UNITS[unit as keyof typeof UNITS];
}

it('never writes a bound as less than it is, nor as more than 1 % larger', () => {
  fc.assert(
    fc.property(fc.double({ min: 1e-9, max: 1e5, noNaN: true }), (seconds) => {
      const written = secondsOf(bound(seconds));
      expect(written).toBeGreaterThanOrEqual(seconds * (1 - 1e-9));
      expect(written).toBeLessThanOrEqual(seconds * (1.01 + 1e-9));
    }),
    { numRuns: 10_000 },
  );
});

it('writes an offset with a suitable unit and three digits', () => {
  expect(rough(-0.00123456)).toBe('1.23 ms');
  expect(rough(0.9996e-3)).toBe('1 ms');
  expect(rough(0)).toBe('0 ns');
});

it("writes chronyc's digits in a more readable form", () => {
  expect(readableSignedOffset(-1653e-9)).toBe('−1653 ns');
  expect(readableSignedOffset(42e-6)).toBe('+42 µs');
  expect(readableOffset(0.5)).toBe('500 ms');
  expect(readableInterval(35)).toBe('35 s');
  expect(readableInterval(3599)).toBe('59 min');
  expect(readableInterval(90_000)).toBe('25 h');
  expect(readableInterval(null)).toBe('never');
});

it('writes a polling interval', () => {
  expect(pollInterval(6)).toBe('64 s');
  expect(pollInterval(-2)).toBe('250 ms');
  expect(pollInterval(17)).toBe('36 h');
});
