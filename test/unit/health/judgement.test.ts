/** The health of a clock: values at, below and above each threshold. */
import { describe, expect, it } from 'vitest';
import {
  type AuthData,
  type Health,
  type HealthContext,
  type HealthThresholds,
  judgeHealth,
  SelectState,
  type SourceState,
} from '../../../src/index.ts';
import { makeAuthData, makeSelectData, makeSource } from '../../../src/testing/index.ts';
import { type Clock, LOCAL, NO_DRIFT, sources, tracking, UNSYNCHRONIZED } from '../clock/clocks.ts';

function judge(
  overrides: Clock,
  thresholds?: HealthThresholds,
  [reachable, all]: readonly [number, number] = [3, 3],
): Pick<Health, 'state' | 'reasons'> {
  const { state, reasons } = judgeHealth(tracking(overrides), sources(reachable, all), thresholds, NO_DRIFT);
  return { state, reasons: reasons.map(withoutRemedy) };
}

/** Removes the remedy from a reason; the reason must have one. */
function withoutRemedy(reason: string): string {
  expect(reason).toMatch(/ \([^()]{10,}\)$/);
  return reason.replace(/ \([^()]*\)$/, '');
}

const OK = { state: 'ok', reasons: [] };

it('gives no reasons for a healthy clock', () => {
  expect(judge({})).toEqual(OK);
});

describe('the maximum error', () => {
  const limits = { warning: 0.01, critical: 0.25 };

  it.each([
    [0, OK],
    [0.01, OK],
    [0.011, { state: 'warning', reasons: ['may be 0.011 s from true time, more than 0.01 s'] }],
    [0.25, { state: 'warning', reasons: ['may be 0.25 s from true time, more than 0.01 s'] }],
    [0.251, { state: 'critical', reasons: ['may be 0.251 s from true time, more than 0.25 s'] }],
    [86_401, { state: 'critical', reasons: ['may be 86401 s from true time, more than 0.25 s'] }],
  ])('of %d s', (rootDispersion, expected) => {
    expect(judge({ rootDispersion }, { maxError: limits })).toEqual(expected);
  });

  it('is the sum of the offset, the root dispersion and half of the root delay', () => {
    const parts = { offset: -0.125, rootDispersion: 0.0625, rootDelay: 0.125 };
    expect(judge(parts, { maxError: { warning: 0.2499, critical: 0.25 } }).state).toBe('warning');
    expect(judge(parts, { maxError: { critical: 0.2499 } }).reasons).toEqual([
      'may be 0.25 s from true time, more than 0.2499 s',
    ]);
  });

  it.each([
    [0.25, 'ok'],
    [0.25001, 'warning'],
    [0.5, 'warning'],
    [0.50001, 'critical'],
  ])('has default limits: %d s is %s', (rootDispersion, state) => {
    expect(judge({ rootDispersion }).state).toBe(state);
    expect(judge({ rootDispersion }, { maxError: {} }).state).toBe(state);
  });

  it('keeps the default of one limit if the other is given', () => {
    expect(judge({ rootDispersion: 0.3 }, { maxError: { critical: 2 } }).state).toBe('warning');
    expect(judge({ rootDispersion: 0.6 }, { maxError: { warning: 0.3 } }).state).toBe('critical');
  });

  it('can have no limits', () => {
    expect(judge({ rootDispersion: 100 }, { maxError: { warning: null, critical: null } })).toEqual(OK);
    expect(judge({ rootDispersion: 100 }, { maxError: { critical: null } }).state).toBe('warning');
    expect(judge({ rootDispersion: 0.3 }, { maxError: { warning: null } })).toEqual(OK);
  });

  it('includes the drift since the last measurement that chronyd does not allow for', () => {
    const clock = tracking({ offset: 0.5, rootDispersion: 0.25, refTime: 1_800_000_000 });
    const maxError = (context: HealthContext) =>
      judgeHealth(clock, [], {}, { time: 1_800_001_999.5, ...context }).figures?.maxError;
    expect(maxError({})).toBeCloseTo(0.85, 9);
    expect(maxError({ maxClockErrorPpm: 1 })).toBeCloseTo(0.848, 9);
    expect(maxError({ maxClockErrorPpm: 50 })).toBeCloseTo(0.75, 9);
    expect(() => maxError({ maxClockErrorPpm: -1 })).toThrow('maxClockErrorPpm must be a finite number');
  });

  it('can have a limit of 0', () => {
    expect(judge({ rootDispersion: 0 }, { maxError: { warning: 0 } })).toEqual(OK);
    expect(judge({ rootDispersion: 1e-9 }, { maxError: { warning: 0 } }).reasons).toEqual([
      'may be 0.000000001 s from true time, more than 0 s',
    ]);
  });
});

describe('the offset', () => {
  const thresholds = {
    maxError: { warning: null, critical: null },
    offset: { warning: 0.01, critical: 0.25 },
  };

  it.each([
    [0.01, OK],
    [-0.01, OK],
    [0.011, { state: 'warning', reasons: ['0.011 s slow of true time, more than 0.01 s'] }],
    [-0.011, { state: 'warning', reasons: ['0.011 s fast of true time, more than 0.01 s'] }],
    [0.25, { state: 'warning', reasons: ['0.25 s slow of true time, more than 0.01 s'] }],
    [-0.251, { state: 'critical', reasons: ['0.251 s fast of true time, more than 0.25 s'] }],
  ])('of %d s', (offset, expected) => {
    expect(judge({ offset }, thresholds)).toEqual(expected);
  });

  it('has no limits by default', () => {
    expect(judge({ offset: 100 }, { maxError: { warning: null, critical: null } })).toEqual(OK);
  });
});

describe('the stratum', () => {
  it.each([
    [7, OK],
    [8, OK],
    [9, { state: 'warning', reasons: ['stratum 9, above 8'] }],
    [15, { state: 'warning', reasons: ['stratum 15, above 8'] }],
  ])('%d', (stratum, expected) => {
    expect(judge({ stratum }, { maxStratum: 8 })).toEqual(expected);
    expect(judge({ stratum })).toEqual(OK);
  });
});

describe('the reachable sources', () => {
  it.each([
    [3, OK],
    [2, OK],
    [1, { state: 'warning', reasons: ['1 of 5 sources reachable, fewer than 2'] }],
    [0, { state: 'warning', reasons: ['0 of 5 sources reachable, fewer than 2'] }],
  ])('%d', (reachable, expected) => {
    expect(judge({}, { minSources: 2 }, [reachable, 5])).toEqual(expected);
  });

  it('must number at least one by default', () => {
    expect(judge({}, {}, [1, 3])).toEqual(OK);
    expect(judge({}, {}, [0, 3]).state).toBe('warning');
    expect(judge({}, { minSources: 0 }, [0, 3])).toEqual(OK);
  });
});

describe('the selectable sources', () => {
  const states = ['selected', 'unselected', 'selectable', 'nonselectable', 'falseticker', 'jittery'] as const;
  const list = states.map((state) => makeSource({ state }));
  const reasons = (minSelectable: number, context: HealthContext = {}) =>
    judgeHealth(tracking(), list, { minSelectable }, context).reasons.map(withoutRemedy);

  it('are the ones that chronyd selects, combines or could select', () => {
    expect(reasons(3)).toEqual([]);
    expect(reasons(4)).toEqual(['3 of 6 sources selectable, fewer than 4']);
  });

  it('are taken from selectdata if chronyd gives it', () => {
    const selectable = ['best', 'combined', 'large distance', 'not preferred', 'waiting for update'] as const;
    const others = Object.values(SelectState).filter((state) => !selectable.some((each) => each === state));
    const selectData = [...selectable, ...others].map((state) => makeSelectData({ state }));
    // this state counts as selectable: only the number of sources is too small
    expect(others).toContain('missing selectable sources');
    expect(reasons(6, { selectData })).toEqual([]);
    expect(reasons(7, { selectData })).toEqual(['6 of 6 sources selectable, fewer than 7']);
  });

  it('have no minimum by default', () => {
    expect(judge({}, {}, [1, 5])).toEqual(OK);
  });
});

describe('the last measurement', () => {
  const NOW = 1_800_000_000;
  const reasons = (refTime: number, thresholds: HealthThresholds = {}, poll = 6, offset = 0) =>
    judgeHealth(tracking({ refTime, offset }), [makeSource({ state: 'selected', poll })], thresholds, {
      ...NO_DRIFT,
      time: NOW,
    });

  it.each<[number, number, HealthThresholds, string | null]>([
    [1025, 6, {}, null],
    [1025.5, 6, {}, 'last measured 1025.5 s ago, more than 1025 s'],
    [1026, 8, {}, 'last measured 1026 s ago, more than 1025 s'],
    [1026, 10, {}, null],
    [4096, 10, {}, null],
    [4097, 10, {}, 'last measured 4097 s ago, more than 4096 s'],
    [11, 10, { maxAge: 10 }, 'last measured 11 s ago, more than 10 s'],
    [10, 10, { maxAge: 10 }, null],
    [1_000_000, 6, { maxAge: null }, null],
  ])('%d s ago, polled every 2^%d s, with %o: %s', (age, poll, thresholds, reason) => {
    const { state, reasons: found } = reasons(NOW - age, thresholds, poll);
    expect(found.map(withoutRemedy)).toEqual(reason === null ? [] : [reason]);
    expect(state).toBe(reason === null ? 'ok' : 'warning');
  });

  it('has an age relative to the best estimate of true time', () => {
    const { figures } = reasons(NOW - 20, {}, 6, -0.25);
    expect(figures?.measurementAge).toBeCloseTo(19.75, 6);
    expect(reasons(NOW + 0.2).figures?.measurementAge).toBe(0);
  });

  it.each<[number, string]>([
    [0, 'synchronized, but the reference time is 0'],
    [NOW + 1.5, 'the reference time is 1.5 s in the future'],
    [NOW + 86_400, 'the reference time is 86400 s in the future'],
    [1e300, expect.stringMatching(/^the reference time is \S+ s in the future$/)],
    [NOW - 366 * 86_400 - 1, 'the reference time is 31622401 s ago, more than a year'],
    [1, 'the reference time is 1799999999 s ago, more than a year'],
  ])('at %d is impossible', (refTime, reason) => {
    const { state, reasons: found, figures } = reasons(refTime, { maxAge: null });
    expect([state, found.map(withoutRemedy)]).toEqual(['critical', [reason]]);
    expect(figures?.measurementAge).toBeNull();
  });

  it('is not judged if no source is followed', () => {
    expect(judge({ ...LOCAL, refTime: 0 }, { allowLocal: true }, [0, 0])).toEqual(OK);
    expect(judge({ ...UNSYNCHRONIZED, refTime: 1e12 }, { minSources: 0 }).reasons).toHaveLength(1);
  });

  it('rejects an invalid time', () => {
    expect(() => judgeHealth(tracking(), [], {}, { time: Number.NaN })).toThrow('time must be a number');
  });
});

describe('the skew', () => {
  it.each([
    [5, OK],
    [5.5, { state: 'warning', reasons: ['skew 5.5 ppm, more than 5 ppm'] }],
  ])('of %d ppm', (skew, expected) => {
    expect(judge({ skew }, { maxSkew: 5 })).toEqual(expected);
    expect(judge({ skew: 1000 })).toEqual(OK);
  });
});

describe('NTS cookies', () => {
  const nts = (address: string, cookies: number, keAttempts = 0) =>
    makeAuthData({ address, mode: 'NTS', cookies, keAttempts });
  const list = [
    makeSource({ address: '192.0.2.1', state: 'selected' }),
    makeSource({ address: '192.0.2.2' }),
    makeSource({ address: '192.0.2.3', reachability: 0, state: 'nonselectable' }),
  ];
  const health = (authData: readonly AuthData[], thresholds: HealthThresholds = {}, sourceList = list) => {
    const { state, reasons, figures } = judgeHealth(tracking(), sourceList, thresholds, { authData });
    return [state, reasons.map(withoutRemedy), figures?.ntsCookies];
  };

  it('are sufficient, or run out for one source', () => {
    expect(health([nts('192.0.2.1', 8), nts('192.0.2.2', 3)])).toEqual(['ok', [], 3]);
    expect(health([nts('192.0.2.1', 8), nts('192.0.2.2', 1, 1)])).toEqual([
      'warning',
      ['1 NTS cookie left for 192.0.2.2, fewer than 3, 1 attempt at key establishment so far'],
      1,
    ]);
    expect(health([nts('192.0.2.1', 0)], { minCookies: 0 })).toEqual(['ok', [], 0]);
    expect(health([nts('192.0.2.1', 7)], { minCookies: 8 })[1]).toEqual([
      '7 NTS cookies left for 192.0.2.1, fewer than 8',
    ]);
  });

  it('are ignored without NTS, and for an unreachable source while another one is selected', () => {
    expect(health([makeAuthData({ address: '192.0.2.1', cookies: 0 })])).toEqual(['ok', [], null]);
    expect(health([nts('192.0.2.3', 0, 5)])).toEqual(['ok', [], null]);
    const { reasons } = judgeHealth(
      tracking(UNSYNCHRONIZED),
      list.slice(2),
      {},
      {
        authData: [nts('192.0.2.3', 0, 5)],
      },
    );
    expect(reasons.map(withoutRemedy)).toContain(
      '0 NTS cookies left for 192.0.2.3, fewer than 3, 5 attempts at key establishment so far',
    );
  });
});

describe('a clock that has lost its source', () => {
  const NOW = 1_800_000_000;
  /** Judges a clock updated 20 s ago; its source was measured `ago` seconds ago and is polled every 8 s. */
  const judged = (ago: number | null, selectState?: SelectState, state: SourceState = 'selectable') =>
    judgeHealth(
      tracking({ refTime: NOW - 20 }),
      [makeSource({ state, poll: 3, lastSampleAgo: ago })],
      {},
      { time: NOW, selectData: selectState && [makeSelectData({ state: selectState })] },
    );

  it('is critical even if it reports to be synchronized', () => {
    for (const health of [
      judged(3, 'missing selectable sources'),
      judged(12),
      judged(null),
      judged(13, 'stale'),
    ]) {
      expect(health.state).toBe('critical');
      expect(health.reasons.map(withoutRemedy)[0]).toMatch(
        /^no source is selected: [01] of 1 source selectable$/,
      );
      expect(health.figures).toMatchObject({ synchronized: true, selected: null, pollInterval: null });
    }
    expect(judgeHealth(tracking(), []).reasons[0]).toBe(
      'no source is selected: 0 of 0 sources selectable (add sources to chrony.conf)',
    );
  });

  it('is ok while chronyd waits for the next measurement', () => {
    expect(judged(13, 'waiting for update')).toMatchObject({ state: 'ok', reasons: [] });
  });

  it('is a warning if it may be waiting, which UDP does not show', () => {
    const { state, reasons } = judged(13);
    expect([state, reasons.map(withoutRemedy)]).toEqual([
      'warning',
      ['no source is selected: 1 of 1 source selectable'],
    ]);
    // chronyd does not wait for a source that cannot be selected
    expect(judged(13, undefined, 'nonselectable').state).toBe('critical');
  });
});

describe('a leap second', () => {
  it.each([
    ['insert second', 'a leap second will be inserted at the end of the UTC day'],
    ['delete second', 'a leap second will be deleted at the end of the UTC day'],
  ] as const)('%s', (leapStatus, reason) => {
    expect(judge({ leapStatus })).toEqual({ state: 'warning', reasons: [reason] });
    expect(judge({ leapStatus }, { leap: 'critical' })).toEqual({ state: 'critical', reasons: [reason] });
    expect(judge({ leapStatus }, { leap: 'ok' })).toEqual(OK);
  });
});

describe('an unsynchronized clock', () => {
  it.each([
    [[], 'follows none of 0 sources'],
    [sources(0, 1), 'does not follow its only source'],
    [[makeSource({ state: 'falseticker' })], 'does not follow its only source, a falseticker'],
    [sources(0, 2), 'follows none of 2 sources'],
    [
      [...sources(1, 2), makeSource({ state: 'falseticker' })],
      'follows none of 3 sources, 1 of them a falseticker',
    ],
    [
      [...sources(1), ...[1, 2].map(() => makeSource({ state: 'falseticker' }))],
      'follows none of 3 sources, 2 of them falsetickers',
    ],
  ])('is critical: %#', (list, reason) => {
    const health = judgeHealth(tracking(UNSYNCHRONIZED), list, { minSources: 0 });
    expect(health.reasons.map(withoutRemedy)).toEqual([`not synchronized: ${reason}`]);
    expect(health).toMatchObject({
      state: 'critical',
      figures: { synchronized: false, reference: null, maxError: null, offset: null, stratum: null },
    });
  });

  it('is critical below a source of stratum 15, with any leap status', () => {
    const { state, reasons } = judge({ stratum: 16, leapStatus: 'normal', referenceIdName: '192.0.2.1' });
    expect(state).toBe('critical');
    expect(reasons).toEqual(['not synchronized: the stratum of its source (192.0.2.1) is too high']);
  });

  it('is not judged by figures that have no meaning without synchronization', () => {
    const strict = { maxError: { warning: 0 }, offset: { warning: 0 }, maxStratum: 1 };
    expect(judge(UNSYNCHRONIZED, strict).reasons).toHaveLength(1);
  });
});

describe('local mode', () => {
  it('is critical, even if it reports a high accuracy', () => {
    expect(judge({ ...LOCAL, rootDispersion: 0 }, {}, [1, 1])).toEqual({
      state: 'critical',
      reasons: ['in local mode (7F7F0101), following only its own clock, which is not allowed'],
    });
  });

  it('is ok if allowed, even without sources', () => {
    expect(judge(LOCAL, { allowLocal: true }, [0, 0])).toEqual(OK);
    expect(judge(LOCAL, { allowLocal: true, minSources: 1 }, [0, 0]).state).toBe('warning');
  });

  it('is still judged by its stratum', () => {
    expect(judge({ ...LOCAL, stratum: 10 }, { allowLocal: true, maxStratum: 9 }, [0, 0]).reasons).toEqual([
      'stratum 10, above 9',
    ]);
  });

  it('gives no distance from true time', () => {
    expect(judgeHealth(tracking(LOCAL), []).figures).toMatchObject({
      local: true,
      synchronized: true,
      maxError: null,
      offset: null,
    });
  });

  it('is not assumed for a server with the same address as the local reference', () => {
    expect(judge({ ...LOCAL, referenceIp: '127.127.1.1' })).toEqual(OK);
  });
});

it('lists all reasons, the worst first', () => {
  const wrong = { offset: 0.3, rootDispersion: 0.3, stratum: 9, leapStatus: 'insert second' } as const;
  const thresholds = { offset: { warning: 0.1 }, maxStratum: 3, minSources: 2 };
  expect(judge(wrong, thresholds, [1, 4])).toEqual({
    state: 'critical',
    reasons: [
      'may be 0.6 s from true time, more than 0.5 s',
      '0.3 s slow of true time, more than 0.1 s',
      'stratum 9, above 3',
      '1 of 4 sources reachable, fewer than 2',
      'a leap second will be inserted at the end of the UTC day',
    ],
  });
  expect(judge(wrong, { ...thresholds, leap: 'critical' }, [1, 4]).reasons[1]).toContain('leap second');
});

it('returns plain data that JSON preserves', () => {
  const time = Date.now() / 1000;
  const health = judgeHealth(
    tracking({ offset: -0.25, refTime: time - 20 }),
    sources(2, 3),
    {},
    { ...NO_DRIFT, time },
  );
  expect(JSON.parse(JSON.stringify(health))).toEqual(health);
  expect(health.figures).toEqual({
    synchronized: true,
    local: false,
    reference: '192.0.2.1',
    selected: '192.0.2.1',
    pollInterval: 64,
    maxError: 0.251,
    offset: -0.25,
    measurementAge: expect.closeTo(19.75, 5),
    skew: 0.0412,
    stratum: 3,
    leapStatus: 'normal',
    sources: 3,
    reachableSources: 2,
    selectableSources: 3,
    falsetickers: 0,
    ntsCookies: null,
  });
});
