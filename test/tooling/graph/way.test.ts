/** A request runs through few files and functions: none that only passes it on. */
import { beforeAll, expect, it } from 'vitest';
import { callPaths, countsOf } from './way.ts';

let taken: Awaited<ReturnType<typeof callPaths>>;

beforeAll(async () => {
  taken = await callPaths();
});

// Two of the files are small, but each has its own subject: client/tracing.ts (is there a subscriber?) and
// sandbox/allowed-requests.ts (may this datagram be sent?).
it('with a new connection', () => {
  const { files, calls } = countsOf(taken['one-shot']);
  expect(files).toBeLessThanOrEqual(13);
  expect(calls).toBeLessThanOrEqual(133);
});

it('on an open connection', () => {
  const { files, functions } = countsOf(taken['open connection']);
  expect(files).toBeLessThanOrEqual(11);
  expect(functions).toBeLessThanOrEqual(66);
});
