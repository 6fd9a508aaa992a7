/** A fleet: mock chronyds on addresses of their own, and a real one among them. */
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
      // each says which one it is
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

describe('answers', () => {
  it.each([1, 7, FLEET, 1000])('come from each, %i at a time', async (concurrency) => {
    const results = await all(addresses(), 'tracking', { concurrency });
    const byAddress = new Map(results.map((result) => [result.address, result]));
    expect(results).toHaveLength(FLEET);
    expect(addresses().map((address) => byAddress.get(address)?.value?.updateInterval)).toEqual(
      fleet.map((_, i) => i + 1),
    );
  });

  it('come as often as an address is given, from whatever it is given by', async () => {
    const [first] = fleet as [MockChronyd];
    const twice = new Set([first.address, first.address.replace('.1:', '.1:0')]);
    function* generate(): Generator<string> {
      yield* twice;
      yield* twice;
    }
    expect(await all(generate(), 'tracking')).toHaveLength(4);
    expect(await all([], 'tracking')).toEqual([]);
  });

  it('come in the order in which they are there, and who is silent holds nobody else up', async () => {
    await using slow = await startMockChronyd('synchronized');
    slow.pause();
    const options = { concurrency: 2, timeoutMs: 600_000 };
    const results = pollMany([slow.address, ...addresses()], 'tracking', options);
    for (let i = 0; i < FLEET; i++) {
      const { value } = await results.next();
      expect(addresses()).toContain(value?.address);
      expect(value).toMatchObject({ error: null });
    }
    // it was asked first, and has not been given up yet
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

  it.each(names)('are those of a connection: %s of a real chronyd', async (name) => {
    const { socketPath } = pair.client;
    const own = await ChronyConnection.open(socketPath);
    const expected = await getters[name](own);
    await own.close();
    const results = [];
    for await (const result of pollMany([socketPath], name)) results.push(result);
    // the figures go on, what they are does not
    const shape = (value: unknown) =>
      JSON.parse(JSON.stringify(value, (_, x) => (typeof x === 'number' ? 0 : x)));
    expect(shape(results)).toEqual(shape([{ address: socketPath, value: expected, error: null }]));
  });
});

describe('one that is no good', () => {
  it('is a result, with its error', async () => {
    const closed = `127.0.0.1:${await freePort()}`;
    const bad = ['/nowhere/chronyd.sock', 'no address:', closed];
    const results = await all([...bad, ...addresses()], 'tracking');
    expect(results).toHaveLength(FLEET + bad.length);
    for (const address of bad) {
      const result = results.find((each) => each.address === address);
      expect(result).toEqual({ address, value: null, error: expect.any(ChronyConnectionError) });
    }
  });

  it('is given up in its time', async () => {
    await using silent = await startMockChronyd(SILENT);
    const { address } = silent;
    expect(await all([address], 'tracking', { timeoutMs: 50, retries: 0 })).toEqual([
      { address, value: null, error: expect.any(ChronyTimeoutError) },
    ]);
  });
});

describe('what is asked at a time', () => {
  it('is no more than was said, and no more than is taken', async () => {
    for (const mock of fleet) mock.requests.length = 0;
    const asked = () => fleet.filter(({ requests }) => requests.length > 0).length;
    const results = pollMany(addresses(), 'tracking', { concurrency: 5 });
    await sleep(20);
    expect(asked()).toBe(0); // until somebody listens
    for (let taken = 1; taken <= 10; taken++) {
      await results.next();
      await sleep(10);
      // those taken before, and 5 that are under way or wait to be taken
      expect(asked()).toBeLessThanOrEqual(taken - 1 + 5);
    }
    await results.return();
  });

  it('is a socket each', async () => {
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

describe('the end', () => {
  /** Polls those who never answer, until something ends it. */
  async function polling(signal?: AbortSignal) {
    const silent = await startMockChronyd(SILENT);
    const options = { concurrency: 10, timeoutMs: 60_000, signal };
    const results = pollMany(new Array<string>(50).fill(silent.address), 'tracking', options);
    const next = results.next();
    next.catch(() => {});
    await expect.poll(() => silent.requests).toHaveLength(10);
    return { results, next, [Symbol.asyncDispose]: () => silent.close() };
  }

  it('leaves nothing behind', async () => {
    const before = holdings();
    for await (const { error } of pollMany(addresses(), 'tracking', { concurrency: 10 })) {
      expect(error).toBe(null);
      break;
    }
    await expect.poll(holdings).toEqual(before);
  });

  it('comes at once with return(), also while nothing comes', async () => {
    await using silent = await polling();
    await silent.results.return();
    expect(await silent.next).toEqual({ done: true, value: undefined });
    expect(await silent.results.next()).toEqual({ done: true, value: undefined });
  });

  it("comes with the signal's reason", async () => {
    const stopping = new AbortController();
    await using silent = await polling(stopping.signal);
    const why = new Error('enough');
    stopping.abort(why);
    await expect(silent.next).rejects.toBe(why);
    await expect(all(addresses(), 'tracking', { signal: stopping.signal })).rejects.toBe(why);
  });

  it('takes no more addresses', async () => {
    let given = 0;
    let ended = false;
    function* endless(): Generator<string> {
      try {
        for (;;) yield addresses()[given++ % FLEET] ?? '';
      } finally {
        ended = true;
      }
    }
    let taken = 0;
    for await (const { error } of pollMany(endless(), 'tracking', { concurrency: 3 })) {
      expect(error).toBe(null);
      if (++taken === 100) break;
    }
    expect(ended).toBe(true);
    expect(given).toBeLessThanOrEqual(103);
  });
});

describe('what is of no use', () => {
  it('is refused before anything is asked', () => {
    expect(() => pollMany([], 'weather' as 'tracking')).toThrow(ChronyDataError);
    expect(() => pollMany([], 'weather' as 'tracking')).toThrow(
      "there is no report 'weather'; the reports are: track",
    );
    for (const concurrency of [0, -1, 1.5, 10_001, Number.NaN]) {
      expect(() => pollMany([], 'tracking', { concurrency })).toThrow(RangeError);
    }
    expect(() => pollMany([], 'tracking', { timeoutMs: 0 })).toThrow(RangeError);
    expect(() => pollMany([], 'tracking', { signal: {} as AbortSignal })).toThrow(TypeError);
    for (const none of ['localhost', null, undefined, {}]) {
      const what = none === null ? 'null' : typeof none;
      expect(() => pollMany(none as Iterable<string>, 'tracking')).toThrow(
        new TypeError(`addresses must be a list, such as an array, not ${what}`),
      );
    }
  });

  it.each([5, undefined])('is refused when its turn comes: %s', async (address) => {
    const before = holdings();
    await expect(all([...addresses(), address as unknown as string], 'tracking')).rejects.toThrow(
      new TypeError(`address must be a string, not ${typeof address}`),
    );
    await expect.poll(holdings).toEqual(before);
  });
});
