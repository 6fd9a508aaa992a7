/** The trust level, and the reason for it. */
import { describe, expect, it } from 'vitest';
import { WallOffset } from '../../../src/clock/clocks.ts';
import { fromSeconds } from '../../../src/clock/nanoseconds.ts';
import type { Measurement, TrackingSample } from '../../../src/clock/sample.ts';
import { Trust } from '../../../src/clock/trust.ts';
import { ChronyDataError, ChronyTimeoutError } from '../../../src/index.ts';
import { makeTracking } from '../../../src/testing/index.ts';
import { local, makeSample, TIME, unsynchronized } from './samples.ts';

const SECOND = 1_000_000_000n;
const offset = WallOffset.of({ before: 0n, wallMs: TIME * 1000, after: 0n });

describe('the reason', () => {
  const reasons: string[] = [];
  function statusAndReason(trust: Trust, now: bigint): string {
    const { status, reason } = trust.levelAt(now * SECOND);
    reasons.push(reason);
    return `${status}: ${reason}`;
  }

  it('explains every status', () => {
    const trust = new Trust(false, 50);
    expect(statusAndReason(trust, 0n)).toBe('unknown: chronyd has not been queried yet');
    trust.addFailure(new ChronyTimeoutError('silent host'));
    expect(statusAndReason(trust, 0n)).toBe('unknown: silent host');
    trust.addSample(unsynchronized, 0n, offset, 0);
    expect(statusAndReason(trust, 0n)).toMatch(/^unknown: chronyd is not synchronized; wait /);
    trust.addSample(local, 1n * SECOND, offset, 0);
    expect(statusAndReason(trust, 1n)).toMatch(
      /^unknown: chronyd is in local mode \(127\.127\.1\.1\), .* allowLocal /,
    );
    trust.addSample(makeSample(), 2n * SECOND, offset, 0);
    expect(statusAndReason(trust, 7n)).toBe('synchronized: chronyd follows 192.0.2.1');
    expect(statusAndReason(trust, 8n)).toBe('freeRunning: no answer from chronyd for more than 5 s');
    trust.addFailure(new ChronyTimeoutError('silent host'));
    expect(statusAndReason(trust, 8n)).toBe(
      'freeRunning: no answer from chronyd for more than 5 s: silent host',
    );
    trust.addSample(makeSample({}, 600), 9n * SECOND, offset, 0);
    expect(statusAndReason(trust, 9n)).toMatch(
      /^freeRunning: chronyd has not updated the clock for 600 s, .* 64\.0 s apart; check /,
    );
    expect(statusAndReason(trust, 1010n)).toBe('unknown: no answer from chronyd for more than 1000 s');
    trust.addSample(makeSample(), 1011n * SECOND, offset, 0);
    trust.addStep(-3600);
    expect(statusAndReason(trust, 1012n)).toMatch(
      /^unknown: the wall clock was stepped by about -3600\.000 s, or the machine was suspended; wait /,
    );
    trust.addDisruption();
    expect(statusAndReason(trust, 1013n)).toMatch(
      /^disrupted: the virtual machine was paused, cloned or migrated .*; wait /,
    );
    // a reason is part of a sentence in errors of now()
    for (const reason of reasons) expect(reason).not.toMatch(/\n|\.$|undefined/);
  });
});

describe('without a measurement', () => {
  /** The statuses at these times if chronyd keeps answering, but its last measurement was at 0 s. */
  function statuses(updateInterval: number, seconds: readonly number[], answer = makeSample): string[] {
    const trust = new Trust(false, 50);
    const sampleAt = (now: number): TrackingSample => ({
      ...answer({ refTime: TIME, updateInterval }),
      time: TIME + now,
    });
    trust.addSample({ ...sampleAt(0), ...makeSample({ refTime: TIME, updateInterval }) }, 0n, offset, 0);
    return seconds.map((now) => {
      trust.addSample(sampleAt(now), BigInt(now) * SECOND, offset, 0);
      const { status, reason, until } = trust.levelAt(BigInt(now) * SECOND);
      if (until !== null && status === 'freeRunning') expect(until).toBe(1000n * SECOND);
      if (status === 'unknown') expect(reason).toMatch(/^no measurement for more than 1000 s: chronyd /);
      return status;
    });
  }

  it('a bound is trusted for 1000 s, even if chronyd replies', () => {
    const seconds = [512, 513, 1000, 1001, 1900];
    const expected = ['synchronized', 'freeRunning', 'freeRunning', 'unknown', 'unknown'];
    expect(statuses(64, seconds)).toEqual(expected);
    const unsynchronized: typeof makeSample = () => makeSample({ referenceId: 0, refTime: 0 });
    expect(statuses(64, [1, 1000, 1001], unsynchronized)).toEqual(['freeRunning', 'freeRunning', 'unknown']);
  });

  it('a source that is polled less often is not lost', () => {
    expect(statuses(1024, [1001, 8192, 8193])).toEqual(['synchronized', 'synchronized', 'unknown']);
  });

  it('an unknown clock is trusted again after the next measurement', () => {
    const trust = new Trust(false, 50);
    trust.addSample(makeSample({ updateInterval: 64 }, 2000), 0n, offset, 0);
    expect(trust.levelAt(0n).status).toBe('unknown');
    trust.addSample(makeSample(), SECOND, offset, 0);
    expect(trust.levelAt(SECOND).status).toBe('synchronized');
  });
});

describe('an impossible value', () => {
  const nonsense: readonly [string, (trust: Trust) => void][] = [
    ['a reference time in the future', (trust) => trust.addSample(makeSample({}, -2), SECOND, offset, 0)],
    ['a reference time of 0', (trust) => trust.addSample(makeSample({ refTime: 0 }), SECOND, offset, 0)],
    ['an invalid leap status', (trust) => trust.addFailure(new ChronyDataError('leap status is 4'))],
  ];
  it.each(nonsense)('removes the bound at once: %s', (_, happen) => {
    const trust = new Trust(false, 50);
    trust.addSample(makeSample(), 0n, offset, 0);
    expect(trust.levelAt(0n).status).toBe('synchronized');
    happen(trust);
    expect(trust.levelAt(SECOND)).toMatchObject({ status: 'unknown', bound: null });
    expect(trust.levelAt(SECOND).reason).toMatch(/^chronyd reports an impossible value|^leap status is 4$/);
  });
});

describe('a disruption', () => {
  it('removes the bound until chronyd has completed two measurements after the one that may have been under way', () => {
    const trust = new Trust(false, 50);
    const statuses = [0, 1, 1, 2, 3].map((measurement, now) => {
      if (now === 1) trust.addDisruption();
      const sample = { ...makeSample({}, -measurement), time: TIME + measurement + 1 };
      trust.addSample(sample, BigInt(now) * SECOND, offset, 0);
      return trust.levelAt(BigInt(now) * SECOND).status;
    });
    expect(statuses).toEqual(['synchronized', 'disrupted', 'disrupted', 'disrupted', 'synchronized']);
  });

  it('remains a disruption after an additional step', () => {
    const trust = new Trust(false, 50);
    trust.addDisruption();
    trust.addStep(2);
    expect(trust.levelAt(0n).status).toBe('disrupted');
  });
});

describe('a step', () => {
  /** The number of samples until there is a bound again, if each one has its own measurement. */
  function samplesNeeded(seconds: number, first: TrackingSample): number {
    const trust = new Trust(false, 50);
    trust.addSample(makeSample(), 0n, offset, 0);
    trust.addStep(seconds);
    for (let count = 1; count < 100; count++) {
      const now = BigInt(count) * SECOND;
      const later = { ...makeSample({}, 1 - count), time: TIME + count };
      trust.addSample(count === 1 ? first : later, now, offset, 0);
      if (trust.levelAt(now).status === 'synchronized') return count;
    }
    throw new Error('no bound after 99 samples');
  }

  it('requires enough measurements for chronyd to drop all older ones', () => {
    expect(samplesNeeded(2, makeSample())).toBe(9);
    expect(samplesNeeded(-2, makeSample({ lastOffset: 1.9 }))).toBe(9);
  });

  it('requires only one more measurement if chronyd made the step', () => {
    expect(samplesNeeded(2, makeSample({ lastOffset: -2.001 }))).toBe(2);
    expect(samplesNeeded(-3600, makeSample({ lastOffset: 3600 }))).toBe(2);
  });

  it('requires only one more measurement if chronyd was restarted', () => {
    expect(samplesNeeded(2, unsynchronized)).toBe(2);
  });

  it('does not count several samples of the same measurement', () => {
    const trust = new Trust(false, 50);
    trust.addStep(2);
    for (let now = 1n; now < 100n; now++) trust.addSample(makeSample(), now * SECOND, offset, 0);
    expect(trust.levelAt(100n * SECOND).status).toBe('unknown');
  });
});

describe('the bound', () => {
  const FREQUENCY = -20;

  /** A sample taken `at` seconds after the start, with its last measurement `measuredAt` seconds after the start. */
  function sampled(at: number, measuredAt: number, measurement: Measurement | null = null): TrackingSample {
    const tracking = makeTracking({
      refTime: TIME + measuredAt,
      updateInterval: 2,
      offset: 1e-6,
      frequency: FREQUENCY,
      rootDelay: 0,
      rootDispersion: 3e-6,
    });
    const selected = measurement && { pollSeconds: 2, measurement };
    return { tracking, time: TIME + at, selected };
  }

  /** The bound immediately after each of these samples, in ns. */
  function errors(
    samples: readonly (readonly [at: number, measuredAt: number, measurement?: Measurement | null])[],
    maxClockErrorPpm: number | null = 50,
  ): (number | undefined)[] {
    const trust = new Trust(false, 50);
    return samples.map(([at, ...more]) => {
      const asOf = fromSeconds(at);
      trust.addSample(sampled(at, ...more), asOf, offset, maxClockErrorPpm);
      const error = trust.levelAt(asOf).bound?.errorNs;
      return error && Math.round(error);
    });
  }
  /** |offset| + root dispersion */
  const REPORTED = 4000;
  /** A measurement that agrees with chronyd's estimate, with an error of 1 µs. */
  const good: Measurement = { offset: 0, error: 1e-6, age: 0 };
  /** A measurement that differs from chronyd's estimate. */
  const off = (offset: number): Measurement => ({ offset, error: 10e-6, age: 0 });

  it("is chronyd's bound plus the drift since the measurement that chronyd does not allow for", () => {
    expect(errors([[0, 0, good]], 50)).toEqual([REPORTED]);
    expect(errors([[2, 0, { ...good, age: 2 }]], 50)).toEqual([102_000]);
    expect(errors([[2, 0, null]], 50)).toEqual([REPORTED]);
    expect(errors([[2, 0, null]], 1)).toEqual([REPORTED + 98_000]);
    expect(errors([[2, 0, null]], 0)).toEqual([REPORTED + 100_000]);
    // chronyd's allowance is unknown
    expect(errors([[2, 0, null]], null)).toEqual([REPORTED + 100_000]);
    expect(errors([[2, 0, { ...good, age: 2 }]], null)).toEqual([102_000]);
    // chronyd allows for more drift than configured
    expect(errors([[2, 0, null]], 500)).toEqual([REPORTED]);
  });

  it('is no narrower after a measurement than the measurement alone allows', () => {
    expect(errors([[0, 0, off(40e-6)]])).toEqual([51_000]);
    // slow by 40 µs after a correction of 1 µs, or fast by as much before it
    expect(errors([[0, 0, off(-40e-6)]])).toEqual([49_000]);
  });

  it('is limited by the extrapolated previous bound if that is narrower than the bound of the measurement', () => {
    const samples = [
      [0, 0, good],
      [0.5, 0.5, off(40e-6)],
      [2, 2, off(60e-6)],
      [4, 4, off(60e-6)],
    ] as const;
    // 25 µs of drift, and then 75 µs
    expect(errors(samples)).toEqual([REPORTED, 29_000, 71_000, 71_000]);
  });

  it('keeps growing until the next measurement', () => {
    const samples = [
      [0, 0, off(40e-6)],
      [1, 0],
      [2, 0],
      [3, 3, good],
    ] as const;
    expect(errors(samples)).toEqual([51_000, 101_000, 151_000, REPORTED]);
  });

  it('does not get narrower while the measurement is unknown', () => {
    expect(
      errors([
        [0, 0, good],
        [2, 2, null],
        [3, 2, null],
        [4, 2, { ...good, age: 2 }],
      ]),
    ).toEqual([REPORTED, 104_000, 154_000, 102_000]);
  });

  it('is the bound of the measurement alone if there was no previous bound', () => {
    const trust = new Trust(false, 50);
    trust.addSample(sampled(0, 0, good), 0n, offset, 50);
    trust.addFailure(new ChronyTimeoutError('silent host'));
    // later than the old bound is trusted
    trust.addSample(sampled(2000, 2000, off(40e-6)), 2000n * SECOND, offset, 50);
    expect(trust.levelAt(2000n * SECOND).bound?.errorNs).toBeCloseTo(51_000);
  });

  it('uses the reference time as the time of the measurement, unless the age of the measurement differs', () => {
    // ages are differences of whole seconds
    for (const age of [1, 2]) expect(errors([[1.5, 0, { ...good, age }]])).toEqual([77_000]);
    expect(errors([[1.5, 0, { ...good, age: 3 }]])).toEqual([202_000]);
  });

  it('includes the error of the reference clock, which chronyd assumes to be 0', () => {
    const trust = new Trust(false, 50);
    const bound = (at: number, measuredAt: number, measurement: Measurement | null): number => {
      const asOf = fromSeconds(at);
      trust.addSample(sampled(at, measuredAt, measurement), asOf, offset, 50, 15_000);
      return Math.round(trust.levelAt(asOf).bound?.errorNs ?? Number.NaN);
    };
    expect(bound(0, 0, good)).toBe(REPORTED + 15_000);
    expect(bound(2, 2, off(40e-6))).toBe(51_000 + 15_000);
    expect(bound(4, 4, good)).toBe(REPORTED + 15_000);
  });

  it('needs the selected source once per measurement', () => {
    const trust = new Trust(false, 50);
    const needed = ([at, measuredAt, measurement]: readonly [number, number, Measurement?]): boolean => {
      const sample = sampled(at, measuredAt, measurement);
      const needs = trust.needsSelected(sample);
      trust.addSample(sample, fromSeconds(at), offset, 50);
      return needs;
    };
    expect(
      (
        [
          [0, 0, good],
          [1, 0],
          [2, 2],
          [3, 2, good],
          [4, 2],
        ] as const
      ).map(needed),
    ).toEqual([true, false, true, true, false]);
    // these samples have no selected source
    expect([local, unsynchronized].map((sample) => trust.needsSelected(sample))).toEqual([false, false]);
  });
});
