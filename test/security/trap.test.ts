/** The sandbox traps, as it would if its memory were damaged: one call fails, and the next ones get another. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ChronyConnection, getTracking } from '../../src/index.ts';
import { discardSharedLibchrony, sharedLibchrony } from '../../src/libchrony.ts';
import { Chronyd } from '../support/chronyd.ts';

let chronyd: Chronyd;

beforeAll(async () => {
  chronyd = await Chronyd.start({ config: ['local stratum 7'] });
});
afterAll(async () => {
  discardSharedLibchrony();
  await chronyd?.stop();
});

/** Makes the shared instance trap when it is given an answer, or when it reads it out; returns how often it has. */
function sabotage(where: 'chrony_process_response' | 'glue_read_record'): () => number {
  const library = sharedLibchrony();
  let traps = 0;
  const trap = (): never => {
    traps++;
    throw Object.assign(new Error('unreachable'), { name: 'RuntimeError' });
  };
  Object.defineProperty(library, 'c', { value: { ...library.c, [where]: trap } });
  return () => traps;
}

it.each(['chrony_process_response', 'glue_read_record'] as const)(
  '%s: an error that asks for a report, and nothing of that instance is used again',
  async (where) => {
    const chrony = await ChronyConnection.open(chronyd.address);
    await chrony.getTracking();
    const traps = sabotage(where);
    await expect(chrony.getTracking()).rejects.toMatchObject({
      name: 'ChronyLibraryError',
      message: `${chronyd.address}: the sandboxed library crashed; this is a fault of chrony-wasm, please report it`,
      cause: { message: 'unreachable' },
    });
    expect(traps()).toBe(1);
    expect(await chrony.getTracking()).toHaveProperty('stratum', 7);
    expect(await getTracking(chronyd.address)).toHaveProperty('stratum', 7);
    expect(traps()).toBe(1);
    await chrony.close();
  },
);

it('ends all that is under way on it with an error, and no more', async () => {
  const chrony = await ChronyConnection.open(chronyd.address);
  // all of its sockets have a session in this instance
  await Promise.all(Array.from({ length: 8 }, () => chrony.getTracking()));
  const traps = sabotage('chrony_process_response');
  const outcomes = await Promise.allSettled(Array.from({ length: 8 }, () => chrony.getTracking()));
  for (const outcome of outcomes) {
    expect(outcome).toMatchObject({ status: 'rejected', reason: { name: 'ChronyLibraryError' } });
  }
  const before = traps();
  expect(before).toBeGreaterThan(0);
  const again = await Promise.all(Array.from({ length: 8 }, () => chrony.getTracking()));
  expect(again.every(({ stratum }) => stratum === 7)).toBe(true);
  expect(traps()).toBe(before);
  await chrony.close();
});
