/** The clock is stepped, chronyd's or ours: nothing comes early or late, as nothing is timed by it. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startMockChronyd } from '../../../src/testing/index.ts';
import { bundle } from '../../support/bundle.ts';
import { Chronyd } from '../../support/chronyd.ts';
import { mustRun } from '../../system/package/support/run.ts';
import { FakeClock } from './fake-clock.ts';
import { type Account, Workload } from './workload.ts';

const DAY = 86_400;

let clock: FakeClock;

beforeAll(() => {
  clock = new FakeClock();
});
afterAll(() => clock?.[Symbol.dispose]());

it.each(['address', 'socketPath'] as const)("chronyd's clock is stepped, seen by its %s", async (where) => {
  clock.set('+0');
  await using chronyd = await Chronyd.start({ config: ['local stratum 7'], env: clock.env });
  const workload = await Workload.start(chronyd[where]);
  try {
    for (const [offset, seconds] of [
      ['+1d', DAY],
      ['-1d', -DAY],
      ['+0', 0],
    ] as const) {
      clock.set(offset);
      await workload.answers(50);
      // a local reference is always of just now, by chronyd's clock
      const { refTime } = await workload.connection.getTracking();
      expect(Math.abs(refTime - Date.now() / 1000 - seconds)).toBeLessThan(DAY / 2);
      await workload.recovers();
    }
  } finally {
    await workload.close();
  }
  const { started, answered, failed, ...rest } = workload.account;
  // those that were in flight when it was closed
  expect(started).toBe(answered + failed);
  expect(rest).toMatchObject({ foreign: [], failedTurns: 0 });
  expect(failed).toBeLessThanOrEqual(4);
});

it.each(['address', 'socketPath'] as const)('our own is stepped, with chronyd at its %s', async (where) => {
  const program = await bundle('test/integration/life/stepped.ts');
  await using chronyd = await Chronyd.start({ config: ['local stratum 7'] });
  await using silent = await startMockChronyd('silence');
  clock.set('+0');
  const stdout = await mustRun(process.execPath, [program, clock.file, chronyd[where], silent.address], {
    env: clock.env,
  });
  const saw: Account & { steps: number[]; early: number; waits: number[] } = JSON.parse(stdout);
  const [day, back, years, home] = saw.steps.map((seconds) => seconds / DAY);
  expect([day, back]).toEqual([1, -2].map((days) => expect.closeTo(days, 1)));
  expect(years).toBeGreaterThan(365 * 19);
  expect(home).toBeLessThan(-365 * 19);
  expect(saw.early).toBe(0);
  // 100 ms and 200 ms, less what timers round off; by the clock it would be a day
  for (const wait of saw.waits) expect(wait).toBeGreaterThanOrEqual(298);
  expect(saw).toMatchObject({ foreign: [], failedTurns: 0 });
  expect(saw.failed).toBeLessThanOrEqual(4);
});
