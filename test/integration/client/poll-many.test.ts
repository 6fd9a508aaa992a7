/** pollMany() with a fleet of mock chronyds, each with its own address, and a real chronyd. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  ChronyConnection,
  ChronyConnectionError,
  ChronyDataError,
  ChronyTimeoutError,
  type PollResult,
  pollMany,
  type TrackingStatus,
} from '../../../src/index.ts';
import { type MockChronyd, scenario, startMockChronyd } from '../../../src/testing/index.ts';
import { getters, names } from '../../support/getters.ts';
import { holdings } from '../../support/holdings.ts';
import { type Pair, startPair } from '../../support/pair.ts';
import { freePort } from '../../support/ports.ts';

const FLEET = 40;
const SILENT = scenario('synchronized', { faults: { silent: true } });

let fleet: MockChronyd[];

beforeAll(async () => {
  fleet = await Promise.all(
    Array.from({ length: FLEET }, (_, i) =>
      // the update interval identifies the mock
      startMockChronyd(scenario('synchronized', { tracking: { updateInterval: i + 1 } }), {
        host: `127.0.${i}.1`,
      }),
    ),
  );
});
afterAll(() => Promise.all(fleet.map((mock) => mock.close())));

const addresses = (): string[] => fleet.map(({ address }) => address);

type Results = PollResult<TrackingStatus>[];

async function all(...args: Parameters<typeof pollMany<'tracking'>>): Promise<Results> {
  const results: Results = [];
  for await (const result of pollMany(...args)) results.push(result);
  return results;
}

describe('results', () => {
  it.each([1, 7, FLEET, 1000])('include every address, with a concurrency of %i', async (concurrency) => {
    const results = await all(addresses(), 'tracking', { concurrency });
    const byAddress = new Map(results.map((result) => [result.address, result]));
    expect(results).toHaveLength(FLEET);
    expect(addresses().map((address) => byAddress.get(address)?.value?.updateInterval)).toEqual(
      fleet.map((_, i) => i + 1),
    );
  });

  it('include duplicate addresses and accept any iterable', async () => {
    const [first] = fleet as [MockChronyd];
    const twice = new Set([first.address, first.address.replace('.1:', '.1:0')]);
    function* generate(): Generator<string> {
      yield* twice;
      yield* twice;
    }
    expect(await all(generate(), 'tracking')).toHaveLength(4);
    expect(await all([], 'tracking')).toEqual([]);
  });

  it('are yielded in the order of arrival; a silent address does not delay the others', async () => {
    await using slow = await startMockChronyd('synchronized');
    slow.pause();
    const options = { concurrency: 2, timeoutMs: 600_000 };
    const results = pollMany([slow.address, ...addresses()], 'tracking', options);
    for (let i = 0; i < FLEET; i++) {
      const { value } = await results.next();
      expect(addresses()).toContain(value?.address);
      expect(value).toMatchObject({ error: null });
    }
    // the slow one was queried first and has not timed out yet
    expect(slow.requests).toHaveLength(1);
    slow.resume();
    expect(await results.next()).toMatchObject({ value: { address: slow.address, error: null } });
    expect(await results.next()).toEqual({ done: true, value: undefined });
  });

  let pair: Pair;
  beforeAll(async () => {
    pair = await startPair();
  });
  afterAll(() => pair[Symbol.asyncDispose]());

  it.each(names)('equal those of a connection: %s of a real chronyd', async (name) => {
    const { socketPath } = pair.client;
    const own = await ChronyConnection.open(socketPath);
    const expected = await getters[name](own);
    await own.close();
    const results = [];
    for await (const result of pollMany([socketPath], name)) results.push(result);
    // the numbers change between the two requests, the shape does not
    const shape = (value: unknown) =>
      JSON.parse(JSON.stringify(value, (_, x) => (typeof x === 'number' ? 0 : x)));
    expect(shape(results)).toEqual(shape([{ address: socketPath, value: expected, error: null }]));
  });
});

describe('an address that fails', () => {
  it('is a result with its error', async () => {
    const closed = `127.0.0.1:${await freePort()}`;
    const bad = ['/nowhere/chronyd.sock', 'no address:', closed];
    const results = await all([...bad, ...addresses()], 'tracking');
    expect(results).toHaveLength(FLEET + bad.length);
    for (const address of bad) {
      const result = results.find((each) => each.address === address);
      expect(result).toEqual({ address, value: null, error: expect.any(ChronyConnectionError) });
    }
  });

  it('times out as configured', async () => {
    await using silent = await startMockChronyd(SILENT);
    const { address } = silent;
    expect(await all([address], 'tracking', { timeoutMs: 50, retries: 0 })).toEqual([
      { address, value: null, error: expect.any(ChronyTimeoutError) },
    ]);
  });
});

describe('concurrent requests', () => {
  it('are limited by the concurrency and by the consumption of results', async () => {
    for (const mock of fleet) mock.requests.length = 0;
    const queried = () => fleet.filter(({ requests }) => requests.length > 0).length;
    const results = pollMany(addresses(), 'tracking', { concurrency: 5 });
    await sleep(20);
    expect(queried()).toBe(0); // the generator starts with the first next()
    for (let consumed = 1; consumed <= 10; consumed++) {
      await results.next();
      await sleep(10);
      // the results consumed before, and 5 that are pending or not consumed yet
      expect(queried()).toBeLessThanOrEqual(consumed - 1 + 5);
    }
    await results.return();
  });

  it('use one socket each', async () => {
    const silent = await startMockChronyd(SILENT);
    const before = holdings().descriptors;
    const many = Array.from({ length: 300 }, () => silent.address);
    const results = pollMany(many, 'tracking', { concurrency: 20, timeoutMs: 60_000 });
    const first = results.next();
    await expect.poll(() => silent.requests).toHaveLength(20);
    expect(holdings().descriptors - before).toBe(20);
    await results.return();
    expect(await first).toEqual({ done: true, value: undefined });
    await silent.close();
  });
});

describe('the end of polling', () => {
  /** Polls chronyds that never answer. */
  async function polling(signal?: AbortSignal) {
    const silent = await startMockChronyd(SILENT);
    const options = { concurrency: 10, timeoutMs: 60_000, signal };
    const results = pollMany(new Array<string>(50).fill(silent.address), 'tracking', options);
    const next = results.next();
    next.catch(() => {});
    await expect.poll(() => silent.requests).toHaveLength(10);
    return { results, next, [Symbol.asyncDispose]: () => silent.close() };
  }

  it('leaks nothing', async () => {
    const before = holdings();
    for await (const { error } of pollMany(addresses(), 'tracking', { concurrency: 10 })) {
      expect(error).toBe(null);
      break;
    }
    await expect.poll(holdings).toEqual(before);
  });

  it('is immediate after return(), even while all requests are pending', async () => {
    await using silent = await polling();
    await silent.results.return();
    expect(await silent.next).toEqual({ done: true, value: undefined });
    expect(await silent.results.next()).toEqual({ done: true, value: undefined });
  });

  it("throws the signal's reason after an abort", async () => {
    const stopping = new AbortController();
    await using silent = await polling(stopping.signal);
    const why = new Error('enough');
    stopping.abort(why);
    await expect(silent.next).rejects.toBe(why);
    await expect(all(addresses(), 'tracking', { signal: stopping.signal })).rejects.toBe(why);
  });

  it('stops the iteration of addresses', async () => {
    let yielded = 0;
    let ended = false;
    function* endless(): Generator<string> {
      try {
        for (;;) yield addresses()[yielded++ % FLEET] ?? '';
      } finally {
        ended = true;
      }
    }
    let consumed = 0;
    for await (const { error } of pollMany(endless(), 'tracking', { concurrency: 3 })) {
      expect(error).toBe(null);
      if (++consumed === 100) break;
    }
    expect(ended).toBe(true);
    expect(yielded).toBeLessThanOrEqual(103);
  });
});

describe('an invalid argument', () => {
  it('is rejected before any request is sent', () => {
    expect(() => pollMany([], 'weather' as 'tracking')).toThrow(ChronyDataError);
    expect(() => pollMany([], 'weather' as 'tracking')).toThrow(
      "there is no report 'weather'; the reports are: track",
    );
    for (const concurrency of [0, -1, 1.5, 10_001, Number.NaN]) {
      expect(() => pollMany([], 'tracking', { concurrency })).toThrow(RangeError);
    }
    expect(() => pollMany([], 'tracking', { timeoutMs: 0 })).toThrow(RangeError);
    expect(() => pollMany([], 'tracking', { signal: {} as AbortSignal })).toThrow(TypeError);
    for (const invalid of ['localhost', null, undefined, {}]) {
      const type = invalid === null ? 'null' : typeof invalid;
      expect(() => pollMany(invalid as Iterable<string>, 'tracking')).toThrow(
        new TypeError(`addresses must be a list, such as an array, not ${type}`),
      );
    }
  });

  it.each([5, undefined])('is rejected when it is reached in the list of addresses: %s', async (address) => {
    const before = holdings();
    await expect(all([...addresses(), address as unknown as string], 'tracking')).rejects.toThrow(
      new TypeError(`address must be a string, not ${typeof address}`),
    );
    await expect.poll(holdings).toEqual(before);
  });
});
