/** The trust level, and the reason for it. */
import { describe, expect, it } from 'vitest';
import { WallOffset } from '../../../src/clock/clocks.ts';
import type { SelectedSource, TrackingSample } from '../../../src/clock/sample.ts';
import { Gaps, Trust } from '../../../src/clock/trust.ts';
import { ChronyTimeoutError } from '../../../src/index.ts';
import { makeTracking } from '../../../src/testing/index.ts';
import { local, makeSample, TIME, unsynchronised } from './samples.ts';

const SECOND = 1_000_000_000n;
const offset = WallOffset.of({ before: 0n, wallMs: TIME * 1000, after: 0n });

describe('the reason', () => {
  const reasons: string[] = [];
  function tell(trust: Trust, now: bigint): string {
    const { status, reason } = trust.levelAt(now * SECOND);
    reasons.push(reason);
    return `${status}: ${reason}`;
  }

  it('says why, whatever the status', () => {
    const trust = new Trust(false, 50);
    expect(tell(trust, 0n)).toBe('unknown: chronyd has not been asked yet');
    trust.addFailure(new ChronyTimeoutError('nobody there'));
    expect(tell(trust, 0n)).toBe('unknown: nobody there');
    trust.addSample(unsynchronised, 0n, offset);
    expect(tell(trust, 0n)).toMatch(/^unknown: chronyd is not synchronised; wait /);
    trust.addSample(local, 1n * SECOND, offset);
    expect(tell(trust, 1n)).toMatch(/^unknown: chronyd is in local mode \(127\.127\.1\.1\), .* allowLocal /);
    trust.addSample(makeSample(), 2n * SECOND, offset);
    expect(tell(trust, 7n)).toBe('synchronized: chronyd follows 192.0.2.1');
    expect(tell(trust, 8n)).toBe('freeRunning: no answer from chronyd for more than 5 s');
    trust.addFailure(new ChronyTimeoutError('nobody there'));
    expect(tell(trust, 8n)).toBe('freeRunning: no answer from chronyd for more than 5 s: nobody there');
    trust.addSample(makeSample({}, 600), 9n * SECOND, offset);
    expect(tell(trust, 9n)).toMatch(
      /^freeRunning: chronyd has not updated the clock for 600 s, .* 64\.0 s apart; check /,
    );
    expect(tell(trust, 1010n)).toBe('unknown: no answer from chronyd for more than 1000 s');
    trust.addSample(makeSample(), 1011n * SECOND, offset);
    trust.addStep(-3600);
    expect(tell(trust, 1012n)).toMatch(
      /^unknown: the wall clock was stepped by about -3600\.000 s, or the machine was suspended; wait /,
    );
    // as part of a sentence of now()'s
    for (const reason of reasons) expect(reason).not.toMatch(/\n|\.$|undefined/);
  });
});

describe('after a step', () => {
  /** The number of samples until there is a bound again, if each has a measurement of its own. */
  function samplesNeeded(seconds: number, first: TrackingSample): number {
    const trust = new Trust(false, 50);
    trust.addSample(makeSample(), 0n, offset);
    trust.addStep(seconds);
    for (let count = 1; ; count++) {
      const now = BigInt(count) * SECOND;
      trust.addSample(count === 1 ? first : makeSample({}, 1 - count), now, offset);
      if (trust.levelAt(now).status === 'synchronized') return count;
    }
  }

  it('chronyd must have forgotten its older measurements', () => {
    expect(samplesNeeded(2, makeSample())).toBe(9);
    expect(samplesNeeded(-2, makeSample({ lastOffset: 1.9 }))).toBe(9);
  });

  it('one more measurement is enough if chronyd made the step', () => {
    expect(samplesNeeded(2, makeSample({ lastOffset: -2.001 }))).toBe(2);
    expect(samplesNeeded(-3600, makeSample({ lastOffset: 3600 }))).toBe(2);
  });

  it('one more measurement is enough if chronyd was restarted', () => {
    expect(samplesNeeded(2, unsynchronised)).toBe(2);
  });

  it('samples of one and the same measurement do not count', () => {
    const trust = new Trust(false, 50);
    trust.addStep(2);
    for (let now = 1n; now < 100n; now++) trust.addSample(makeSample(), now * SECOND, offset);
    expect(trust.levelAt(100n * SECOND).status).toBe('unknown');
  });
});

/** A sample with a measurement of that moment, so long after the one before. */
function measured(
  at: number,
  updateInterval: number,
  selected: SelectedSource | null = null,
): TrackingSample {
  const tracking = makeTracking({
    refTime: TIME + at,
    updateInterval,
    offset: 0,
    frequency: -20,
    rootDelay: 0,
    rootDispersion: 1e-6,
  });
  return { tracking, time: TIME + at, selected };
}

describe('a gap', () => {
  function doubts(...samples: readonly TrackingSample[]): readonly boolean[] {
    const gaps = new Gaps();
    return samples.map((sample) => gaps.add(sample));
  }

  /** So many measurements, each in two samples. */
  function steady(from: number, count: number): TrackingSample[] {
    return Array.from({ length: 2 * count }, (_, i) => measured(from + 2 * Math.floor(i / 2), 2));
  }

  it('puts eight measurements in doubt, however many samples there are of each', () => {
    const samples = [...steady(0, 2), measured(8, 6), measured(8, 6), ...steady(10, 8)];
    const expected = [...Array(4).fill(false), ...Array(16).fill(true), false, false];
    expect(doubts(...samples)).toEqual(expected);
  });

  it('is one even where the interval before was long by itself', () => {
    expect(doubts(...steady(0, 2), measured(6, 4), measured(12, 6))).toEqual([...Array(5).fill(false), true]);
  });

  it('is none where the source is polled as seldom, as after a burst', () => {
    const polled = (pollSeconds: number) => measured(64, 64, { pollSeconds, measurement: null });
    expect(doubts(measured(0, 2), polled(64))).toEqual([false, false]);
    expect(doubts(measured(0, 2), polled(2))).toEqual([false, true]);
    expect(doubts(measured(0, 2), measured(64, 64))).toEqual([false, true]);
    expect(doubts(measured(0, 64), measured(128, 128))).toEqual([false, false]);
  });

  it('is none after the first measurement of all', () => {
    expect(doubts(measured(0, 0), measured(64, 64))).toEqual([false, false]);
  });

  it('is none if chronyd measured and was only not asked', () => {
    expect(doubts(measured(0, 2), measured(1000, 2))).toEqual([false, false]);
  });
});

describe('a bound that is in doubt', () => {
  /** The bound right after each of these samples, in ns. */
  function errors(
    samples: readonly (readonly [at: number, sample: TrackingSample])[],
  ): (number | undefined)[] {
    const trust = new Trust(false, 50);
    return samples.map(([at, sample]) => {
      const asOf = BigInt(at) * SECOND;
      trust.addSample(sample, asOf, offset);
      const error = trust.levelAt(asOf).bound?.errorNs;
      return error && Math.round(error);
    });
  }
  const own = measured(0, 2).tracking.maxError() * 1e9;
  const after = [10, 12, 14, 16, 18, 20, 22];

  it('does not get narrower than it would have without a measurement', () => {
    const grown = (seconds: number) => own + seconds * 50e3;
    expect(
      errors([
        [0, measured(0, 2)],
        [8, measured(8, 8)],
        ...after.map((at) => [at, measured(at, 2)] as const),
        [24, measured(24, 2)],
      ]),
    ).toEqual([own, grown(8), ...after.map(grown), own]);
  });

  it('is the bound of the last measurement alone, if that is narrower', () => {
    // 10 µs slow, with an error of as much, which grows by 50 ppm and chronyd's frequency of 20 for a second
    const last: SelectedSource = { pollSeconds: 2, measurement: { offset: 10e-6, error: 10e-6, age: 1 } };
    expect(
      errors([
        [0, measured(0, 2)],
        [8, measured(8, 8, last)],
        [10, measured(10, 2, last)],
      ]),
    ).toEqual([own, 90e3, 90e3]);
  });

  it('is that also if there was no bound before', () => {
    const last: SelectedSource = { pollSeconds: 2, measurement: { offset: -10e-6, error: 10e-6, age: 1 } };
    const trust = new Trust(false, 50);
    trust.addSample(measured(0, 2), 0n, offset);
    trust.addFailure(new ChronyTimeoutError('nobody there'));
    // longer than an old bound is trusted
    trust.addSample(measured(2000, 2000, last), 2000n * SECOND, offset);
    expect(trust.levelAt(2000n * SECOND).bound?.errorNs).toBeCloseTo(90e3);
  });
});
