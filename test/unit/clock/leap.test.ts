/** The bound around a leap second, whether the clock is stepped or not. */
import { describe, expect, it } from 'vitest';
import { LeapStatus } from '../../../src/index.ts';
import { Simulation } from './simulation.ts';

const SECOND = 1_000_000_000n;
/** The end of 2026-12-31, a possible time of a leap second. */
const MIDNIGHT = 1_798_761_600n * SECOND;
const MINUTE = 60;
const HOUR = 3600;

const second = { kind: 'pass', ns: SECOND } as const;
const ask = { kind: 'ask', before: [], after: [], noise: 0, poll: 1024 } as const;

/** Lets `count` seconds pass; queries chronyd each second and checks the interval. */
async function seconds(simulation: Simulation, count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    await simulation.play(second);
    await simulation.play(ask);
    simulation.check();
  }
}

function errorNs(simulation: Simulation): number {
  return Number(simulation.estimate.now().errorBoundNs);
}

/** A clock that follows chronyd and approaches the end of the day, at one minute and ten seconds before it. */
async function beforeMidnight(leapStatus: LeapStatus): Promise<Simulation> {
  const simulation = new Simulation(1_000_000n, 0, MIDNIGHT - BigInt(90 * MINUTE) * SECOND);
  simulation.world.measure();
  simulation.world.leapStatus = leapStatus;
  await seconds(simulation, 80 * MINUTE);
  simulation.world.measure();
  await seconds(simulation, 9 * MINUTE - 10);
  return simulation;
}

describe.each([
  [LeapStatus.INSERT, 1],
  [LeapStatus.DELETE, -1],
] as const)('%s', (leapStatus, inserted) => {
  it.each(['stepped over', 'left to be measured'])(
    'contains the true time if the second is %s',
    async (how) => {
      const simulation = await beforeMidnight(leapStatus);
      const { world } = simulation;
      expect(errorNs(simulation)).toBeLessThan(1e9);
      // the bound already includes the second a minute before
      await seconds(simulation, 20);
      expect(errorNs(simulation)).toBeGreaterThan(1e9);
      await seconds(simulation, 50);
      world.leap(inserted);
      if (how === 'stepped over') world.step(BigInt(-inserted) * SECOND);
      world.leapStatus = LeapStatus.NORMAL;
      for (let minute = 0; minute < 17; minute++) {
        // a step requires several new measurements
        if (how === 'stepped over') world.measure();
        await seconds(simulation, MINUTE);
      }
      const { held } = simulation;
      world.measure();
      await seconds(simulation, 17 * MINUTE);
      expect(simulation.held).toBe(held + 17 * MINUTE);
      expect(errorNs(simulation)).toBeGreaterThan(1e9);
      // an hour later, without a new measurement
      await seconds(simulation, HOUR);
      expect(errorNs(simulation)).toBeGreaterThan(1e9);
      world.measure();
      await seconds(simulation, 1);
      // what remains is the error of the clock as chronyd reports it
      expect(errorNs(simulation)).toBeLessThan(Math.abs(Number(world.trueNs - world.wallNs)) + 1e6);
    },
  );
});

it('the bound does not include a canceled leap second', async () => {
  const simulation = await beforeMidnight(LeapStatus.INSERT);
  simulation.world.leapStatus = LeapStatus.NORMAL;
  await seconds(simulation, HOUR);
  expect(errorNs(simulation)).toBeLessThan(1e9);
});

it('the bound does not include a leap second at the end of an ordinary day', async () => {
  const simulation = await beforeMidnight(LeapStatus.NORMAL);
  await seconds(simulation, HOUR);
  expect(errorNs(simulation)).toBeLessThan(1e9);
});
