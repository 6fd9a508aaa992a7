/** chronyd's first measurements after a gap are not taken at their word. */
import { describe, expect, it } from 'vitest';
import type { Answer, Followed } from '../../../src/clock/answer.ts';
import { Gaps } from '../../../src/clock/gaps.ts';
import { Standings } from '../../../src/clock/standing.ts';
import { WallOffset } from '../../../src/clock/wall-offset.ts';
import { ChronyTimeoutError } from '../../../src/index.ts';
import { makeTracking } from '../../../src/testing/index.ts';

const SECOND = 1_000_000_000n;
const TIME = 1_795_608_000;
const offset = WallOffset.of({ before: 0n, wallMs: TIME * 1000, after: 0n });

/** An answer with a measurement of that moment, so long after the one before. */
function measured(at: number, updateInterval: number, followed: Followed | null = null): Answer {
  const status = makeTracking({
    refTime: TIME + at,
    updateInterval,
    offset: 0,
    frequency: -20,
    rootDelay: 0,
    rootDispersion: 1e-6,
  });
  return { status, time: TIME + at, followed };
}

describe('a gap', () => {
  function doubts(...answers: readonly Answer[]): readonly boolean[] {
    const gaps = new Gaps();
    return answers.map((answer) => gaps.isDoubtful(answer));
  }

  /** So many measurements, each told twice. */
  function steady(from: number, count: number): Answer[] {
    return Array.from({ length: 2 * count }, (_, i) => measured(from + 2 * Math.floor(i / 2), 2));
  }

  it('puts eight measurements in doubt, however often each is told', () => {
    const answers = [...steady(0, 2), measured(8, 6), measured(8, 6), ...steady(10, 8)];
    const expected = [...Array(4).fill(false), ...Array(16).fill(true), false, false];
    expect(doubts(...answers)).toEqual(expected);
  });

  it('is one even where the interval before was long by itself', () => {
    expect(doubts(...steady(0, 2), measured(6, 4), measured(12, 6))).toEqual([...Array(5).fill(false), true]);
  });

  it('is none where the source is polled as seldom, as after a burst', () => {
    const polled = (poll: number) => measured(64, 64, { poll, measured: null });
    expect(doubts(measured(0, 2), polled(64))).toEqual([false, false]);
    expect(doubts(measured(0, 2), polled(2))).toEqual([false, true]);
    expect(doubts(measured(0, 2), measured(64, 64))).toEqual([false, true]);
    expect(doubts(measured(0, 64), measured(128, 128))).toEqual([false, false]);
  });

  it('is none after the first measurement of all', () => {
    expect(doubts(measured(0, 0), measured(64, 64))).toEqual([false, false]);
  });

  it('is none where it is only we who did not ask', () => {
    expect(doubts(measured(0, 2), measured(1000, 2))).toEqual([false, false]);
  });
});

describe('a bound that is in doubt', () => {
  /** What it is right after each of these answers, in ns. */
  function errors(answers: readonly (readonly [at: number, answer: Answer])[]): (number | undefined)[] {
    const standings = new Standings(false, 50);
    return answers.map(([at, answer]) => {
      const asOf = BigInt(at) * SECOND;
      standings.answered(answer, asOf, offset);
      const error = standings.at(asOf).bound?.errorNs;
      return error && Math.round(error);
    });
  }
  const own = measured(0, 2).status.maxError() * 1e9;
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

  it('is as wide as the last measurement alone has it, if that is narrower', () => {
    // 10 µs slow, by as much at the most, and what may have become of that in a second: 50 ppm of it, and 20
    const last: Followed = { poll: 2, measured: { offset: 10e-6, error: 10e-6, age: 1 } };
    expect(
      errors([
        [0, measured(0, 2)],
        [8, measured(8, 8, last)],
        [10, measured(10, 2, last)],
      ]),
    ).toEqual([own, 90e3, 90e3]);
  });

  it('is that also where there was none before', () => {
    const last: Followed = { poll: 2, measured: { offset: -10e-6, error: 10e-6, age: 1 } };
    const standings = new Standings(false, 50);
    standings.answered(measured(0, 2), 0n, offset);
    standings.failed(new ChronyTimeoutError('nobody there'));
    // longer than an old bound is trusted
    standings.answered(measured(2000, 2000, last), 2000n * SECOND, offset);
    expect(standings.at(2000n * SECOND).bound?.errorNs).toBeCloseTo(90e3);
  });
});
