/**
 * The interval holds the true time, whatever happens to chronyd. chronyd does not touch the clock here (`-x`), so what
 * its source says the clock is wrong by is in its "current correction", all of it.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { BoundedClock, ChronyError, type ClockStatus } from '../../src/index.ts';
import { seededRandom } from '../../src/testing/faults.ts';
import { Relay } from '../network/relay.ts';
import { Chronyd } from '../support/chronyd.ts';
import { NtpServer } from './ntp-server.ts';
import { TrueTime } from './true-time.ts';

const SAMPLES = 100_000;
/** So many at once, so often. */
const A_TURN = 40;
const TURN_MS = 10;
const MAX_DRIFT_PPM = 50;
/** How fast the clock does drift, at times. */
const DRIFT_PPM = 45;

/** Takes samples of a clock, whatever else goes on. */
class Sampler {
  /** How many there were of each status. */
  readonly counts = { synchronized: 0, freeRunning: 0, unknown: 0 };
  /** Those that did not hold the truth. */
  readonly wrong: object[] = [];
  readonly #truth: TrueTime;

  constructor(truth: TrueTime) {
    this.#truth = truth;
  }

  get held(): number {
    return this.counts.synchronized + this.counts.freeRunning;
  }

  /** Takes them while something is going on. */
  async during(phase: string, clock: BoundedClock, work: () => Promise<unknown>): Promise<void> {
    const timer = setInterval(() => {
      for (let i = 0; i < A_TURN; i++) this.#sample(phase, clock);
    }, TURN_MS);
    await work().finally(() => clearInterval(timer));
  }

  #sample(phase: string, clock: BoundedClock): void {
    const before = process.hrtime.bigint();
    try {
      const time = clock.now();
      const { earliest } = this.#truth.at(before);
      const { latest } = this.#truth.at(process.hrtime.bigint());
      this.counts[time.status]++;
      if (earliest > time.latest || latest < time.earliest) {
        this.wrong.push({ phase, truth: [earliest, latest], ...time });
      }
    } catch (error) {
      if (!(error instanceof ChronyError)) throw error;
      this.counts.unknown++;
    }
  }
}

async function until(clock: BoundedClock, status: ClockStatus): Promise<void> {
  while (clock.status !== status) {
    await new Promise<void>((changed) => {
      clock.once('status', () => changed());
    });
  }
}

it(`the true time is in each of ${SAMPLES} intervals`, async () => {
  const truth = new TrueTime(3.2);
  const random = seededRandom(7);
  await using server = await NtpServer.start(truth);
  await using chronyd = await Chronyd.start({
    config: [
      `server 127.0.0.1 port ${server.port} iburst minpoll -1 maxpoll -1`,
      // as fast as the clock may drift, it has to reckon with itself
      `maxclockerror ${MAX_DRIFT_PPM}`,
    ],
  });
  const settings = { maxDriftPpm: MAX_DRIFT_PPM, intervalMs: 100, timeoutMs: 400, retries: 1 };
  await using clock = await BoundedClock.start({ ...settings, address: chronyd.address });
  const sampler = new Sampler(truth);

  await sampler.during('the start', clock, () => until(clock, 'synchronized'));

  truth.driftPpm = DRIFT_PPM;
  await sampler.during('a good network', clock, () => sleep(4000));

  truth.driftPpm = -DRIFT_PPM;
  server.delays = () => ({ there: Math.round(random() * 6), back: random() < 0.3 ? 2 : 0 });
  await sampler.during('a network that is slow at random', clock, () => sleep(4000));

  truth.driftPpm = 0;
  server.delays = () => ({ there: 0, back: 0 });
  await sampler.during('a good network, and no drift', clock, () => sleep(6000));

  // what chronyd cannot know of
  truth.driftPpm = DRIFT_PPM;
  server.delays = () => null;
  await sampler.during('no answers from the source', clock, async () => {
    await until(clock, 'freeRunning');
    await sleep(3000);
  });
  server.delays = () => ({ there: 0, back: 0 });
  await sampler.during('the source is there again', clock, async () => {
    await until(clock, 'synchronized');
    await sleep(3000);
  });

  chronyd.freeze();
  await sampler.during('chronyd is frozen', clock, async () => {
    await until(clock, 'freeRunning');
    await sleep(4000);
  });
  chronyd.thaw();
  await sampler.during('chronyd goes on', clock, async () => {
    await until(clock, 'synchronized');
    await sleep(1000);
  });

  // chronyd takes half of that for an error of the clock
  server.delays = () => ({ there: 0, back: 6 });
  await sampler.during('chronyd is killed, and started anew on a lopsided network', clock, async () => {
    await chronyd.kill('SIGKILL');
    await sleep(500);
    await chronyd.run();
    await until(clock, 'freeRunning');
    await until(clock, 'synchronized');
    await sleep(4000);
  });

  const late = { name: 'late answers', answered: 1, silent: 0, faults: () => ({ jitterMs: 150 }) };
  await using relay = await Relay.start(chronyd.commandPort, late, 1);
  await using behind = await BoundedClock.start({ ...settings, address: relay.address });
  await sampler.during('late answers from chronyd', behind, async () => {
    await sleep(4000);
    while (sampler.held < SAMPLES) await sleep(100);
  });

  expect(sampler.wrong.slice(0, 5)).toEqual([]);
  expect(sampler.held).toBeGreaterThanOrEqual(SAMPLES);
  for (const count of Object.values(sampler.counts)) expect(count).toBeGreaterThan(0);
});
