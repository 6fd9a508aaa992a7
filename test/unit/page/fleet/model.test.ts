/** The bins of the distributions, and the counts while clocks change. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  boundBin,
  boundBinText,
  boundTick,
  offsetBin,
  offsetBinText,
  offsetTick,
  Tally,
} from '../../../../src/page/fleet/bins.ts';
import { FleetModel, naturalKey, STATES, worstOf } from '../../../../src/page/fleet/model.ts';
import { clockAt, fleetOf, rowOf } from './clocks.ts';

describe('bins', () => {
  it.each([
    [0, 'less than 1 ns'],
    [9.9e-10, 'less than 1 ns'],
    [1e-9, '1 ns to 3 ns'],
    [2.999e-6, '1 µs to 3 µs'],
    [3e-6, '3 µs to 10 µs'],
    [1e-5, '10 µs to 30 µs'],
    [1e-3, '1 ms to 3 ms'],
    [0.5, '300 ms to 1 s'],
    [9.99, '3 s to 10 s'],
    [10, '10 s or more'],
    [1e9, '10 s or more'],
  ])('a bound of %d s: %s', (bound, text) => {
    expect(boundBinText(boundBin(bound))).toBe(text);
  });

  it.each([
    [0, 'less than 1 ns off'],
    [-1e-10, 'less than 1 ns off'],
    [2e-5, '10 µs to 100 µs slow'],
    [-1e-3, '1 ms to 10 ms fast'],
    [-12, '10 s or more fast'],
    [3e7, '10 s or more slow'],
  ])('an offset of %d s: %s', (offset, text) => {
    expect(offsetBinText(offsetBin(offset))).toBe(text);
  });

  it('grow with the value', () => {
    const seconds = fc.double({ min: 0, max: 100, noNaN: true });
    fc.assert(
      fc.property(seconds, seconds, (a, b) => {
        const [low, high] = a < b ? [a, b] : [b, a];
        expect(boundBin(low)).toBeLessThanOrEqual(boundBin(high));
        expect(offsetBin(low)).toBeLessThanOrEqual(offsetBin(high));
        expect(offsetBin(-high)).toBe(-offsetBin(high) + 0);
      }),
    );
  });

  it('have a few ticks, at powers of ten', () => {
    const bounds = Array.from({ length: 20 }, (_, i) => boundTick(i + 1, 20));
    expect(bounds.filter(Boolean)).toEqual(['1 ns', '100 ns', '10 µs', '1 ms', '100 ms']);
    expect([5, 6, 7, 8].map((bin) => boundTick(bin, 4))).toEqual(['100 ns', '', '1 µs', '']);
    const offsets = Array.from({ length: 13 }, (_, i) => offsetTick(i - 6, 13));
    expect(offsets.filter(Boolean)).toEqual(['−100 µs', '−100 ns', '0', '+100 ns', '+100 µs']);
  });

  it('are listed without gaps and dropped when empty', () => {
    const tally = new Tally();
    expect(tally.bins()).toEqual([]);
    for (const bin of [-2, 1, 1, null]) tally.add(bin);
    expect(tally.bins().map(({ bin, count }) => [bin, count])).toEqual([
      [-2, 1],
      [-1, 0],
      [0, 0],
      [1, 2],
    ]);
    tally.delete(-2);
    tally.delete(null);
    expect(tally.bins()).toEqual([{ bin: 1, count: 2 }]);
  });
});

describe('the model', () => {
  it('has the same counts after any changes as a new count', () => {
    const id = fc.integer({ min: 1, max: 8 });
    const seconds = fc.option(fc.double({ min: -1, max: 1, noNaN: true }));
    const row = fc.record({ id, state: fc.constantFrom(...STATES), maxError: seconds, offset: seconds });
    const change = fc.oneof(
      row.map((data) => ['row', data] as const),
      id.map((each) => ['target', each] as const),
      id.map((each) => ['gone', each] as const),
    );
    fc.assert(
      fc.property(fc.array(change), (changes) => {
        const model = new FleetModel();
        for (const [kind, data] of changes) {
          if (kind === 'target') model.addTargets([[data, `host${data}`, {}]]);
          else if (kind === 'gone') model.remove([data]);
          else {
            const maxError = data.maxError === null ? null : Math.abs(data.maxError);
            model.update([rowOf(data.id, { ...data, maxError })]);
          }
        }
        const clocks = [...model.clocks.values()];
        for (const state of STATES) {
          expect(model.counts[state]).toBe(clocks.filter((clock) => clock.state === state).length);
        }
        for (const [tally, key] of [
          [model.bounds, 'boundBin'],
          [model.offsets, 'offsetBin'],
        ] as const) {
          for (const { bin, count } of tally.bins()) {
            expect(count).toBe(clocks.filter((clock) => clock[key] === bin).length);
          }
          const known = tally.bins().reduce((sum, { count }) => sum + count, 0);
          expect(known).toBe(clocks.filter((clock) => clock[key] !== null).length);
        }
      }),
    );
  });

  it('ignores rows of unknown targets', () => {
    const model = fleetOf({ a: {} });
    expect(model.update([rowOf(99, { state: 'critical' })])).toEqual([]);
    expect(model.remove([99])).toEqual([]);
    expect(model.counts.critical).toBe(0);
  });

  it('keeps the object of a clock and marks it as removed', () => {
    const model = fleetOf({ a: { labels: { site: 'x' } }, b: {} });
    const clock = clockAt(model, 'a');
    expect(model.addTargets([[1, 'a', { site: 'y' }]])).toEqual([clock]);
    expect(clock.labels).toEqual({ site: 'y' });
    expect(clock.text).toContain('site=y');
    expect(model.remove([1])).toEqual([clock]);
    expect(clock.isGone).toBe(true);
    expect(model.counts.ok).toBe(1);
  });

  it('counts clocks that have stopped answering, but not clocks that never answered', () => {
    const model = fleetOf({ a: { heard: 10 }, b: { heard: 20 }, c: { heard: null } });
    expect(model.silentSince(15)).toBe(1);
  });

  it('finds the worst state', () => {
    expect(worstOf(fleetOf({ a: {}, b: { state: 'warning' }, c: { state: 'unknown' } }).counts)).toBe(
      'unknown',
    );
    expect(worstOf(new FleetModel().counts)).toBeNull();
  });

  it('sorts numbers in names by value', () => {
    expect(['h10', 'H9', 'h2'].sort((a, b) => (naturalKey(a) < naturalKey(b) ? -1 : 1))).toEqual([
      'h2',
      'H9',
      'h10',
    ]);
  });
});
