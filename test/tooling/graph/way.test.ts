/** A question takes a short way through the source, and none that only passes it on. */
import { beforeAll, expect, it } from 'vitest';
import { extent, ways } from './way.ts';

let taken: Awaited<ReturnType<typeof ways>>;

beforeAll(async () => {
  taken = await ways();
});

it('with a connection of its own', () => {
  const { files, calls } = extent(taken['one-shot']);
  expect(files).toBeLessThanOrEqual(11);
  expect(calls).toBeLessThanOrEqual(130);
});

it('on an open connection', () => {
  const { files, functions } = extent(taken['open connection']);
  expect(files).toBeLessThanOrEqual(9);
  expect(functions).toBeLessThanOrEqual(62);
});
