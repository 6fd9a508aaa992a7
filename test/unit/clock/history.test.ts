/** The interval at a past moment is the one from that time; otherwise there is no interval, and the error says why. */
import { describe, expect, it } from 'vitest';
import { ChronyError, LeapStatus } from '../../../src/index.ts';
import { Simulation } from './simulation.ts';

const MS = 1_000_000n;
const SECOND = 1000n * MS;
/** The end of 2026-12-31, a possible time of a leap second. */
const MIDNIGHT = 1_798_761_600n * SECOND;

const ask = { kind: 'ask', before: [], after: [], noise: 0, poll: 1024 } as const;

/** A clock that follows chronyd, immediately after a measurement. */
async function following(slewPpm = 0, start?: bigint): Promise<Simulation> {
  const simulation = new Simulation(1_000_000n, slewPpm, start);
  simulation.world.measure();
  await simulation.play(ask);
  return simulation;
}

/** Lets `count` seconds pass and queries chronyd each second. */
async function seconds(simulation: Simulation, count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    simulation.world.pass(SECOND);
    await simulation.play(ask);
  }
}

function thrown(simulation: Simulation, moment: bigint): ChronyError {
  simulation.estimate.now();
  try {
    simulation.past.at(moment);
  } catch (error) {
    if (error instanceof ChronyError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('the interval', () => {
  it('is the one returned at that moment', async () => {
    const simulation = await following();
    await seconds(simulation, 3);
    simulation.world.pass(300n * MS);
    const then = simulation.estimate.now();
    await seconds(simulation, 900);
    const time = simulation.at(then.midpoint);
    expect(time?.midpoint).toBe(then.midpoint);
    expect(time?.status).toBe('synchronized');
    // the moment of a reading is known to within a millisecond, in which the bound grows by 50 ns
    for (const name of ['earliest', 'latest', 'errorBoundNs'] as const) {
      expect(Math.abs(Number((time?.[name] ?? 0n) - then[name]))).toBeLessThanOrEqual(100);
    }
    expect(time?.asOfAgeMs).toBeCloseTo(then.asOfAgeMs, -1);
  });

  it('is based on earlier measurements, not on later ones', async () => {
    const simulation = await following();
    simulation.world.pass(900n * SECOND);
    await simulation.fail(1n);
    const { wallNs } = simulation.world;
    simulation.world.measure();
    await seconds(simulation, 5);
    const time = simulation.at(wallNs);
    expect(time?.status).toBe('freeRunning');
    expect(time?.errorBoundNs).toBeGreaterThanOrEqual(45_000_000n);
    expect(simulation.estimate.now().errorBoundNs).toBeLessThan(2_000_000n);
  });

  it('includes the slew since the report if only the wall clock is slewed', async () => {
    const simulation = await following(500);
    simulation.world.slew = 500;
    simulation.world.drift = -50;
    simulation.world.pass(4n * SECOND);
    simulation.checkPast();
    expect(simulation.remembered).toBe(1);
  });

  it('is as wide as a leap second from the start of its window, even if the process was blocked then', async () => {
    const simulation = new Simulation(0n, 0, MIDNIGHT - 90n * SECOND);
    simulation.world.leapStatus = LeapStatus.INSERT;
    simulation.world.measure();
    await simulation.play(ask);
    const before = simulation.world.wallNs;
    simulation.world.pass(40n * SECOND);
    const during = simulation.world.wallNs;
    simulation.world.pass(10n * SECOND);
    expect(simulation.at(before + SECOND)?.errorBoundNs).toBeLessThan(SECOND);
    expect(simulation.at(during)?.errorBoundNs).toBeGreaterThan(SECOND);
  });

  it('is based on a report at most a second older than the latest one, however often chronyd is queried', async () => {
    const simulation = await following();
    const moments: bigint[] = [];
    for (let i = 0; i < 3000; i++) {
      simulation.world.pass(10n * MS);
      await simulation.play(ask);
      moments.push(simulation.world.wallNs);
    }
    const ages = moments.map((moment) => simulation.at(moment)?.asOfAgeMs ?? Number.POSITIVE_INFINITY);
    expect(Math.max(...ages)).toBeLessThan(1020);
    expect(Math.max(...ages)).toBeGreaterThan(500);
  });

  it('keeps a status that lasted only briefly', async () => {
    const simulation = await following();
    await seconds(simulation, 3);
    simulation.world.restart();
    await simulation.play(ask);
    simulation.world.pass(10n * MS);
    const { wallNs } = simulation.world;
    simulation.world.pass(10n * MS);
    simulation.world.measure();
    await simulation.play(ask);
    await seconds(simulation, 3);
    const statuses = [-SECOND, 0n, SECOND].map((ns) => simulation.at(wallNs + ns)?.status);
    expect(statuses).toEqual(['synchronized', 'freeRunning', 'synchronized']);
  });

  it('is as wide as a leap second from the start of its window, however often chronyd is queried', async () => {
    const simulation = new Simulation(0n, 0, MIDNIGHT - 63n * SECOND);
    const { world } = simulation;
    world.leapStatus = LeapStatus.INSERT;
    world.measure();
    while (world.trueNs < MIDNIGHT - 57n * SECOND) {
      await simulation.play(ask);
      world.pass(100n * MS);
    }
    const start = MIDNIGHT - 60n * SECOND;
    for (let ms = 0n; ms < 2000n; ms++) {
      expect(simulation.at(start + ms * MS)?.errorBoundNs).toBeGreaterThan(SECOND);
    }
    expect(simulation.at(start - SECOND)?.errorBoundNs).toBeLessThan(SECOND);
  });
});

describe('there is no interval', () => {
  it.each([
    ['more than 1000 s ago', -1_000_001n * MS],
    ['in the future', 3n * MS],
  ])('at a moment %s', async (_, ns) => {
    const simulation = await following();
    await seconds(simulation, 1100);
    const now = simulation.estimate.now();
    const at = () => simulation.past.at(now.midpoint + ns);
    expect(at).toThrow(RangeError);
    const moment = String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z`;
    expect(at).toThrow(
      new RegExp(`^the moment must be in the last 1000 s, from ${moment} to ${moment}, not ${moment}$`),
    );
    expect(simulation.at(now.midpoint - 999n * SECOND)).not.toBeNull();
  });

  it('at a moment before the first query', async () => {
    const simulation = new Simulation(0n, 0);
    const { wallNs } = simulation.world;
    simulation.world.measure();
    simulation.world.pass(SECOND);
    await simulation.play(ask);
    expect(thrown(simulation, wallNs)).toMatchObject({
      code: 'ERR_CHRONY_NO_BOUND',
      message: expect.stringMatching(
        /^the time at 2026-11-25T12:00:00\.\S+Z is unknown: there was no bound before 2026-11-25T12:00:01\.\S+Z, because chronyd has not been queried yet$/,
      ),
    });
  });

  it.each([5n, -5n])('at a moment before a step by %d s', async (step) => {
    const simulation = await following();
    await seconds(simulation, 20);
    const { wallNs } = simulation.world;
    expect(simulation.at(wallNs - SECOND)).not.toBeNull();
    simulation.world.step(step * SECOND);
    for (let i = 0; i < 10; i++) {
      simulation.world.measure();
      await seconds(simulation, 1);
    }
    const { message } = thrown(simulation, wallNs - SECOND);
    expect(message).toMatch(/the wall clock was stepped by about -?(?:4\.9|5\.0)\d\d s/);
    // a moment after the step has an interval
    expect(simulation.at(simulation.world.wallNs - MS / 2n)).not.toBeNull();
  });

  it('at a moment that the wall clock showed twice within the last 1000 s', async () => {
    const simulation = await following();
    await seconds(simulation, 20);
    const { wallNs } = simulation.world;
    simulation.world.step(-1200n * SECOND);
    for (let i = 0; i < 10; i++) {
      simulation.world.measure();
      await seconds(simulation, 1);
    }
    const again = simulation.world.wallNs - SECOND;
    expect(thrown(simulation, again).message).toMatch(
      / is unknown: the wall clock may have shown it twice, because the wall clock was stepped by about -1(?:199\.9|200\.0)\d\d s/,
    );
    await seconds(simulation, 1010);
    expect(simulation.world.wallNs).toBeLessThan(wallNs);
    expect(simulation.at(simulation.world.wallNs - 900n * SECOND)).not.toBeNull();
  });
});
