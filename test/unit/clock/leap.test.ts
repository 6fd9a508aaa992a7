/** Around a leap second, whatever is done about it. */
import { describe, expect, it } from 'vitest';
import { LeapStatus } from '../../../src/index.ts';
import { Simulation } from './simulation.ts';

const SECOND = 1_000_000_000n;
/** The end of 2026-12-31, a leap second's time. */
const MIDNIGHT = 1_798_761_600n * SECOND;
const MINUTE = 60;
const HOUR = 3600;

const second = { kind: 'pass', ns: SECOND } as const;
const ask = { kind: 'ask', before: [], after: [], noise: 0, poll: 1024 } as const;

/** A second passes, chronyd is asked, and what comes of it must hold. */
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

/** A clock that follows chronyd and is an hour and a half before the end of the day. */
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
  it.each(['stepped over', 'left to be measured'])('the second is %s', async (how) => {
    const simulation = await beforeMidnight(leapStatus);
    const { world } = simulation;
    expect(errorNs(simulation)).toBeLessThan(1e9);
    // the minute before is reckoned with, too
    await seconds(simulation, 20);
    expect(errorNs(simulation)).toBeGreaterThan(1e9);
    await seconds(simulation, 50);
    world.leap(inserted);
    if (how === 'stepped over') world.step(BigInt(-inserted) * SECOND);
    world.leapStatus = LeapStatus.NORMAL;
    for (let minute = 0; minute < 17; minute++) {
      // it takes some until a step is trusted
      if (how === 'stepped over') world.measure();
      await seconds(simulation, MINUTE);
    }
    const { held } = simulation;
    world.measure();
    await seconds(simulation, 17 * MINUTE);
    expect(simulation.held).toBe(held + 17 * MINUTE);
    expect(errorNs(simulation)).toBeGreaterThan(1e9);
    // an hour after it, when nobody has measured since
    await seconds(simulation, HOUR);
    expect(errorNs(simulation)).toBeGreaterThan(1e9);
    world.measure();
    await seconds(simulation, 1);
    // what is left is what the clock is off, as chronyd says it
    expect(errorNs(simulation)).toBeLessThan(Math.abs(Number(world.trueNs - world.wallNs)) + 1e6);
  });
});

it('a leap second that is called off is none', async () => {
  const simulation = await beforeMidnight(LeapStatus.INSERT);
  simulation.world.leapStatus = LeapStatus.NORMAL;
  await seconds(simulation, HOUR);
  expect(errorNs(simulation)).toBeLessThan(1e9);
});

it('an end of the day like all others is none', async () => {
  const simulation = await beforeMidnight(LeapStatus.NORMAL);
  await seconds(simulation, HOUR);
  expect(errorNs(simulation)).toBeLessThan(1e9);
});
