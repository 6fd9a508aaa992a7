/** What chronyd allows the clock to drift, learnt from its reports. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { MaxClockError } from '../../../src/clock/max-clock-error.ts';
import { LeapStatus, type TrackingStatus } from '../../../src/index.ts';
import { makeTracking } from '../../../src/testing/index.ts';

const SECOND = 1_000_000_000n;
const MS = 1_000_000n;

/** A chronyd with this `maxclockerror`: its report so many seconds after its measurement. */
function report(ppm: number, seconds: number, more: Parameters<typeof makeTracking>[0] = {}): TrackingStatus {
  const skew = 0.5;
  const residualFreq = -0.25;
  const rate = (skew + Math.abs(residualFreq) + ppm) * 1e-6;
  return makeTracking({
    refTime: 1_795_608_000,
    skew,
    residualFreq,
    rootDispersion: Math.fround(1e-3 + seconds * rate),
    ...more,
  });
}

/** Adds a report that took a millisecond. */
function add(learner: MaxClockError, tracking: TrackingStatus, at: bigint): void {
  learner.add(tracking, at - MS / 2n, at + MS / 2n);
}

it.each([0, 1, 50, 1000])('is learnt from two reports of one measurement: %d ppm', (ppm) => {
  const learner = new MaxClockError();
  add(learner, report(ppm, 10), 10n * SECOND);
  expect([learner.ppm, learner.mostPpm]).toEqual([null, null]);
  add(learner, report(ppm, 11), 11n * SECOND);
  const { ppm: least, mostPpm: most } = learner;
  expect(least).toBeLessThanOrEqual(ppm);
  expect(most).toBeGreaterThanOrEqual(ppm);
  expect((most ?? Number.NaN) - (least ?? Number.NaN)).toBeLessThan(0.003 + ppm * 0.005);
});

it('is between the two, however long the replies took', () => {
  const moment = fc.integer({ min: 0, max: 1000 });
  fc.assert(
    fc.property(
      fc.array(fc.tuple(moment, moment, moment), { minLength: 2, maxLength: 6 }),
      fc.double({ min: 0, max: 100, noNaN: true }),
      (list, ppm) => {
        const learner = new MaxClockError();
        let now = 0;
        for (const [wait, there, back] of list) {
          const before = now + wait;
          const made = before + there;
          now = made + back;
          learner.add(report(ppm, made / 1000), BigInt(before) * MS, BigInt(now) * MS);
        }
        expect(learner.ppm ?? 0).toBeLessThanOrEqual(ppm);
        expect(learner.mostPpm ?? ppm).toBeGreaterThanOrEqual(ppm);
      },
    ),
  );
});

it('is not learnt from reports of two measurements, of none, or from before and after a step', () => {
  const learner = new MaxClockError();
  add(learner, report(1, 10), 10n * SECOND);
  add(learner, report(1, 500, { refTime: 1_795_608_001 }), 11n * SECOND);
  add(learner, report(1, 1000, { leapStatus: LeapStatus.UNSYNC }), 12n * SECOND);
  add(learner, report(1, 1500), 13n * SECOND);
  learner.restart();
  add(learner, report(1, 2000), 14n * SECOND);
  expect(learner.ppm).toBeNull();
});

it('is the one of the configuration that chronyd was restarted with', () => {
  const learner = new MaxClockError();
  for (const [ppm, at] of [
    [50, 10n],
    [1, 100n],
  ] as const) {
    add(learner, report(ppm, 10, { refTime: 1_795_608_000 + Number(at) }), at * SECOND);
    add(learner, report(ppm, 12, { refTime: 1_795_608_000 + Number(at) }), (at + 2n) * SECOND);
    expect(learner.ppm).toBeCloseTo(ppm, 0);
  }
});
