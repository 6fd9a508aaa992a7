/** The ranges of the charts, and the labels of the ticks. */
import { expect, it } from 'vitest';
import {
  evenRange,
  looseRange,
  secondsTicks,
  timeRange,
  withoutSignOfZero,
  withUnit,
  zeroRange,
} from '../../../src/page/chart/scale.ts';

it('a few outliers do not flatten the other values', () => {
  const usual = Array.from({ length: 100 }, (_, i) => 1 + (i % 10) / 10);
  expect(evenRange([1000, ...usual], 0.1)[1]).toBeLessThan(10);
  expect(looseRange([-1000, ...usual], 0.1)[0]).toBeGreaterThan(-10);
  // two of four values are not outliers
  expect(evenRange([1000, 1000, 1, 1], 0.1)[1]).toBeGreaterThan(1000);
  // the latest values always count
  expect(evenRange([...usual, 1000], 0.1)[1]).toBeGreaterThan(1000);
  expect(looseRange([...usual, -1000, 1], 0.1)[0]).toBeLessThan(-1000);
});

it('a range always has some height, and contains zero if required', () => {
  expect(looseRange([5, 5, null], 2)).toEqual([4, 6]);
  expect(looseRange([], 2)).toEqual([-1, 1]);
  expect(evenRange([null], 1)).toEqual([-1.1, 1.1]);
  const [low, high] = zeroRange([5, 6], 1);
  expect(low).toBeLessThan(0);
  expect(high).toBeGreaterThan(6);
});

it('the time range is at least a minute', () => {
  expect(timeRange(95, 100)).toEqual([40, 100]);
  expect(timeRange(0, 100)).toEqual([0, 100]);
});

it('ticks have the unit of the largest, and as many decimals as necessary', () => {
  expect(secondsTicks([-2e-6, 0, 2e-6])).toEqual(['−2 µs', '0 µs', '2 µs']);
  expect(secondsTicks([-2.5e-9, 0, 2.5e-9])).toEqual(['−2.5 ns', '0.0 ns', '2.5 ns']);
  expect(secondsTicks([0, 0.5, 1])).toEqual(['0.0 s', '0.5 s', '1.0 s']);
  expect(withUnit([-0.0025, 0, 0.0025], 'ppm')).toEqual(['−0.0025 ppm', '0.0000 ppm', '0.0025 ppm']);
});

it('zero has no sign', () => {
  expect(withoutSignOfZero('+0.000 ppm')).toBe('0.000 ppm');
  expect(withoutSignOfZero('−0 ns')).toBe('0 ns');
  expect(withoutSignOfZero('−0.001 ppm')).toBe('−0.001 ppm');
});
