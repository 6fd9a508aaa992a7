/** The points of the charts, as they come, with pauses and after a clock was set. */
import { expect, it } from 'vitest';
import { Points } from '../../../src/page/chart/points.ts';
import type { Point } from '../../../src/server/messages.ts';

const at = (time: number): Point => [time, time / 1000, 1, 0.1];

function timesOf(...added: readonly (readonly number[])[]): number[] {
  const points = new Points();
  for (const times of added) points.add(times.map(at));
  return points.columns(1).times;
}

it('come one after the other', () => {
  expect(timesOf([1, 2], [3], [], [4])).toEqual([1, 2, 3, 4]);
});

it('are told again after a new connection: once is enough', () => {
  expect(timesOf([1, 2, 3], [1, 2, 3, 4])).toEqual([1, 2, 3, 4]);
  expect(timesOf([1, 2, 3], [3, 4])).toEqual([1, 2, 3, 4]);
});

it("are kept by the page where a new server's history begins later", () => {
  expect(timesOf([1, 2], [3, 4])).toEqual([1, 2, 3, 4]);
});

it('go on from where a clock was set back to', () => {
  expect(timesOf([10, 11, 12], [11.5], [12.5])).toEqual([10, 11, 11.5, 12.5]);
  expect(timesOf([10, 11, 12], [3], [4])).toEqual([3, 4]);
});

it('have nothing in a pause', () => {
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

it('have no pause where they come at an interval of their own, as those of scrapes do', () => {
  const points = new Points();
  points.add([0, 15, 30, 45, 46, 47, 62, 77].map(at));
  // one where the interval changes
  expect(points.columns(1).times).toEqual([0, 1, 15, 30, 45, 46, 47, 48, 62, 77]);
});

it('are not kept for ever', () => {
  const points = new Points();
  points.add(Array.from({ length: 30_000 }, (_, i) => at(i)));
  const { times } = points.columns(1);
  expect(times).toHaveLength(20_000);
  expect(times.at(-1)).toBe(29_999);
});
