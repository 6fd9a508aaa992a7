/** A worse figure never improves the state, for any clock and any thresholds. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type HealthThresholds, judgeHealth, type LeapStatus } from '../../../src/index.ts';
import { type Clock, LOCAL, NO_DRIFT, sources, tracking, UNSYNCHRONIZED } from '../clock/clocks.ts';

// often 0, so that one figure alone decides
const amount = fc.oneof(fc.double({ min: 0, max: 2, noNaN: true }), fc.constantFrom(0, 0, 0.1, 0.5));
const limits = fc
  .tuple(fc.option(amount), fc.option(amount))
  .filter(([warning, critical]) => warning === null || critical === null || warning <= critical)
  .map(([warning, critical]) => ({ warning, critical }));
const thresholds = fc.record({
  maxError: limits,
  offset: limits,
  maxStratum: fc.option(fc.integer({ min: 1, max: 15 })),
  minSources: fc.integer({ min: 0, max: 5 }),
  minSelectable: fc.integer({ min: 0, max: 6 }),
  maxAge: fc.option(fc.integer({ min: 0, max: 5000 }), { nil: undefined }),
  maxSkew: fc.option(amount),
  leap: fc.constantFrom('ok', 'warning', 'critical'),
});
const NOW = Date.now() / 1000;
const clock = fc.record({
  offset: amount,
  rootDelay: amount,
  rootDispersion: amount,
  stratum: fc.integer({ min: 1, max: 15 }),
  leapStatus: fc.constantFrom<LeapStatus>('normal', 'insert second', 'delete second'),
  reachable: fc.integer({ min: 0, max: 5 }),
  skew: amount,
  refTime: fc.integer({ min: 0, max: 10_000 }).map((age) => NOW - age),
});
type Figures = typeof clock extends fc.Arbitrary<infer Value> ? Value : never;

const severity = ({ reachable, ...data }: Figures & Clock, given: HealthThresholds) =>
  ['ok', 'warning', 'critical'].indexOf(
    judgeHealth(tracking(data), sources(reachable, 5), given, { ...NO_DRIFT, time: NOW }).state,
  );

it.each<[string, (clock: Figures, by: number) => Figures & Clock]>([
  ['a larger offset', (each, by) => ({ ...each, offset: each.offset + by })],
  ['a larger offset with the opposite sign', (each, by) => ({ ...each, offset: -each.offset - by })],
  ['more root delay', (each, by) => ({ ...each, rootDelay: each.rootDelay + by })],
  ['more root dispersion', (each, by) => ({ ...each, rootDispersion: each.rootDispersion + by })],
  ['a higher stratum', (each, by) => ({ ...each, stratum: Math.min(each.stratum + Math.ceil(by), 16) })],
  [
    'fewer reachable sources',
    (each, by) => ({ ...each, reachable: Math.max(each.reachable - Math.ceil(by), 0) }),
  ],
  ['a larger skew', (each, by) => ({ ...each, skew: each.skew + by })],
  // chronyd's estimate of true time includes the offset
  ['an older measurement', (each, by) => ({ ...each, refTime: Math.min(each.refTime, NOW) - 1000 * by })],
  ['a reference time of 0', (each) => ({ ...each, refTime: 0 })],
  ['a reference time in the future', (each) => ({ ...each, refTime: NOW + 3600 })],
  ['not synchronized', (each) => ({ ...each, ...UNSYNCHRONIZED })],
  ['local mode', (each) => ({ ...each, ...LOCAL })],
])('%s does not improve the state', (_, worsen) => {
  fc.assert(
    fc.property(clock, fc.double({ min: 0, max: 5, noNaN: true }), thresholds, (each, by, given) => {
      expect(severity(worsen(each, by), given)).toBeGreaterThanOrEqual(severity(each, given));
    }),
    { numRuns: 1000 },
  );
});

it('a leap second does not improve the state', () => {
  fc.assert(
    fc.property(clock, thresholds, (each, given) => {
      const without = severity({ ...each, leapStatus: 'normal' }, given);
      expect(severity(each, given)).toBeGreaterThanOrEqual(without);
    }),
  );
});

it('tighter thresholds do not improve the state', () => {
  fc.assert(
    fc.property(clock, thresholds, fc.double({ min: 0, max: 1, noNaN: true }), (each, given, factor) => {
      const tighter = {
        ...given,
        maxError: {
          warning: given.maxError.warning && given.maxError.warning * factor,
          critical: given.maxError.critical && given.maxError.critical * factor,
        },
        minSources: given.minSources + 1,
        minSelectable: given.minSelectable + 1,
        maxAge: given.maxAge && given.maxAge * factor,
        maxSkew: given.maxSkew && given.maxSkew * factor,
      };
      expect(severity(each, tighter)).toBeGreaterThanOrEqual(severity(each, given));
    }),
  );
});

it('gives reasons exactly if the state is not ok', () => {
  fc.assert(
    fc.property(clock, thresholds, ({ reachable, ...data }, given) => {
      const { state, reasons } = judgeHealth(tracking(data), sources(reachable, 5), given, NO_DRIFT);
      expect(reasons.length === 0).toBe(state === 'ok');
      for (const reason of reasons) expect(reason, 'advice').toMatch(/ \([^()]+\)$/);
    }),
  );
});
