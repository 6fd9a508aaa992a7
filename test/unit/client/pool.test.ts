/** Calls, channels and the queue of one endpoint: a silent UDP socket, or a mock chronyd that the test controls. */

import { createSocket, type Socket } from 'node:dgram';
import { getEventListeners, once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { readOptions, type SocketBudget } from '../../../src/client/options.ts';
import { ChannelPool, MAX_CHANNELS } from '../../../src/client/pool.ts';
import { ChronyTimeoutError } from '../../../src/errors.ts';
import { startMockChronyd } from '../../../src/testing/index.ts';
import { numberIn } from '../../support/record.ts';

const ENOUGH = new Error('enough');

let server: Socket;
let pools: ChannelPool[];

beforeEach(async () => {
  pools = [];
  server = createSocket('udp4');
  server.bind(0, '127.0.0.1');
  await once(server, 'listening');
});
afterEach(() => {
  vi.useRealTimers();
  for (const pool of pools) pool.close(() => ENOUGH);
  server.close();
});

function poolOf(port: number, timeoutMs: number): ChannelPool {
  const pool = new ChannelPool(
    { kind: 'udp', host: '127.0.0.1', port },
    readOptions({ timeoutMs, retries: 0 }),
  );
  pools.push(pool);
  return pool;
}

/** The pool of an endpoint that never replies. */
const silentPool = (timeoutMs = 60_000) => poolOf(server.address().port, timeoutMs);

/** Requests tracking and returns the stratum. */
const ask = (pool: ChannelPool, signal?: AbortSignal): Promise<number> =>
  pool.ask('tracking', 0, ({ record }) => numberIn(record, 'stratum'), signal);

/** Resolves to the result of a call, or to 'still under way'. */
function soonOrPending(call: Promise<unknown>): Promise<unknown> {
  return Promise.race([call.catch((error: unknown) => error), sleep(200, 'still under way')]);
}

/** Returns a signal that counts added listeners, and the function that aborts it. */
function countingSignal() {
  const controller = new AbortController();
  const { signal } = controller;
  vi.spyOn(signal, 'addEventListener');
  return { signal, abort: () => controller.abort(ENOUGH) };
}

async function turns(number: number): Promise<void> {
  for (let i = 0; i < number; i++) await Promise.resolve();
}

describe('an abort ends a call at once', () => {
  const moments = Array.from({ length: 20 }, (_, i) => i);

  it.each(moments)('%i turns after it began to open a channel', async (moment) => {
    const controller = new AbortController();
    const call = ask(silentPool(), controller.signal);
    await turns(moment);
    controller.abort(ENOUGH);
    expect(await soonOrPending(call)).toBe(ENOUGH);
  });

  it.each(moments)('%i turns after its turn in the queue came', async (moment) => {
    const pool = silentPool();
    const first = new AbortController();
    const settled = Promise.allSettled(Array.from({ length: MAX_CHANNELS }, () => ask(pool, first.signal)));
    const controller = new AbortController();
    const last = ask(pool, controller.signal);
    first.abort(new Error('make room'));
    await turns(moment);
    controller.abort(ENOUGH);
    expect(await soonOrPending(last)).toBe(ENOUGH);
    await settled;
  });

  it('before it begins', async () => {
    expect(await soonOrPending(ask(silentPool(), AbortSignal.abort(ENOUGH)))).toBe(ENOUGH);
  });

  it('in the queue; the other calls keep their turns', async () => {
    await using mock = await startMockChronyd('synchronized');
    const pool = poolOf(mock.port, 1000);
    mock.pause();
    const calls = Array.from({ length: MAX_CHANNELS + 2 }, () => ask(pool));
    const controller = new AbortController();
    const aborted = ask(pool, controller.signal);
    const last = ask(pool);
    controller.abort(ENOUGH);
    expect(await soonOrPending(aborted)).toBe(ENOUGH);
    mock.resume();
    expect(await Promise.all([...calls, last])).toEqual(
      Array.from({ length: MAX_CHANNELS + 3 }, () => mock.scenario.tracking.stratum),
    );
    expect(mock.requests).toHaveLength(MAX_CHANNELS + 3);
  });
});

describe('40 000 calls with one signal', () => {
  it('add one listener to the signal and end in order with its reason', async () => {
    const pool = silentPool();
    const { signal, abort } = countingSignal();
    const ended: number[] = [];
    const calls = Array.from({ length: 40_000 }, async (_, i) => {
      const reason = await ask(pool, signal).catch((error: unknown) => error);
      ended.push(i);
      return reason;
    });
    expect(signal.addEventListener).toHaveBeenCalledOnce();
    abort();
    expect(new Set(await Promise.all(calls))).toEqual(new Set([ENOUGH]));
    expect(ended).toEqual([...calls.keys()]);
    expect(signal.addEventListener).toHaveBeenCalledOnce();
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });
});

it('leaves no listener on the signal of a finished call', async () => {
  await using mock = await startMockChronyd('synchronized');
  const { signal } = countingSignal();
  await ask(poolOf(mock.port, 1000), signal);
  await expect(ask(silentPool(1), signal)).rejects.toThrow(ChronyTimeoutError);
  expect(signal.addEventListener).toHaveBeenCalledTimes(2);
  expect(getEventListeners(signal, 'abort')).toEqual([]);
});

describe('channels', () => {
  it('are limited to eight and reused', async () => {
    await using mock = await startMockChronyd('synchronized');
    const pool = poolOf(mock.port, 1000);
    const clients = (): number => new Set(mock.requests.map(({ client }) => client)).size;
    for (let i = 0; i < 5; i++) await ask(pool);
    expect(clients()).toBe(1);
    await Promise.all(Array.from({ length: 100 }, () => ask(pool)));
    expect(mock.requests).toHaveLength(105);
    expect(clients()).toBe(MAX_CHANNELS);
  });

  it('are closed after their current call when the pool is retired', async () => {
    await using mock = await startMockChronyd('synchronized');
    const pool = poolOf(mock.port, 1000);
    await ask(pool);
    mock.pause();
    const call = ask(pool);
    pool.retire();
    expect(pool.finished).toBe(false);
    await vi.waitFor(() => expect(mock.requests).toHaveLength(2));
    mock.resume();
    expect(await call).toBe(mock.scenario.tracking.stratum);
    expect(pool.finished).toBe(true);
  });

  it('whose socket failed while idle are replaced, and the call is repeated once', async () => {
    const mock = await startMockChronyd('synchronized');
    const { port } = mock;
    const pool = poolOf(port, 1000);
    await Promise.all(Array.from({ length: 4 }, () => ask(pool)));
    await mock.close();
    await using again = await startMockChronyd('synchronized', { port });
    expect(await Promise.all(Array.from({ length: 4 }, () => ask(pool)))).toHaveLength(4);
    expect(again.requests.length).toBeGreaterThanOrEqual(4);
    expect(pool.retired).toBe(false);
  });

  it('that fail at once fail the waiting calls one after the other, however many wait', async () => {
    const pool = silentPool();
    const calls = Array.from({ length: 20_000 }, () => ask(pool).catch((error: unknown) => error));
    pool.close(() => ENOUGH);
    expect(new Set(await Promise.all(calls))).toEqual(new Set([ENOUGH]));
    expect(await soonOrPending(ask(pool))).toBe(ENOUGH);
  });
});

it('retires the pool after a timeout', async () => {
  const pool = silentPool(10);
  await expect(ask(pool)).rejects.toThrow(ChronyTimeoutError);
  expect(pool.retired).toBe(true);
});

it("serves the queue even under a test's fake timers", async () => {
  vi.useFakeTimers();
  const pool = silentPool(10);
  const calls = Array.from({ length: MAX_CHANNELS + 1 }, () => ask(pool));
  const [last, ...others] = calls.reverse();
  for (const call of others) call.catch(() => {});
  if (last !== undefined) expect(await soonOrPending(last)).toBeInstanceOf(ChronyTimeoutError);
});

describe('a socket budget', () => {
  function poolWith(budget: SocketBudget, port: number): ChannelPool {
    const settings = { ...readOptions({ timeoutMs: 60_000, retries: 0 }), budget };
    const pool = new ChannelPool({ kind: 'udp', host: '127.0.0.1', port }, settings);
    pools.push(pool);
    return pool;
  }

  it('limits the additional sockets of each pool; no call fails because of it, and all sockets are returned', async () => {
    await using mock = await startMockChronyd('synchronized');
    const budget = { left: 4 };
    const [one, other] = [poolWith(budget, mock.port), poolWith(budget, mock.port)];
    const calls = [one, other].flatMap((pool) => Array.from({ length: 20 }, () => ask(pool)));
    expect(budget.left).toBe(0);
    expect(await Promise.all(calls)).toEqual(calls.map(() => expect.any(Number)));
    expect(new Set(mock.requests.map(({ client }) => client)).size).toBe(2 + 4);
    one.close(() => ENOUGH);
    expect(budget.left).toBeGreaterThanOrEqual(0);
    other.close(() => ENOUGH);
    expect(budget.left).toBe(4);
  });

  it('is not needed for the first socket, and aborted or failed calls return their sockets', async () => {
    const { port } = server.address();
    const budget = { left: 2 };
    const [one, other] = [poolWith(budget, port), poolWith(budget, port)];
    const given = Array.from({ length: 3 }, () => new AbortController());
    const calls = given.map(({ signal }) => soonOrPending(ask(one, signal)));
    const last = soonOrPending(ask(other));
    expect(budget.left).toBe(0);
    for (const [index, controller] of given.entries()) {
      controller.abort(ENOUGH);
      expect(budget.left).toBe(Math.min(2, 1 + index));
    }
    expect(await Promise.all(calls)).toEqual(given.map(() => ENOUGH));
    expect(await last).toBe('still under way');
    // a port without a listener
    const closed = createSocket('udp4').bind(0, '127.0.0.1');
    await once(closed, 'listening');
    const refused = closed.address().port;
    closed.close();
    await once(closed, 'close');
    const dead = poolWith(budget, refused);
    const failures = await Promise.allSettled(Array.from({ length: 20 }, () => ask(dead)));
    expect(failures.filter(({ status }) => status === 'fulfilled')).toEqual([]);
    expect(budget.left).toBe(2);
  });
});
