/** What is said of the clock, and what an answer is worth. */
import { describe, expect, it } from 'vitest';
import { type Answer, looksStale, worthOf } from '../../../src/clock/answer.ts';
import { Standings } from '../../../src/clock/standing.ts';
import { WallOffset } from '../../../src/clock/wall-offset.ts';
import { ChronyTimeoutError, LeapStatus } from '../../../src/index.ts';
import { makeTracking } from '../../../src/testing/index.ts';

const SECOND = 1_000_000_000n;
const TIME = 1_795_608_000;
const offset = WallOffset.of({ before: 0n, wallMs: TIME * 1000, after: 0n });

/** An answer that came so long after its reference time. */
function answer(
  status: Parameters<typeof makeTracking>[0] = {},
  age = 1,
  poll: number | null = null,
): Answer {
  return {
    status: makeTracking({ refTime: TIME - age, updateInterval: 64, ...status }),
    time: TIME,
    followed: poll === null ? null : { poll, measured: null },
  };
}

const unsynchronised = answer({ referenceId: 0, leapStatus: LeapStatus.UNSYNC });
const local = answer({ referenceId: 0x7f7f0101, referenceIp: null, updateInterval: 0 });

describe('an answer', () => {
  it('is good if its reference time is no older than eight updates', () => {
    expect(worthOf(answer({}, 512), false)).toBe('good');
    expect(worthOf(answer({}, 513), false)).toBe('stale');
    // not of this clock
    expect(worthOf(answer({}, -513), false)).toBe('stale');
  });

  it('is good after a burst, and after the first update, if its source is polled more seldom', () => {
    for (const updateInterval of [0, 2]) {
      expect(looksStale(answer({ updateInterval }, 60))).toBe(true);
      expect(worthOf(answer({ updateInterval }, 60, null), false)).toBe('stale');
      expect(worthOf(answer({ updateInterval }, 60, 64), false)).toBe('good');
      expect(worthOf(answer({ updateInterval }, 513, 64), false)).toBe('stale');
    }
  });

  it('of local mode is good only if that is allowed', () => {
    expect(worthOf(local, false)).toBe('local');
    expect(worthOf(local, true)).toBe('good');
  });

  it('is none while chronyd is not synchronised', () => {
    expect(worthOf(unsynchronised, true)).toBe('unsynchronised');
  });
});

describe('the reason', () => {
  const reasons: string[] = [];
  function tell(standings: Standings, now: bigint): string {
    const { status, reason } = standings.at(now * SECOND);
    reasons.push(reason);
    return `${status}: ${reason}`;
  }

  it('says why, whatever the status', () => {
    const standings = new Standings(false, 50);
    expect(tell(standings, 0n)).toBe('unknown: chronyd has not been asked yet');
    standings.failed(new ChronyTimeoutError('nobody there'));
    expect(tell(standings, 0n)).toBe('unknown: nobody there');
    standings.answered(unsynchronised, 0n, offset);
    expect(tell(standings, 0n)).toMatch(/^unknown: chronyd is not synchronised; wait /);
    standings.answered(local, 1n * SECOND, offset);
    expect(tell(standings, 1n)).toMatch(
      /^unknown: chronyd is in local mode \(127\.127\.1\.1\), .* allowLocal /,
    );
    standings.answered(answer(), 2n * SECOND, offset);
    expect(tell(standings, 7n)).toBe('synchronized: chronyd follows 192.0.2.1');
    expect(tell(standings, 8n)).toBe('freeRunning: no answer from chronyd for more than 5 s');
    standings.failed(new ChronyTimeoutError('nobody there'));
    expect(tell(standings, 8n)).toBe('freeRunning: no answer from chronyd for more than 5 s: nobody there');
    standings.answered(answer({}, 600), 9n * SECOND, offset);
    expect(tell(standings, 9n)).toMatch(
      /^freeRunning: chronyd has not updated the clock for 600 s, .* 64\.0 s apart; check /,
    );
    expect(tell(standings, 1010n)).toBe('unknown: no answer from chronyd for more than 1000 s');
    standings.answered(answer(), 1011n * SECOND, offset);
    standings.stepped(-3600);
    expect(tell(standings, 1012n)).toMatch(
      /^unknown: the wall clock was stepped by about -3600\.000 s, or the machine was suspended; wait /,
    );
    // as part of a sentence of now()'s
    for (const reason of reasons) expect(reason).not.toMatch(/\n|\.$|undefined/);
  });
});

describe('after a step', () => {
  /** How many answers it takes, each of a measurement of its own, until there is a bound again. */
  function answersNeeded(seconds: number, first: Answer): number {
    const standings = new Standings(false, 50);
    standings.answered(answer(), 0n, offset);
    standings.stepped(seconds);
    for (let count = 1; ; count++) {
      const now = BigInt(count) * SECOND;
      standings.answered(count === 1 ? first : answer({}, 1 - count), now, offset);
      if (standings.at(now).status === 'synchronized') return count;
    }
  }

  it('chronyd must have forgotten what it measured before', () => {
    expect(answersNeeded(2, answer())).toBe(9);
    expect(answersNeeded(-2, answer({ lastOffset: 1.9 }))).toBe(9);
  });

  it('chronyd need only measure once more if it was its own', () => {
    expect(answersNeeded(2, answer({ lastOffset: -2.001 }))).toBe(2);
    expect(answersNeeded(-3600, answer({ lastOffset: 3600 }))).toBe(2);
  });

  it('chronyd need only measure once more if it has started anew', () => {
    expect(answersNeeded(2, unsynchronised)).toBe(2);
  });

  it('answers of one and the same measurement do not count', () => {
    const standings = new Standings(false, 50);
    standings.stepped(2);
    for (let now = 1n; now < 100n; now++) standings.answered(answer(), now * SECOND, offset);
    expect(standings.at(100n * SECOND).status).toBe('unknown');
  });
});
