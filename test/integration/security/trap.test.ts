/** The sandbox traps, as it would if its memory were damaged: one call fails, and the next calls get a new sandbox. */
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

/** Makes the given functions of the shared instance trap. Returns a function that returns the number of traps. */
function sabotage(...where: (keyof LibchronyExports)[]): () => number {
  const library = sharedLibchrony();
  let traps = 0;
  const trap = (): never => {
    traps++;
    throw Object.assign(new Error('unreachable'), { name: 'RuntimeError' });
  };
  const replaced = Object.fromEntries(where.map((name) => [name, trap]));
  Object.defineProperty(library, 'c', { value: { ...library.c, ...replaced } });
  return () => traps;
}

it.each(['chrony_process_response', 'glue_read_record'] as const)(
  'a trap in %s causes an error that asks for a bug report, and the instance is not used again',
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

it('a trap ends all pending calls of the instance with an error, and affects no later calls', async () => {
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

it('after a trap idle sockets do not use the instance again and are closed', async () => {
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

it('a trap also fails the earlier calls of the instance', async () => {
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

it('a trap fails the call even if ending its session traps as well', async () => {
  const chrony = await ChronyConnection.open(chronyd.address);
  sabotage('chrony_process_response', 'chrony_deinit_session');
  await expect(chrony.getTracking()).rejects.toThrow(ChronyLibraryError);
  expect(await chrony.getTracking()).toHaveProperty('stratum', 7);
  await chrony.close();
});

it('a trap at the start of a session fails only that call', async () => {
  sharedLibchrony().discard();
  const traps = sabotage('glue_init_session');
  await expect(getTracking(chronyd.address)).rejects.toThrow(ChronyLibraryError);
  expect(await getTracking(chronyd.address)).toHaveProperty('stratum', 7);
  expect(traps()).toBe(1);
});

it('a trap at the end of a session causes no error, and the instance is not used again', async () => {
  const chrony = await ChronyConnection.open(chronyd.address);
  const traps = sabotage('chrony_deinit_session');
  expect(await chrony.getTracking()).toHaveProperty('stratum', 7);
  await chrony.close();
  expect(await getTracking(chronyd.address)).toHaveProperty('stratum', 7);
  expect(traps()).toBe(1);
});

it('a discarded instance leaves no socket open that was being opened', async () => {
  const { descriptors } = holdings();
  const call = getTracking(chronyd.address);
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
  sharedLibchrony().discard();
  await expect(call).rejects.toThrow(ChronyLibraryError);
  await vi.waitFor(() => expect(holdings().descriptors).toBe(descriptors), { timeout: 5000 });
});

it('a connection can be closed after its instance was discarded', async () => {
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
