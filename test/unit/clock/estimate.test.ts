/** The interval computed from a bound: rounded outwards, and no wider than necessary. */
import { expect, it } from 'vitest';
import { type Clocks, WallOffset } from '../../../src/clock/clocks.ts';
import { Extrapolation } from '../../../src/clock/estimate.ts';

const START = 1_795_608_000_123_456_789n;
const AS_OF = 10_000_000_000n;

const clocks: Clocks = { wallMs: () => 0, monotonicNs: () => 0n, slewPpm: 0 };

/** Extrapolates from a wall clock that is read in no time: only the fraction of the millisecond is unknown. */
function extrapolation(errorNs: number, maxDriftPpm = 0, leap = false): Extrapolation {
  const wallMs = Number(START / 1_000_000n);
  const offset = WallOffset.of({ before: AS_OF, wallMs, after: AS_OF });
  const bound = { asOf: AS_OF, errorNs, offset };
  const until = AS_OF + 5_000_000_000n;
  return new Extrapolation(
    { status: 'synchronized', reason: '', bound, leap, until },
    bound,
    maxDriftPpm,
    clocks,
  );
}

const MILLISECOND = 1_795_608_000_123_000_000n;

it("extends chronyd's bound by the precision of the wall clock", () => {
  const time = extrapolation(1000).at(0);
  expect(time).toEqual({
    midpoint: MILLISECOND + 500_000n,
    errorBoundNs: 1000n,
    earliest: MILLISECOND - 1251n,
    latest: MILLISECOND + 1_001_251n,
    status: 'synchronized',
    asOfAgeMs: 0,
  });
});

it('rounds outwards', () => {
  expect(extrapolation(0.001).at(0).errorBoundNs).toBe(1n);
  expect(extrapolation(1000, 50).at(1).errorBoundNs).toBe(1001n);
  expect(extrapolation(1000, 50).at(1_000_000_000).errorBoundNs).toBe(51_000n);
});

it('adds a second while a leap second may be in progress', () => {
  expect(extrapolation(1000, 0, true).at(0).errorBoundNs).toBe(1_000_001_000n);
});

it("includes the precision of chronyd's protocol", () => {
  const { latest, midpoint, errorBoundNs } = extrapolation(100e9).at(0);
  expect(errorBoundNs).toBe(100_000_000_000n);
  expect(Number(latest - midpoint - errorBoundNs)).toBeGreaterThanOrEqual(500_000 + 100e9 * 2 ** -23);
});

/** Values around the largest that is added in doubles, and above. */
const LARGE = [-3e6, -1e6, 0, 1e6].map((more) => 2 ** 51 + more).concat(1e16, 1e19, 1e27);

it.each(LARGE)('contains the true time for an error of %d ns', (errorNs) => {
  const { earliest, latest, errorBoundNs } = extrapolation(errorNs).at(0);
  expect(errorBoundNs).toBe(BigInt(errorNs));
  expect(earliest).toBeLessThanOrEqual(MILLISECOND - errorBoundNs);
  expect(latest).toBeGreaterThanOrEqual(MILLISECOND + errorBoundNs);
});

it('is valid until it expires or a clock is stepped', () => {
  const current = extrapolation(1000);
  const ms = Number(MILLISECOND / 1_000_000n);
  expect(current.isValid(0, ms)).toBe(true);
  expect(current.isValid(5e9, ms + 5000)).toBe(true);
  expect(current.isValid(5e9 + 1, ms + 5000)).toBe(false);
  // the offset of the wall clock is known to two milliseconds
  expect([-2, -1, 1, 2].map((more) => current.isValid(1e9, ms + 1000 + more))).toEqual([
    false,
    true,
    true,
    false,
  ]);
});
