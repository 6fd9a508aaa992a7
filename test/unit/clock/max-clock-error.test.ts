/** The drift that chronyd allows for, derived from its reports. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { learnMaxClockError, NOTHING_KNOWN } from '../../../src/clock/max-clock-error.ts';
import { LeapStatus, type TrackingStatus } from '../../../src/index.ts';
import { makeTracking } from '../../../src/testing/index.ts';
import type { Moment } from '../../../src/util/moment.ts';

/** Collects reports of a chronyd; by default, each request takes a millisecond. */
class Learner {
  #known = NOTHING_KNOWN;

  get range(): readonly [least: number, most: number] {
    return [this.#known.leastPpm, this.#known.mostPpm];
  }

  add(tracking: TrackingStatus, at: number): void {
    this.addBetween(tracking, moment(at - 0.0005), moment(at + 0.0005));
  }

  addBetween(tracking: TrackingStatus, before: Moment, after: Moment): void {
    this.#known = learnMaxClockError(this.#known, tracking, before, after);
  }
}

function moment(seconds: number, stepped = 0): Moment {
  return { monotonic: seconds, wall: 1_795_608_000 + seconds + stepped };
}

/** The report of a chronyd with `maxclockerror` set to `ppm`, `seconds` after its measurement. */
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

it.each([0, 1, 50, 1000])(
  'derives the maximum clock error from two reports of one measurement: %d ppm',
  (ppm) => {
    const learner = new Learner();
    learner.add(report(ppm, 10), 10);
    expect(learner.range).toEqual([0, Number.POSITIVE_INFINITY]);
    learner.add(report(ppm, 11), 11);
    const [least, most] = learner.range;
    expect(least).toBeLessThanOrEqual(ppm);
    expect(most).toBeGreaterThanOrEqual(ppm);
    expect(most - least).toBeLessThan(0.003 + ppm * 0.005);
  },
);

it('derives a range that contains it, however long the replies took', () => {
  const ms = fc.integer({ min: 0, max: 1000 });
  fc.assert(
    fc.property(
      fc.array(fc.tuple(ms, ms, ms), { minLength: 2, maxLength: 6 }),
      fc.double({ min: 0, max: 100, noNaN: true }),
      (list, ppm) => {
        const learner = new Learner();
        let now = 0;
        for (const [wait, there, back] of list) {
          const before = now + wait;
          const made = before + there;
          now = made + back;
          learner.addBetween(report(ppm, made / 1000), moment(before / 1000), moment(now / 1000));
        }
        const [least, most] = learner.range;
        expect(least).toBeLessThanOrEqual(ppm);
        expect(most).toBeGreaterThanOrEqual(ppm);
      },
    ),
  );
});

it('derives nothing from reports of two measurements or without a measurement', () => {
  const learner = new Learner();
  learner.add(report(1, 10), 10);
  learner.add(report(1, 500, { refTime: 1_795_608_001 }), 11);
  learner.add(report(1, 1000, { leapStatus: LeapStatus.UNSYNC }), 12);
  learner.add(report(1, 1500), 13);
  expect(learner.range).toEqual([0, Number.POSITIVE_INFINITY]);
});

it('does not overestimate it after a suspend or a step of the clock, which chronyd counts as elapsed time', () => {
  const learner = new Learner();
  learner.add(report(1, 10), 10);
  learner.addBetween(report(1, 3610), moment(11, 3599), moment(11.001, 3599));
  expect(learner.range[0]).toBeLessThanOrEqual(1);
});

it('follows the new configuration when chronyd is restarted', () => {
  const learner = new Learner();
  for (const [ppm, at] of [
    [50, 10],
    [1, 100],
  ] as const) {
    learner.add(report(ppm, 10, { refTime: 1_795_608_000 + at }), at);
    learner.add(report(ppm, 12, { refTime: 1_795_608_000 + at }), at + 2);
    expect(learner.range[0]).toBeCloseTo(ppm, 0);
  }
});
