/** What makes a clock healthy or not: each threshold at, below and above it. */
import { describe, expect, it } from 'vitest';
import { type Health, type HealthContext, type HealthThresholds, judgeHealth } from '../../../src/index.ts';
import { makeSource } from '../../../src/testing/index.ts';
import { type Clock, LOCAL, NO_DRIFT, sources, tracking, UNSYNCHRONISED } from '../clock/clocks.ts';

function judge(
  overrides: Clock,
  thresholds?: HealthThresholds,
  [reachable, all]: readonly [number, number] = [3, 3],
): Pick<Health, 'state' | 'reasons'> {
  const { state, reasons } = judgeHealth(tracking(overrides), sources(reachable, all), thresholds, NO_DRIFT);
  return { state, reasons };
}

const OK = { state: 'ok', reasons: [] };

it('has nothing to say of a clock that is all right', () => {
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

  it('is made of the offset, the root dispersion and half of the root delay', () => {
    const parts = { offset: -0.125, rootDispersion: 0.0625, rootDelay: 0.125 };
    expect(judge(parts, { maxError: { critical: 0.25 } }).state).toBe('warning');
    expect(judge(parts, { maxError: { critical: 0.2499 } }).reasons).toEqual([
      'may be 0.25 s from true time, more than 0.2499 s',
    ]);
  });

  it.each([
    [0.1, 'ok'],
    [0.10001, 'warning'],
    [0.5, 'warning'],
    [0.50001, 'critical'],
  ])('has limits where none are said: %d s is %s', (rootDispersion, state) => {
    expect(judge({ rootDispersion }).state).toBe(state);
    expect(judge({ rootDispersion }, { maxError: {} }).state).toBe(state);
  });

  it('keeps the other limit if one is said', () => {
    expect(judge({ rootDispersion: 0.2 }, { maxError: { critical: 2 } }).state).toBe('warning');
    expect(judge({ rootDispersion: 0.6 }, { maxError: { warning: 0.3 } }).state).toBe('critical');
  });

  it('may be without limits', () => {
    expect(judge({ rootDispersion: 100 }, { maxError: { warning: null, critical: null } })).toEqual(OK);
    expect(judge({ rootDispersion: 100 }, { maxError: { critical: null } }).state).toBe('warning');
    expect(judge({ rootDispersion: 0.3 }, { maxError: { warning: null } })).toEqual(OK);
  });

  it('has the drift since the last measurement in it, as far as chronyd does not allow for it', () => {
    const clock = tracking({ offset: 0.5, rootDispersion: 0.25, refTime: 1_800_000_000 });
    const maxError = (context: HealthContext) =>
      judgeHealth(clock, [], {}, { time: 1_800_001_999.5, ...context }).figures?.maxError;
    expect(maxError({})).toBeCloseTo(0.85, 9);
    expect(maxError({ maxClockErrorPpm: 1 })).toBeCloseTo(0.848, 9);
    expect(maxError({ maxClockErrorPpm: 50 })).toBeCloseTo(0.75, 9);
    expect(() => maxError({ maxClockErrorPpm: -1 })).toThrow('maxClockErrorPpm must be a finite number');
  });

  it('may be allowed to be nothing', () => {
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

  it('is not judged by itself unless that is said', () => {
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

  it('one is enough, none is not, where nothing is said', () => {
    expect(judge({}, {}, [1, 3])).toEqual(OK);
    expect(judge({}, {}, [0, 3]).state).toBe('warning');
    expect(judge({}, { minSources: 0 }, [0, 3])).toEqual(OK);
  });
});

describe('a leap second', () => {
  it.each([
    ['insert second', 'a leap second will be inserted at the end of the day (UTC)'],
    ['delete second', 'a leap second will be deleted at the end of the day (UTC)'],
  ] as const)('%s', (leapStatus, reason) => {
    expect(judge({ leapStatus })).toEqual({ state: 'warning', reasons: [reason] });
    expect(judge({ leapStatus }, { leap: 'critical' })).toEqual({ state: 'critical', reasons: [reason] });
    expect(judge({ leapStatus }, { leap: 'ok' })).toEqual(OK);
  });
});

describe('a clock that is not synchronised', () => {
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
    expect(judgeHealth(tracking(UNSYNCHRONISED), list, { minSources: 0 })).toMatchObject({
      state: 'critical',
      reasons: [`not synchronised: ${reason}`],
      figures: { synchronized: false, reference: null, maxError: null, offset: null, stratum: null },
    });
  });

  it('is critical below a source of stratum 15, whatever its leap status', () => {
    const { state, reasons } = judge({ stratum: 16, leapStatus: 'normal', referenceIdName: '192.0.2.1' });
    expect(state).toBe('critical');
    expect(reasons).toEqual([
      'not synchronised: what it follows (192.0.2.1) is too far from a reference clock',
    ]);
  });

  it('is not judged by figures that mean nothing then', () => {
    const strict = { maxError: { warning: 0 }, offset: { warning: 0 }, maxStratum: 1 };
    expect(judge(UNSYNCHRONISED, strict).reasons).toHaveLength(1);
  });
});

describe('local mode', () => {
  it('is critical, however exact it says to be', () => {
    expect(judge({ ...LOCAL, rootDispersion: 0 }, {}, [1, 1])).toEqual({
      state: 'critical',
      reasons: ['in local mode (7F7F0101), which follows nothing but its own clock, and is not allowed'],
    });
  });

  it('is all right where it is allowed, also without sources', () => {
    expect(judge(LOCAL, { allowLocal: true }, [0, 0])).toEqual(OK);
    expect(judge(LOCAL, { allowLocal: true, minSources: 1 }, [0, 0]).state).toBe('warning');
  });

  it('is still judged by its stratum', () => {
    expect(judge({ ...LOCAL, stratum: 10 }, { allowLocal: true, maxStratum: 9 }, [0, 0]).reasons).toEqual([
      'stratum 10, above 9',
    ]);
  });

  it('says nothing of how far true time is', () => {
    expect(judgeHealth(tracking(LOCAL), []).figures).toMatchObject({
      local: true,
      synchronized: true,
      maxError: null,
      offset: null,
    });
  });

  it('is no server that has the address by which it is known', () => {
    expect(judge({ ...LOCAL, referenceIp: '127.127.1.1' })).toEqual(OK);
  });
});

it('tells all that is wrong, the worst first', () => {
  const wrong = { offset: 0.3, rootDispersion: 0.3, stratum: 9, leapStatus: 'insert second' } as const;
  const thresholds = { offset: { warning: 0.1 }, maxStratum: 3, minSources: 2 };
  expect(judge(wrong, thresholds, [1, 4])).toEqual({
    state: 'critical',
    reasons: [
      'may be 0.6 s from true time, more than 0.5 s',
      '0.3 s slow of true time, more than 0.1 s',
      'stratum 9, above 3',
      '1 of 4 sources reachable, fewer than 2',
      'a leap second will be inserted at the end of the day (UTC)',
    ],
  });
  expect(judge(wrong, { ...thresholds, leap: 'critical' }, [1, 4]).reasons[1]).toContain('leap second');
});

it('is plain data: nothing is lost as JSON', () => {
  const health = judgeHealth(tracking({ offset: -0.25 }), sources(2, 3), {}, NO_DRIFT);
  expect(JSON.parse(JSON.stringify(health))).toEqual(health);
  expect(health.figures).toEqual({
    synchronized: true,
    local: false,
    reference: '192.0.2.1',
    maxError: 0.251,
    offset: -0.25,
    stratum: 3,
    leapStatus: 'normal',
    sources: 3,
    reachableSources: 2,
    falsetickers: 0,
  });
});
