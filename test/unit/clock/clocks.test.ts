/** The wall clock in nanoseconds. */
import { expect, it } from 'vitest';
import { search, WallOffset } from '../../../src/clock/clocks.ts';
import { World } from './world.ts';

const START = 1_795_608_000_123_456_789n;

it.each([
  ['at once', 0n],
  ['in the middle of its first tick', 600_000n],
])('finds the offset to within about a microsecond, with a stall %s', (_, stall) => {
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
