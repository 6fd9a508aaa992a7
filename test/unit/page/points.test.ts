/** The points of the charts: new points, gaps and steps of the clock. */
import { expect, it } from 'vitest';
import { Points } from '../../../src/page/chart/points.ts';
import type { Point } from '../../../src/server/messages.ts';

const at = (time: number): Point => [time, time / 1000, 1, 0.1];

function timesOf(...added: readonly (readonly number[])[]): number[] {
  const points = new Points();
  for (const times of added) points.add(times.map(at));
  return points.columns(1).times;
}

it('points are appended in order', () => {
  expect(timesOf([1, 2], [3], [], [4])).toEqual([1, 2, 3, 4]);
});

it('points are kept once if a new connection repeats them', () => {
  expect(timesOf([1, 2, 3], [1, 2, 3, 4])).toEqual([1, 2, 3, 4]);
  expect(timesOf([1, 2, 3], [3, 4])).toEqual([1, 2, 3, 4]);
});

it("points are kept by the page if a new server's history starts later", () => {
  expect(timesOf([1, 2], [3, 4])).toEqual([1, 2, 3, 4]);
});

it('points continue at the new time after a clock was set back', () => {
  expect(timesOf([10, 11, 12], [11.5], [12.5])).toEqual([10, 11, 11.5, 12.5]);
  expect(timesOf([10, 11, 12], [3], [4])).toEqual([3, 4]);
});

it('points are null in a gap', () => {
  const points = new Points();
  points.add([at(1), at(2), at(10)]);
  expect(points.columns(1)).toEqual({
    times: [1, 2, 3, 10],
    offsets: [0.001, 0.002, null, 0.01],
    frequencies: [1, 1, null, 1],
    bounds: [0.1, 0.1, null, 0.1],
  });
  expect(points.columns(5).times).toEqual([1, 2, 10]);
});

it('points have no gap if they arrive at their own interval, as with scrapes', () => {
  const points = new Points();
  points.add([0, 15, 30, 45, 46, 47, 62, 77].map(at));
  // one gap where the interval changes
  expect(points.columns(1).times).toEqual([0, 1, 15, 30, 45, 46, 47, 48, 62, 77]);
});

it('points are limited in number', () => {
  const points = new Points();
  points.add(Array.from({ length: 30_000 }, (_, i) => at(i)));
  const { times } = points.columns(1);
  expect(times).toHaveLength(20_000);
  expect(times.at(-1)).toBe(29_999);
});
