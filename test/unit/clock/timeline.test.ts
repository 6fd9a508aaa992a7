/** The interval as it is made from a bound: rounded outwards, and no wider than it must be. */
import { expect, it } from 'vitest';
import type { Clocks } from '../../../src/clock/clocks.ts';
import { Timeline } from '../../../src/clock/timeline.ts';
import { search, WallOffset } from '../../../src/clock/wall-offset.ts';
import { World } from './world.ts';

const START = 1_795_608_000_123_456_789n;
const AS_OF = 10_000_000_000n;

function clocksWith(slewPpm: number): Clocks {
  return { wallMs: () => 0, monotonicNs: () => 0n, slewPpm };
}

/** A wall clock that is read in no time, so that all is known of it but the millisecond. */
function timeline(errorNs: number, maxDriftPpm = 0, leap = false): Timeline {
  const wallMs = Number(START / 1_000_000n);
  const offset = WallOffset.of({ before: AS_OF, wallMs, after: AS_OF });
  const bound = { asOf: AS_OF, errorNs, offset };
  const until = AS_OF + 5_000_000_000n;
  return new Timeline(
    { status: 'synchronized', reason: '', bound, leap, until },
    bound,
    maxDriftPpm,
    clocksWith(0),
  );
}

const MILLISECOND = 1_795_608_000_123_000_000n;

it("has chronyd's bound, and beside it what is not known of the wall clock", () => {
  const time = timeline(1000).at(0);
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
  expect(timeline(0.001).at(0).errorBoundNs).toBe(1n);
  expect(timeline(1000, 50).at(1).errorBoundNs).toBe(1001n);
  expect(timeline(1000, 50).at(1_000_000_000).errorBoundNs).toBe(51_000n);
});

it('is a second wider while a leap second may be going on', () => {
  expect(timeline(1000, 0, true).at(0).errorBoundNs).toBe(1_000_001_000n);
});

it("is wider by what chronyd's protocol may have cut off", () => {
  const { latest, midpoint, errorBoundNs } = timeline(100e9).at(0);
  expect(errorBoundNs).toBe(100_000_000_000n);
  expect(Number(latest - midpoint - errorBoundNs)).toBeGreaterThanOrEqual(500_000 + 100e9 * 2 ** -23);
});

it.each([1e16, 1e19, 1e27])('holds the true time however large the error is: %d ns', (errorNs) => {
  const { earliest, latest, errorBoundNs } = timeline(errorNs).at(0);
  expect(errorBoundNs).toBe(BigInt(errorNs));
  expect(earliest).toBeLessThanOrEqual(MILLISECOND - errorBoundNs);
  expect(latest).toBeGreaterThanOrEqual(MILLISECOND + errorBoundNs);
});

it('holds until its time is over, or a clock was stepped', () => {
  const line = timeline(1000);
  const ms = Number(MILLISECOND / 1_000_000n);
  expect(line.holds(0, ms)).toBe(true);
  expect(line.holds(5e9, ms + 5000)).toBe(true);
  expect(line.holds(5e9 + 1, ms + 5000)).toBe(false);
  // all that it may be, by what is known of the offset
  expect([-2, -1, 1, 2].map((more) => line.holds(1e9, ms + 1000 + more))).toEqual([false, true, true, false]);
});

it.each([
  ['at once', 0n],
  ['in the midst of its first tick', 600_000n],
])('a search tells the offset to about a microsecond: held up %s', (_, stall) => {
  const world = new World(START, 0n, 0);
  const known = WallOffset.of({ before: 0n, wallMs: world.wallMs(), after: world.monotonicNs() });
  let stalled = false;
  world.interrupt(2000, () => {
    stalled = true;
    world.pass(stall);
  });
  const { earliest, latest } = search(known, world);
  expect(stalled).toBe(true);
  expect(latest - earliest).toBeLessThanOrEqual(1500n);
  const offset = world.wallNs - world.awakeNs;
  expect(offset).toBeGreaterThanOrEqual(earliest);
  expect(offset).toBeLessThanOrEqual(latest);
});
