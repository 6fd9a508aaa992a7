/** The wall clock is stepped: there is no bound until chronyd has measured again, and then a true one. */
import { expect, it } from 'vitest';
import { bundle } from '../../support/bundle.ts';
import { Chronyd } from '../../support/chronyd.ts';
import { mustRun } from '../../system/package/support/run.ts';
import { FakeClock } from '../life/fake-clock.ts';

// chronyd notices the large ones by itself, the small ones when it measures
it.each([
  [
    ['+2', '+1d'],
    ['[12]', '8639\\d'],
  ],
  [
    ['-2', '-1d'],
    ['-[12]', '-8639\\d'],
  ],
])('the clock of this machine is stepped to %j', async (steps, seconds) => {
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
  // of moments before a step nothing is said any more, however the clock was stepped
  expect(past.beforeStep).toBe(0);
  // nor, for as long, of moments that the clock shows a second time
  expect(past.sinceStep).toBeGreaterThanOrEqual(100);
  expect(counts.unknown).toBeGreaterThanOrEqual(steps.length);
});
