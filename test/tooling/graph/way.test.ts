/** A question takes a short way through the source, and none that only passes it on. */
import { beforeAll, expect, it } from 'vitest';
import { extent, ways } from './way.ts';

let taken: Awaited<ReturnType<typeof ways>>;

beforeAll(async () => {
  taken = await ways();
});

// two of the files are short steps that have a subject of their own: client/tracing.ts (does anybody listen?) and
// sandbox/allowed-requests.ts (may this datagram leave?)
it('with a connection of its own', () => {
  const { files, calls } = extent(taken['one-shot']);
  expect(files).toBeLessThanOrEqual(13);
  expect(calls).toBeLessThanOrEqual(133);
});

it('on an open connection', () => {
  const { files, functions } = extent(taken['open connection']);
  expect(files).toBeLessThanOrEqual(11);
  expect(functions).toBeLessThanOrEqual(66);
});
