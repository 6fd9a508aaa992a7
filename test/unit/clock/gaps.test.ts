/** chronyd's first measurements after a gap are not taken at their word. */
import { describe, expect, it } from 'vitest';
import type { Answer } from '../../../src/clock/answer.ts';
import { Gaps } from '../../../src/clock/gaps.ts';
import { Standings } from '../../../src/clock/standing.ts';
import { WallOffset } from '../../../src/clock/wall-offset.ts';
import { makeTracking } from '../../../src/testing/index.ts';

const SECOND = 1_000_000_000n;
const TIME = 1_795_608_000;
const offset = WallOffset.of({ before: 0n, wallMs: TIME * 1000, after: 0n });

/** An answer with a measurement of that moment, so long after the one before. */
function measured(at: number, updateInterval: number, poll: number | null = null): Answer {
  const status = makeTracking({
    refTime: TIME + at,
    updateInterval,
    offset: 0,
    rootDelay: 0,
    rootDispersion: 1e-6,
  });
  return { status, time: TIME + at, poll };
}

describe('a gap', () => {
  function doubts(...answers: readonly Answer[]): readonly boolean[] {
    const gaps = new Gaps();
    return answers.map((answer) => gaps.isDoubtful(answer));
  }

  it('puts two measurements in doubt, however often each is told', () => {
    const answers = [
      [0, 2],
      [2, 2],
      [8, 6],
      [8, 6],
      [10, 2],
      [10, 2],
      [12, 2],
    ] as const;
    const expected = [false, false, true, true, true, true, false];
    expect(doubts(...answers.map(([at, interval]) => measured(at, interval)))).toEqual(expected);
  });

  it('is none where the source is polled as seldom, as after a burst', () => {
    expect(doubts(measured(0, 2), measured(64, 64, 64))).toEqual([false, false]);
    expect(doubts(measured(0, 2), measured(64, 64, null))).toEqual([false, true]);
    expect(doubts(measured(0, 64), measured(128, 128))).toEqual([false, false]);
  });

  it('is none where it is only we who did not ask', () => {
    expect(doubts(measured(0, 2), measured(1000, 2))).toEqual([false, false]);
  });
});

it('the bound does not get narrower than it would have without a measurement that is in doubt', () => {
  const standings = new Standings(false, 50);
  const errors = (
    [
      [0, 2],
      [8, 8],
      [10, 2],
      [12, 2],
    ] as const
  ).map(([at, interval]) => {
    const asOf = BigInt(at) * SECOND;
    standings.answered(measured(at, interval), asOf, offset);
    return standings.at(asOf).bound?.errorNs;
  });
  const own = measured(0, 2).status.maxError() * 1e9;
  const grown = own + 8 * 50e3;
  expect(errors.map((error) => Math.round(error ?? 0))).toEqual([own, grown, grown + 2 * 50e3, own]);
});
