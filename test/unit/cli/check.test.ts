/** The output of `check` follows the grammar of the Monitoring Plugins guidelines. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkOutput, STATUS, statusLine } from '../../../src/cli/check.ts';
import { readThresholds } from '../../../src/health/thresholds.ts';
import { type HealthThresholds, judgeHealth, type LeapStatus, SourceState } from '../../../src/index.ts';
import { makeAuthData, makeSource, makeTracking } from '../../../src/testing/index.ts';
import { alerts, readPluginOutput, statusByMetrics } from '../../support/plugin-output.ts';

describe('readPluginOutput()', () => {
  it.each([
    ['10', [-1, 11], [0, 5, 10]],
    ['10:', [9], [10, 1e9]],
    ['~:10', [11], [-1e9, 10]],
    ['10:20', [9, 21], [10, 20]],
    ['@10:20', [10, 20], [9, 21]],
    ['-0.5:0.5', [-0.6, 0.6], [-0.5, 0.5]],
  ])('reads the range %s', (range, outside, within) => {
    const limit = readPluginOutput(`X OK: y | a=1;${range}\n`).metrics.get('a')?.warning;
    if (limit == null) throw new Error(`${range} was not read`);
    expect(outside.map((value) => alerts(value, limit))).toEqual(outside.map(() => true));
    expect(within.map((value) => alerts(value, limit))).toEqual(within.map(() => false));
  });

  it('reads the example of the guidelines', () => {
    const { text, metrics, long } = readPluginOutput(
      "PING OK: 0.8 ms | percent_packet_loss=0%;;;; 'round trip'=0.80ms;@1:2;:3;0 u=U\nmore\n",
    );
    expect([text, [...metrics.keys()], long]).toEqual([
      '0.8 ms',
      ['percent_packet_loss', 'round trip', 'u'],
      ['more'],
    ]);
    expect(metrics.get('u')?.value).toBeNull();
    expect(metrics.get('round trip')).toEqual({
      value: 0.8,
      unit: 'ms',
      warning: { inside: true, start: 1, end: 2 },
      critical: { inside: false, start: 0, end: 3 },
      least: 0,
      most: null,
    });
  });

  it.each([
    'X OK: y',
    'X OK: y\n\n',
    'X FINE: y\n',
    'X OK:\n',
    'X OK: y | a=1e-7s\n',
    'X OK: y | a=1,5\n',
    'X OK: y | a=NaN\n',
    'X OK: y | a=1x\n',
    'X OK: y | a=\n',
    'X OK: y | a b=1\n',
    'X OK: y | a=1, b=2\n',
    'X OK: y | a=1;2:1\n',
    'X OK: y | a=1;:\n',
    'X OK: y | a=1;@\n',
    'X OK: y | a=1;;;~\n',
    'X OK: y | a=1;;;;;6\n',
    'X OK: y | a=1 a=2\n',
    'X OK: y | a=1 | b=2\n',
    'X OK: y\nlong | b=2\n',
    'X OK: \u00fc\n',
    'X OK: y\ttab\n',
  ])('rejects %j', (output) => {
    expect(() => readPluginOutput(output)).toThrow();
  });
});

const NOW = Date.now() / 1000;
const LABELS = [
  'max_error',
  'offset',
  'stratum',
  'reachable_sources',
  'selectable_sources',
  'measurement_age',
  'skew_ppm',
  'nts_cookies',
];

/** Each threshold lies halfway between two possible values, so that rounding never decides. */
const limit = fc.option(fc.integer({ min: 0, max: 2_000_000 }).map((us) => (us + 0.5) / 1e6));
const limits = fc
  .tuple(limit, limit)
  .filter(([warning, critical]) => warning === null || critical === null || warning <= critical)
  .map(([warning, critical]) => ({ warning, critical }));
const seconds = fc.integer({ min: 0, max: 2_000_000 }).map((us) => us / 1e6);
const thresholds: fc.Arbitrary<HealthThresholds> = fc.record({
  maxError: limits,
  offset: limits,
  maxStratum: fc.option(fc.integer({ min: 1, max: 15 })),
  minSources: fc.integer({ min: 0, max: 4 }),
  minSelectable: fc.integer({ min: 0, max: 4 }),
  maxAge: fc.option(fc.integer({ min: 0, max: 3000 }).map((s) => s + 0.5)),
  maxSkew: limit,
  minCookies: fc.integer({ min: 0, max: 8 }),
  leap: fc.constantFrom('ok', 'warning', 'critical'),
  allowLocal: fc.boolean(),
});
const tracking = fc.record({
  referenceId: fc.constantFrom(0, 0xc0000201, 0x7f7f0101, 0x417c4200),
  referenceIp: fc.constant(null),
  // a reference clock can have almost any name
  referenceIdName: fc.string({ unit: fc.constantFrom('|', "'", '=', ';', ':', ' ', 'a'), maxLength: 4 }),
  offset: fc.tuple(seconds, fc.boolean()).map(([size, fast]) => (fast ? -size : size)),
  rootDelay: seconds,
  rootDispersion: fc.oneof(seconds, fc.constantFrom(1e-9, 1e12)),
  stratum: fc.integer({ min: 0, max: 16 }),
  leapStatus: fc.constantFrom<LeapStatus>('normal', 'insert second', 'delete second', 'not synchronized'),
  skew: seconds,
  refTime: fc.integer({ min: 10, max: 4000 }).map((age) => NOW - age),
});
const sources = fc.array(
  fc.record({
    reachability: fc.integer({ min: 0, max: 255 }),
    state: fc.constantFrom(...Object.values(SourceState)),
    poll: fc.integer({ min: -2, max: 12 }),
  }),
  { maxLength: 5 },
);
const cookies = fc.array(fc.integer({ min: 0, max: 8 }), { maxLength: 5 });

describe('the output for any clock and any thresholds', () => {
  it('follows the guidelines, and its performance data give the same state', () => {
    fc.assert(
      fc.property(
        tracking,
        sources,
        cookies,
        thresholds,
        fc.boolean(),
        (data, list, stock, given, verbose) => {
          const authData = stock.map((each) => makeAuthData({ mode: 'NTS', cookies: each }));
          const context = { authData, time: NOW };
          const health = judgeHealth(makeTracking(data), list.map(makeSource), given, context);
          const { service, status, metrics, long } = readPluginOutput(
            checkOutput(health, readThresholds(given), verbose),
          );
          expect([service, status]).toEqual(['CHRONY', health.state.toUpperCase()]);
          expect(long.length > 0).toBe(verbose);
          expect([...metrics.keys()]).toEqual(LABELS);

          const { figures } = health;
          const leap = figures?.leapStatus === 'insert second' || figures?.leapStatus === 'delete second';
          const lost = figures?.local ? !given.allowLocal : figures?.selected === null;
          const hasOtherReason = !figures?.synchronized || lost || leap;
          // a condition without a metric can only make the state worse
          const byMetrics = STATUS[statusByMetrics(metrics).toLowerCase() as keyof typeof STATUS];
          if (hasOtherReason) expect(STATUS[health.state]).toBeGreaterThanOrEqual(byMetrics);
          else expect(STATUS[health.state]).toBe(byMetrics);
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('contains the figures and the thresholds', () => {
    const health = judgeHealth(
      makeTracking({
        offset: -1e-7,
        rootDelay: 0,
        rootDispersion: 0.000_012_3,
        stratum: 2,
        refTime: NOW - 40,
      }),
      [makeSource({ state: 'selected' }), makeSource({ reachability: 0, state: 'nonselectable' })],
      {},
      { maxClockErrorPpm: 50, time: NOW, authData: [makeAuthData({ mode: 'NTS', cookies: 7 })] },
    );
    const given = { offset: { critical: 0.000_001 }, maxStratum: 4, minSelectable: 1, maxSkew: 2.5 };
    expect(checkOutput(health, readThresholds(given), false)).toBe(
      'CHRONY OK: follows 192.0.2.1, stratum 2, within 0.0000124 s of true time, 1 of 2 sources reachable' +
        ' | max_error=0.0000124s;0.25;0.5;0 offset=-0.0000001s;;-0.000001:0.000001 stratum=2;4;;1;15 reachable_sources=1;1:;;0;2' +
        ' selectable_sources=1;1:;;0;2 measurement_age=40s;1025;;0 skew_ppm=0.0412;2.5;;0 nts_cookies=7;3:;;0;8\n',
    );
  });

  it('names unknown figures as unknown', () => {
    const unsynchronized = { referenceId: 0, referenceIdName: '', leapStatus: 'not synchronized' } as const;
    const health = judgeHealth(makeTracking(unsynchronized), []);
    expect(checkOutput(health, readThresholds(), true)).toBe(`\
CHRONY CRITICAL: not synchronized: follows none of 0 sources (add sources to chrony.conf);\
 0 of 0 sources reachable, fewer than 1 (check the servers, the network and firewalls)\
 | max_error=U;0.25;0.5;0 offset=U stratum=U;;;1;15 reachable_sources=0;1:;;0;0\
 selectable_sources=0;0:;;0;0 measurement_age=U;1025;;0 skew_ppm=U;;;0 nts_cookies=U;3:;;0;8
reference: none
leap status: not synchronized
maximum error: unknown (warning above 0.25 s, critical above 0.5 s)
offset, positive if slow: unknown
stratum: none
0 of 0 sources reachable (warning below 1), falsetickers: 0
0 of 0 sources selectable (warning below 0), selected: none
last measurement: unknown (warning above 1025 s)
skew: unknown
NTS cookies: unknown (warning below 3)
`);
  });
});

it.each([
  ['a|b', 'a/b'],
  ['no chronyd answered; tried:\n  a\n  b', 'no chronyd answered; tried: - a - b'],
  ['\u001b[31mred\u007f', 'red'],
])('makes one line of printable text of %j', (text, expected) => {
  expect(readPluginOutput(`${statusLine('unknown', text)}\n`).text).toContain(expected);
});
