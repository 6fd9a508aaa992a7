/** A step of chronyd's clock or of our own makes nothing early or late, since no timing depends on the wall clock. */
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

it.each(['address', 'socketPath'] as const)(
  "calls to chronyd's %s continue after steps of its clock",
  async (where) => {
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
        // the reference time of a local reference is always the current time of chronyd's clock
        const { refTime } = await workload.connection.getTracking();
        expect(Math.abs(refTime - Date.now() / 1000 - seconds)).toBeLessThan(DAY / 2);
        await workload.recovers();
      }
    } finally {
      await workload.close();
    }
    const { started, answered, failed, ...rest } = workload.account;
    // at most the calls in flight at the close have failed
    expect(started).toBe(answered + failed);
    expect(rest).toMatchObject({ foreign: [], failedTurns: 0 });
    expect(failed).toBeLessThanOrEqual(4);
  },
);

it.each(['address', 'socketPath'] as const)(
  "calls to chronyd's %s continue after steps of our own clock",
  async (where) => {
    const program = await bundle('test/integration/life/stepped.ts');
    await using chronyd = await Chronyd.start({ config: ['local stratum 7'] });
    await using silent = await startMockChronyd('silence');
    clock.set('+0');
    const stdout = await mustRun(process.execPath, [program, clock.file, chronyd[where], silent.address], {
      env: clock.env,
    });
    const observed: Account & { steps: number[]; early: number; waits: number[] } = JSON.parse(stdout);
    const [day, back, years, home] = observed.steps.map((seconds) => seconds / DAY);
    expect([day, back]).toEqual([1, -2].map((days) => expect.closeTo(days, 1)));
    expect(years).toBeGreaterThan(365 * 19);
    expect(home).toBeLessThan(-365 * 19);
    expect(observed.early).toBe(0);
    // 100 ms and 200 ms, less the rounding of timers; a timeout by the wall clock would be a day off
    for (const wait of observed.waits) expect(wait).toBeGreaterThanOrEqual(298);
    expect(observed).toMatchObject({ foreign: [], failedTurns: 0 });
    expect(observed.failed).toBeLessThanOrEqual(4);
  },
);
