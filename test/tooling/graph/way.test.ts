/** A question takes a short way through the source, and none that only passes it on. */
import { beforeAll, expect, it } from 'vitest';
import { extent, ways } from './way.ts';

let taken: Awaited<ReturnType<typeof ways>>;

beforeAll(async () => {
  taken = await ways();
});

it('with a connection of its own', () => {
  const { files, calls } = extent(taken['one-shot']);
  expect(files).toBeLessThanOrEqual(12);
  expect(calls).toBeLessThanOrEqual(140);
});

it('on an open connection', () => {
  const { files, functions } = extent(taken['open connection']);
  // what leaves the sandbox is checked in a file of its own
  expect(files).toBeLessThanOrEqual(10);
  expect(functions).toBeLessThanOrEqual(68);
});
