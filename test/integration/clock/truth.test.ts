/**
 * The interval contains the true time in every state of chronyd. chronyd does not adjust the clock here (`-x`), so its
 * "current correction" contains the whole error of the clock that its source reports.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { BoundedClock } from '../../../src/index.ts';
import { Chronyd } from '../../support/chronyd.ts';
import { Relay } from '../network/relay.ts';
import { IntervalChecker } from './interval-checker.ts';
import { NtpServer } from './ntp-server.ts';
import { until } from './status.ts';
import { CHAINED, CHARACTERS, play } from './story.ts';
import { TrueTime } from './true-time.ts';

const INTERVALS = 100_000;
/** The number of intervals checked every 10 ms. */
const A_TURN = 40;
const MAX_DRIFT_PPM = 50;
/** The actual drift of the clock in some phases. */
const DRIFT_PPM = 45;

const settings = { maxDriftPpm: MAX_DRIFT_PPM, intervalMs: 100, timeoutMs: 400, retries: 1 };

/** The lengths of the gaps without measurements, in milliseconds. */
const GAPS_MS = [1600, 2200, 3000, 4500, 6000];

/** chronyd's default, which allows for a drift of 1 ppm, and the configuration that README.md recommends. */
const CONFIGURATIONS = [
  ['the default configuration', []],
  [`maxclockerror ${MAX_DRIFT_PPM}`, [`maxclockerror ${MAX_DRIFT_PPM}`]],
] as const;

function startChronyd(server: NtpServer, config: readonly string[]): Promise<Chronyd> {
  return Chronyd.start({
    config: [`server 127.0.0.1 port ${server.port} iburst minpoll -1 maxpoll -1`, ...config],
  });
}

/** Changes the rate of the clock in gaps between the measurements of four chronyds with a common source. */
async function checkGaps(gapMs: number, config: readonly string[]): Promise<void> {
  const truth = new TrueTime(3.2);
  await using server = await NtpServer.start(truth);
  const chronyds = await Promise.all(Array.from({ length: 4 }, () => startChronyd(server, config)));
  const clocks = await Promise.all(
    chronyds.map(({ address }) => BoundedClock.start({ ...settings, address })),
  );
  try {
    const checker = new IntervalChecker(truth, 4);
    const during = (phase: string, work: () => Promise<unknown>): Promise<unknown> =>
      Promise.all(clocks.map((clock) => checker.during(phase, clock, work)));

    await Promise.all(clocks.map((clock) => until(clock, 'synchronized')));
    for (const drift of [DRIFT_PPM, -DRIFT_PPM]) {
      await server.drift(0);
      await during('normal operation', () => sleep(6000));
      await server.drift(drift);
      await server.silence();
      await during(`a gap of ${gapMs} ms`, () => sleep(gapMs));
      await server.network({ there: 0, back: 0 });
      await during(`after a gap of ${gapMs} ms`, () => sleep(2000));
    }

    expect(checker.wrong.slice(0, 5)).toEqual([]);
    expect(checker.counts.synchronized).toBeGreaterThan(2000);
  } finally {
    for (const each of [...clocks, ...chronyds]) await each[Symbol.asyncDispose]();
  }
}

/** Set `TRUTH_SEED` to repeat the stories of a failed test; its title contains the seed. */
const SEED = Number(process.env['TRUTH_SEED'] ?? Math.floor(Math.random() * 2 ** 31));

it.concurrent(`every interval contains the true time in stories with the seed ${SEED}`, {
  timeout: 300_000,
}, async () => {
  const outcomes = await Promise.all([
    play({ seed: SEED, characters: CHARACTERS, ms: 40_000, turn: 6 }),
    play({ seed: SEED, characters: CHAINED, ms: 40_000, turn: 3, withoutGaps: true }),
    play({ seed: SEED, characters: CHARACTERS, ms: 40_000, turn: 1, scale: 100 }),
  ]);
  const all = outcomes.flat();
  expect(all.flatMap(({ shown }) => shown)).toEqual([]);
  for (const { held } of all) expect(held).toBeGreaterThan(1000);
  expect(all.reduce((sum, { held }) => sum + held, 0)).toBeGreaterThan(INTERVALS / 2);
});

describe.concurrent.each(CONFIGURATIONS)('with %s', (_, config) => {
  it(`each of ${INTERVALS} intervals contains the true time`, { timeout: 300_000 }, async () => {
    const truth = new TrueTime(3.2);
    await using server = await NtpServer.start(truth);
    await server.silence();
    await using chronyd = await startChronyd(server, config);
    await using clock = await BoundedClock.start({ ...settings, address: chronyd.address });
    const checker = new IntervalChecker(truth, A_TURN);

    await checker.during('the start', clock, async () => {
      await sleep(100);
      await server.network({ there: 0, back: 0 });
      await until(clock, 'synchronized');
    });

    await server.drift(DRIFT_PPM);
    await checker.during('a good network', clock, () => sleep(4000));

    await server.drift(-DRIFT_PPM);
    await server.network({ there: 6, back: 2, share: 0.3 });
    await checker.during('a network that is slow at random', clock, () => sleep(4000));

    await server.drift(0);
    await server.network({ there: 0, back: 0 });
    await checker.during('a good network, and no drift', clock, () => sleep(6000));

    // a drift that chronyd cannot measure
    await server.drift(DRIFT_PPM);
    await server.silence();
    await checker.during('no answers from the source', clock, async () => {
      await until(clock, 'freeRunning');
      await sleep(3000);
    });
    await server.network({ there: 0, back: 0 });
    await checker.during('the source answers again', clock, async () => {
      await until(clock, 'synchronized');
      await sleep(3000);
    });

    chronyd.freeze();
    await checker.during('chronyd is frozen', clock, async () => {
      await until(clock, 'freeRunning');
      await sleep(4000);
    });
    chronyd.thaw();
    await checker.during('chronyd is thawed', clock, async () => {
      await until(clock, 'synchronized');
      await sleep(1000);
    });

    // chronyd attributes half of this asymmetric delay to an error of the clock
    await server.network({ there: 0, back: 6 });
    await checker.during('chronyd is killed, and restarted on an asymmetric network', clock, async () => {
      await chronyd.kill('SIGKILL');
      await sleep(500);
      // without a source, the clock cannot become synchronized before this wait has seen `freeRunning`
      await server.silence();
      await chronyd.run();
      await until(clock, 'freeRunning');
      await server.network({ there: 0, back: 6 });
      await until(clock, 'synchronized');
      await sleep(4000);
    });

    const late = { name: 'late answers', answered: 1, silent: 0, faults: () => ({ jitterMs: 150 }) };
    await using relay = await Relay.start(chronyd.commandPort, late, 1);
    await using behind = await BoundedClock.start({ ...settings, address: relay.address });
    await checker.during('late answers from chronyd', behind, async () => {
      await sleep(4000);
      while (checker.held < INTERVALS) await sleep(100);
    });

    expect(checker.wrong.slice(0, 5)).toEqual([]);
    expect(checker.held).toBeGreaterThanOrEqual(INTERVALS);
    const { synchronized, freeRunning, unknown } = checker.counts;
    for (const count of [synchronized, freeRunning, unknown]) expect(count).toBeGreaterThan(0);
  });

  it(`every interval after gaps of ${GAPS_MS} ms contains the true time`, { timeout: 300_000 }, async () => {
    await Promise.all(GAPS_MS.map((gapMs) => checkGaps(gapMs, config)));
  });
});
