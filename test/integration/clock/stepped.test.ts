/** After a step of the wall clock there is no bound until chronyd has measured again; the next bound is correct. */
import { expect, it } from 'vitest';
import { bundle } from '../../support/bundle.ts';
import { Chronyd } from '../../support/chronyd.ts';
import { mustRun } from '../../system/package/support/run.ts';
import { FakeClock } from '../life/fake-clock.ts';

// chronyd detects large steps by itself, small steps by its next measurement
it.each([
  [
    ['+2', '+1d'],
    ['[12]', '8639\\d'],
  ],
  [
    ['-2', '-1d'],
    ['-[12]', '-8639\\d'],
  ],
])(
  'has no bound after steps of the wall clock to %j until chronyd has measured again',
  async (steps, seconds) => {
    const program = await bundle('test/integration/clock/stepped-clock.ts');
    using clock = new FakeClock();
    await using server = await Chronyd.start({ config: ['local stratum 1'], serve: true });
    await using chronyd = await Chronyd.start({
      config: [`server 127.0.0.1 port ${server.ntpPort} iburst minpoll -1 maxpoll -1`],
      env: clock.env,
    });
    const args = [program, clock.file, chronyd.address, ...steps];
    const { counts, wrong, past, reasons } = JSON.parse(
      await mustRun(process.execPath, args, { env: clock.env }),
    );
    expect(wrong).toBe(0);
    expect(reasons).toEqual(
      seconds.map((size) =>
        expect.stringMatching(new RegExp(`^the wall clock was stepped by about ${size}\\.\\d{3} s, `)),
      ),
    );
    expect(counts.synchronized).toBeGreaterThanOrEqual(100 * steps.length);
    // moments before a step no longer have an interval, regardless of the direction of the step
    expect(past.beforeStep).toBe(0);
    // neither do moments that the clock shows a second time; moments after these do
    expect(past.sinceStep).toBeGreaterThanOrEqual(100);
    expect(counts.unknown).toBeGreaterThanOrEqual(steps.length);
  },
);
