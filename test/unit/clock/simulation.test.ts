/** For any events of the clocks and of chronyd: each interval, current or past, contains the true time. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { events, plainEvents } from './events.ts';
import { NOON, Simulation } from './simulation.ts';
import { expectedStatus } from './status-table.ts';
import { MAX_DRIFT_PPM } from './world.ts';

const error = fc.bigInt({ min: -10_000_000n, max: 10_000_000n });

/** More than a millisecond, so that any reading of the clocks detects it. */
const SMALL_STEP = 5_000_000n;
/** More than the wall clock can be slewed during the longest request. */
const LARGE_STEP = 5_000_000_000n;

it.each([
  ['both clocks are slewed alike, as on Linux', 0, SMALL_STEP, MAX_DRIFT_PPM],
  ['both clocks are slewed alike, and chronyd allows for a drift of only 1 ppm', 0, SMALL_STEP, 1],
  ['only the wall clock is slewed', 500, LARGE_STEP, MAX_DRIFT_PPM],
])('the interval contains the true time: %s', async (_, slewPpm, leastStep, maxClockErrorPpm) => {
  let held = 0;
  let remembered = 0;
  await fc.assert(
    fc.asyncProperty(
      error,
      fc.array(events(leastStep), { minLength: 5, maxLength: 40 }),
      async (start, list) => {
        const simulation = new Simulation(start, slewPpm, NOON, maxClockErrorPpm);
        for (const each of list) {
          await simulation.play(each);
          simulation.check();
          simulation.checkPast();
        }
        held += simulation.held;
        remembered += simulation.remembered;
      },
    ),
    { numRuns: 500 },
  );
  expect(held).toBeGreaterThan(500);
  expect(remembered).toBeGreaterThan(500);
});

it('the status matches the table', async () => {
  const seen = new Map<string, number>();
  await fc.assert(
    fc.asyncProperty(
      error,
      fc.array(plainEvents(SMALL_STEP), { minLength: 5, maxLength: 60 }),
      async (start, list) => {
        const simulation = new Simulation(start, 0);
        for (const each of list) {
          await simulation.play(each);
          const { status } = simulation;
          const expected = expectedStatus(simulation.history, simulation.world.awakeNs);
          // at a limit, both statuses are possible
          if (expected === null) continue;
          expect(status).toBe(expected);
          seen.set(status, (seen.get(status) ?? 0) + 1);
        }
      },
    ),
    { numRuns: 500 },
  );
  expect(Object.fromEntries(seen)).toEqual({
    synchronized: expect.toSatisfy((count: number) => count > 100),
    freeRunning: expect.toSatisfy((count: number) => count > 100),
    disrupted: expect.toSatisfy((count: number) => count > 100),
    unknown: expect.toSatisfy((count: number) => count > 100),
  });
});
