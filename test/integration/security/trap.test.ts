/** The sandbox traps, as it would if its memory were damaged: one call fails, and the next ones get another. */
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { ChronyConnection, ChronyLibraryError, getTracking } from '../../../src/index.ts';
import { sharedLibchrony } from '../../../src/sandbox/instance.ts';
import type { LibchronyExports } from '../../../src/sandbox/interface.ts';
import { scenario, startMockChronyd } from '../../../src/testing/index.ts';
import { Chronyd } from '../../support/chronyd.ts';
import { holdings } from '../../support/holdings.ts';

let chronyd: Chronyd;

beforeAll(async () => {
  chronyd = await Chronyd.start({ config: ['local stratum 7'] });
});
afterAll(async () => {
  sharedLibchrony().discard();
  await chronyd?.stop();
});

/** Makes the shared instance trap when it is given an answer, or when it reads it out; returns how often it has. */
function sabotage(...where: (keyof LibchronyExports)[]): () => number {
  const library = sharedLibchrony();
  let traps = 0;
  const trap = (): never => {
    traps++;
    throw Object.assign(new Error('unreachable'), { name: 'RuntimeError' });
  };
  const traitors = Object.fromEntries(where.map((name) => [name, trap]));
  Object.defineProperty(library, 'c', { value: { ...library.c, ...traitors } });
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
      message: `${chronyd.address}: the sandboxed library crashed; this is a bug in chrony-wasm, please report it`,
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

it('is not asked again by the sockets that were idle, nor are they left open', async () => {
  const chrony = await ChronyConnection.open(chronyd.address);
  const askAll = () => Promise.all(Array.from({ length: 8 }, () => chrony.getTracking()));
  await askAll();
  const { descriptors } = holdings();
  const traps = sabotage('chrony_process_response');
  await expect(chrony.getTracking()).rejects.toThrow(ChronyLibraryError);
  expect((await askAll()).every(({ stratum }) => stratum === 7)).toBe(true);
  expect(traps()).toBe(1);
  expect(holdings().descriptors).toBe(descriptors);
  await chrony.close();
});

it('does not answer what was asked of it before', async () => {
  await using mock = await startMockChronyd('synchronized', {
    // the first request gets lost
    intercept: () => (mock.requests.length === 1 ? [] : undefined),
  });
  const chrony = await ChronyConnection.open({ address: mock.address, timeoutMs: 1000, retries: 1 });
  const first = chrony.getTracking().catch((error: unknown) => error);
  await vi.waitFor(() => expect(mock.requests).toHaveLength(1));
  const traps = sabotage('chrony_process_response');
  await expect(chrony.getActivity()).rejects.toThrow(ChronyLibraryError);
  expect(await first).toBeInstanceOf(ChronyLibraryError);
  expect(traps()).toBe(1);
  await chrony.close();
});

it('fails the call also if its session cannot be ended either', async () => {
  const chrony = await ChronyConnection.open(chronyd.address);
  sabotage('chrony_process_response', 'chrony_deinit_session');
  await expect(chrony.getTracking()).rejects.toThrow(ChronyLibraryError);
  expect(await chrony.getTracking()).toHaveProperty('stratum', 7);
  await chrony.close();
});

it('fails the call that it has no session for, and no other', async () => {
  sharedLibchrony().discard();
  const traps = sabotage('glue_init_session');
  await expect(getTracking(chronyd.address)).rejects.toThrow(ChronyLibraryError);
  expect(await getTracking(chronyd.address)).toHaveProperty('stratum', 7);
  expect(traps()).toBe(1);
});

it('as a session is ended: nothing of that instance is used again, and nobody has to know', async () => {
  const chrony = await ChronyConnection.open(chronyd.address);
  const traps = sabotage('chrony_deinit_session');
  expect(await chrony.getTracking()).toHaveProperty('stratum', 7);
  await chrony.close();
  expect(await getTracking(chronyd.address)).toHaveProperty('stratum', 7);
  expect(traps()).toBe(1);
});

it('while a socket is being opened, does not leave it open', async () => {
  const { descriptors } = holdings();
  const call = getTracking(chronyd.address);
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
  sharedLibchrony().discard();
  await expect(call).rejects.toThrow(ChronyLibraryError);
  await vi.waitFor(() => expect(holdings().descriptors).toBe(descriptors), { timeout: 5000 });
});

it('does not keep a connection from being closed', async () => {
  await using mock = await startMockChronyd(scenario('synchronized', { faults: { silent: true } }));
  const { descriptors } = holdings();
  const chrony = await ChronyConnection.open({ address: mock.address, timeoutMs: 60_000 });
  const call = chrony.getTracking().catch((error: unknown) => error);
  await vi.waitFor(() => expect(mock.requests).toHaveLength(1));
  sharedLibchrony().discard();
  await chrony.close();
  expect(await call).toMatchObject({ code: 'ERR_CHRONY_CLOSED' });
  expect(holdings().descriptors).toBe(descriptors);
});
