/** Watching many mock chronyds, each on its own address. */
import { afterEach, describe, expect, it } from 'vitest';
import {
  ChronyConnectionError,
  ChronyDataError,
  ChronyTimeoutError,
  type PollResult,
  type TrackingStatus,
  type WatchManyOptions,
  watchMany,
} from '../../../src/index.ts';
import { type MockChronyd, scenario, startMockChronyd } from '../../../src/testing/index.ts';
import { descriptorTargets, holdings } from '../../support/holdings.ts';
import { freePort } from '../../support/ports.ts';

const SILENT = scenario('synchronized', { faults: { silent: true } });

/** A scenario whose update interval identifies the mock. */
const identified = (updateInterval: number) => scenario('synchronized', { tracking: { updateInterval } });

const mocks: MockChronyd[] = [];
afterEach(async () => {
  await Promise.all(mocks.splice(0).map((mock) => mock.close()));
});

/** Starts mocks; each is identified by its position in the list, from 1. */
async function fleet(size: number): Promise<[MockChronyd, ...MockChronyd[]]> {
  const [first, ...others] = await Promise.all(
    Array.from({ length: size }, (_, i) => startMockChronyd(identified(i + 1), { host: `127.0.${i}.1` })),
  );
  if (first === undefined) throw new Error('the fleet is empty');
  mocks.push(first, ...others);
  return [first, ...others];
}

/** The numbers of open sockets and of listeners on the process. */
function held() {
  const sockets = descriptorTargets().filter((target) => target.startsWith('socket:')).length;
  return { sockets, listeners: holdings().listeners };
}

const idle = held().sockets;

/** What `held` returns between requests: one socket per mock. Sockets of an earlier test may still be closing. */
function atRest() {
  return { ...held(), sockets: idle + mocks.length };
}

/** Collects all outcomes until the test ends. */
function collect(targets: Iterable<string>, options: WatchManyOptions) {
  const taken: PollResult<TrackingStatus>[] = [];
  const outcomes = watchMany(targets, 'tracking', options);
  const ended = (async () => {
    for await (const outcome of outcomes) taken.push(outcome);
  })();
  return {
    /** The outcomes in short: the address, and its update interval or error code. */
    summary: () => taken.map(({ address, value, error }) => [address, value?.updateInterval ?? error?.code]),
    [Symbol.asyncDispose]: async () => {
      await outcomes.return();
      await ended;
    },
  };
}

/** Waits for several more rounds. */
async function rounds(mock: MockChronyd): Promise<void> {
  const { length } = mock.requests;
  await expect.poll(() => mock.requests.length).toBeGreaterThan(length + 3);
}

describe('the outcomes', () => {
  it('are the first outcome of each target, and then the changes', async () => {
    const [first, second] = await fleet(2);
    const other = second as MockChronyd;
    await using watch = collect([first.address, other.address], { intervalMs: 20 });
    await expect.poll(watch.summary).toHaveLength(2);
    await rounds(first);
    expect(watch.summary()).toHaveLength(2);
    other.scenario = identified(70);
    await expect.poll(watch.summary).toHaveLength(3);
    await rounds(other);
    await other.close();
    await expect.poll(watch.summary).toHaveLength(4);
    await rounds(first);
    expect(watch.summary()).toEqual(
      expect.arrayContaining([
        [first.address, 1],
        [other.address, 2],
      ]),
    );
    expect(watch.summary().slice(2)).toEqual([
      [other.address, 70],
      [other.address, 'ERR_CHRONY_CONNECTION'],
    ]);
  });

  it('include unchanged ones with includeUnchanged', async () => {
    const [only] = await fleet(1);
    await using watch = collect([only.address], { intervalMs: 20, includeUnchanged: true });
    await expect.poll(() => watch.summary().length).toBeGreaterThan(5);
    expect(watch.summary().slice(0, 5)).toEqual(new Array(5).fill([only.address, 1]));
  });

  it('follow targets that are added and removed', async () => {
    const [first, ...others] = await fleet(3);
    const targets = new Set([first.address]);
    await using watch = collect(targets, { intervalMs: 20 });
    await expect.poll(watch.summary).toEqual([[first.address, 1]]);
    for (const { address } of others) targets.add(address);
    await expect.poll(watch.summary).toHaveLength(3);
    targets.delete(first.address);
    // a request may still be under way
    for (const other of others) await rounds(other);
    const { length } = first.requests;
    for (const other of others) await rounds(other);
    expect(first.requests).toHaveLength(length);
    targets.add(first.address);
    await expect.poll(watch.summary).toHaveLength(4);
    expect(watch.summary().at(-1)).toEqual([first.address, 1]);
  });

  it('are errors for invalid targets; the others continue', async () => {
    const [good] = await fleet(1);
    const closed = `127.0.0.1:${await freePort()}`;
    const bad = [
      ...[
        '/nowhere/chronyd.sock',
        `/${'x'.repeat(5000)}`,
        '/a\0b',
        'no address:',
        '127.0.0.1:0',
        '[::1',
        ':',
        ' ',
      ],
      ...['a b', '\0', '\ud800', 'http://127.0.0.1', 'fe80::1%nowhere', closed],
    ];
    const options = { intervalMs: 50, timeoutMs: 200, retries: 0 };
    await using watch = collect([...bad, good.address, ...bad], options);
    await expect.poll(() => new Set(watch.summary().map(([address]) => address)).size).toBe(bad.length + 1);
    await rounds(good);
    for (const [address, result] of watch.summary()) {
      if (address === good.address) expect(result).toBe(1);
      else
        expect(result).toMatch(/^ERR_CHRONY_(ADDRESS|CONNECTION|RESOLVE|NO_UNIX_SOCKET|PERMISSION|TIMEOUT)$/);
    }
  });

  it('continue for the others while one target is silent', async () => {
    const [silent, ...others] = await fleet(4);
    silent.scenario = SILENT;
    const addresses = [silent, ...others].map(({ address }) => address);
    await using watch = collect(addresses, { intervalMs: 20, timeoutMs: 600_000, includeUnchanged: true });
    for (const other of others) await rounds(other);
    expect(silent.requests).toHaveLength(1);
    expect(watch.summary().some(([address]) => address === silent.address)).toBe(false);
  });
});

describe('a watch holds', () => {
  it('no socket between requests', async () => {
    const addresses = (await fleet(20)).map(({ address }) => address);
    const before = atRest();
    await using watch = collect(addresses, { intervalMs: 600_000 });
    await expect.poll(watch.summary).toHaveLength(20);
    await expect.poll(held, { timeout: 10_000 }).toEqual(before);
  });

  it('no request for a removed target', async () => {
    const silent = await startMockChronyd(SILENT);
    mocks.push(silent);
    const before = atRest();
    const targets = new Set([silent.address]);
    await using watch = collect(targets, { intervalMs: 50, timeoutMs: 600_000 });
    await expect.poll(() => silent.requests).toHaveLength(1);
    targets.clear();
    await expect.poll(held).toEqual(before);
    targets.add(silent.address);
    await expect.poll(() => silent.requests).toHaveLength(2);
    expect(watch.summary()).toEqual([]);
  });

  it('no more concurrent requests than configured', async () => {
    const all = await fleet(20);
    for (const mock of all) mock.scenario = SILENT;
    const queried = () => all.filter(({ requests }) => requests.length > 0).length;
    const options = { intervalMs: 100, concurrency: 5, timeoutMs: 600_000 };
    const targets = new Set(all.map(({ address }) => address));
    await using watch = collect(targets, options);
    await expect.poll(queried).toBe(5);
    // requests for removed targets free their places
    for (const { address, requests } of all) if (requests.length > 0) targets.delete(address);
    await expect.poll(queried).toBe(10);
    expect(watch.summary()).toEqual([]);
  });

  it('at most one outcome per target while the caller takes none', async () => {
    const all = await fleet(5);
    const sum = () => all.reduce((requests, mock) => requests + mock.requests.length, 0);
    const addresses = all.map(({ address }) => address);
    const outcomes = watchMany(addresses, 'tracking', { intervalMs: 1, includeUnchanged: true });
    for (let taken = 1; taken <= 50; taken++) {
      expect(await outcomes.next()).toMatchObject({ done: false, value: { error: null } });
      expect(sum()).toBeLessThanOrEqual(taken + 5);
    }
    await outcomes.return();
  });

  it('nothing after its end', async () => {
    const addresses = (await fleet(10)).map(({ address }) => address);
    const before = atRest();
    let count = 0;
    for await (const { error } of watchMany(addresses, 'tracking', { intervalMs: 10 })) {
      expect(error).toBe(null);
      if (++count === 5) break;
    }
    await expect.poll(held).toEqual(before);
  });
});

describe('the end', () => {
  /** Watches one target that never answers, or no target. */
  async function watching(signal?: AbortSignal, number = 1) {
    const silent = await startMockChronyd(SILENT);
    mocks.push(silent);
    const options = { timeoutMs: 600_000, signal };
    const outcomes = watchMany(new Array(number).fill(silent.address), 'tracking', options);
    const next = outcomes.next();
    next.catch(() => {});
    await expect.poll(() => silent.requests).toHaveLength(number);
    return { outcomes, next };
  }

  it.each([0, 1])('comes at once with return(), with %i targets', async (number) => {
    const { outcomes, next } = await watching(undefined, number);
    await outcomes.return();
    expect(await next).toEqual({ done: true, value: undefined });
    expect(await outcomes.next()).toEqual({ done: true, value: undefined });
  });

  it.each([0, 1])("comes with the signal's reason, with %i targets", async (number) => {
    const stopping = new AbortController();
    const { next } = await watching(stopping.signal, number);
    const reason = new Error('enough');
    stopping.abort(reason);
    await expect(next).rejects.toBe(reason);
    await expect(watchMany([], 'tracking', { signal: stopping.signal }).next()).rejects.toBe(reason);
  });

  it('comes with the error that the list throws', async () => {
    const [mock] = await fleet(1);
    const reason = new Error('no list');
    let isBroken = false;
    const list = {
      *[Symbol.iterator]() {
        if (isBroken) throw reason;
        yield mock.address;
      },
    };
    const before = atRest();
    const outcomes = watchMany(list, 'tracking', { intervalMs: 20, includeUnchanged: true });
    expect(await outcomes.next()).toMatchObject({ value: { error: null } });
    isBroken = true;
    await expect(
      (async () => {
        for await (const { error } of outcomes) expect(error).toBe(null);
      })(),
    ).rejects.toBe(reason);
    await expect.poll(held).toEqual(before);
  });

  it('comes with a target that is not a string', async () => {
    const targets = new Set<unknown>([5]) as Set<string>;
    await expect(watchMany(targets, 'tracking').next()).rejects.toThrow(
      new TypeError('address must be a string, not number'),
    );
  });
});

it('gives errors of the right class', async () => {
  const silent = await startMockChronyd(SILENT);
  mocks.push(silent);
  const options = { timeoutMs: 50, retries: 0 };
  const classes = new Map([
    [silent.address, ChronyTimeoutError],
    [`127.0.0.1:${await freePort()}`, ChronyConnectionError],
  ]);
  const found = new Map<string, unknown>();
  for await (const { address, error } of watchMany([...classes.keys()], 'tracking', options)) {
    found.set(address, error?.constructor);
    if (found.size === classes.size) break;
  }
  expect(found).toEqual(classes);
});

describe('invalid arguments', () => {
  it('are rejected before anything is sent', () => {
    expect(() => watchMany([], 'weather' as 'tracking')).toThrow(ChronyDataError);
    for (const intervalMs of [0, -1, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 31]) {
      expect(() => watchMany([], 'tracking', { intervalMs })).toThrow(RangeError);
    }
    for (const concurrency of [0, -1, 1.5, 10_001, Number.NaN]) {
      expect(() => watchMany([], 'tracking', { concurrency })).toThrow(RangeError);
    }
    expect(() => watchMany([], 'tracking', { timeoutMs: 0 })).toThrow(RangeError);
    expect(() => watchMany([], 'tracking', { signal: {} as AbortSignal })).toThrow(TypeError);
    expect(() => watchMany([], 'tracking', { includeUnchanged: 1 as unknown as boolean })).toThrow(
      new TypeError('includeUnchanged must be true or false, not number'),
    );
    for (const none of ['localhost', null, undefined, {}]) {
      const type = none === null ? 'null' : typeof none;
      expect(() => watchMany(none as Iterable<string>, 'tracking')).toThrow(
        new TypeError(`targets must be a list, such as an array, not ${type}`),
      );
    }
  });

  it('include targets that can be iterated only once', () => {
    const targets = new Set(['127.0.0.1']);
    for (const once of [targets.values(), targets[Symbol.iterator]()]) {
      expect(() => watchMany(once, 'tracking')).toThrow(
        new TypeError(
          'targets must be a list that can be iterated more than once, such as an array or a Set, not an iterator',
        ),
      );
    }
  });
});
