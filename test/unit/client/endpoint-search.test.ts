/** Which of several endpoints is taken, and what is said when none is. */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { searchEndpoint } from '../../../src/client/endpoint-search.ts';
import { readOptions } from '../../../src/client/options.ts';
import { ChannelPool } from '../../../src/client/pool.ts';
import {
  ChronyConnectionError,
  type ChronyError,
  ChronyLibraryError,
  ChronyPermissionError,
  ChronyTimeoutError,
} from '../../../src/errors.ts';
import type { Endpoint } from '../../../src/socket/address.ts';
import { type MockChronyd, scenario, startMockChronyd } from '../../../src/testing/index.ts';

const TRACKING = 33;

const at = (port: number): Endpoint => ({ kind: 'udp', host: '127.0.0.1', port });

/** An endpoint whose socket fails with an error that a test cannot bring about for root. */
class FailingPool extends ChannelPool {
  readonly #error: unknown;

  constructor(endpoint: Endpoint, error: unknown) {
    super(endpoint, readOptions({}));
    this.#error = error;
  }

  override ask<T>(): Promise<T> {
    return Promise.reject(this.#error);
  }
}

let mock: MockChronyd;
let silent: Socket;
/** Nothing listens there. */
let closed: Endpoint;
let pools: ChannelPool[];

beforeEach(async () => {
  pools = [];
  mock = await startMockChronyd();
  silent = createSocket('udp4').bind(0, '127.0.0.1');
  await once(silent, 'listening');
  const gone = await startMockChronyd();
  closed = at(gone.port);
  await gone.close();
});
afterEach(async () => {
  for (const pool of pools) pool.close(() => new Error('enough'));
  silent.close();
  await mock.close();
});

/** Searches; an error stands for an endpoint that fails with it. */
function search(...endpoints: readonly (Endpoint | ChronyError)[]): Promise<ChannelPool> {
  const settings = readOptions({ timeoutMs: 20, retries: 0 });
  // patient where a reply is sure to come
  const patient = readOptions({ timeoutMs: 60_000, retries: 0 });
  const places = endpoints.map((endpoint, i) => (endpoint instanceof Error ? at(i + 1) : endpoint));
  return searchEndpoint(places, (place) => {
    const error = endpoints[places.indexOf(place)];
    const isSilent = place.kind === 'udp' && place.port === silent.address().port;
    const pool =
      error instanceof Error
        ? new FailingPool(place, error)
        : new ChannelPool(place, isSilent ? settings : patient);
    pools.push(pool);
    return pool;
  });
}

const failure = async (...endpoints: readonly (Endpoint | ChronyError)[]): Promise<unknown> => {
  try {
    return await search(...endpoints);
  } catch (error) {
    return error;
  }
};

const denied = new ChronyPermissionError('/run/chrony/chronyd.sock: EACCES');
const refused = new ChronyConnectionError('127.0.0.1:1: ECONNREFUSED');
const late = new ChronyTimeoutError('127.0.0.1:2: no answer');

describe('of several endpoints', () => {
  it('the first that answers is taken, and no more are tried', async () => {
    await using other = await startMockChronyd();
    const pool = await search(at(mock.port), at(other.port));
    expect(pool.endpoint).toEqual(at(mock.port));
    expect(pools).toEqual([pool]);
    expect(pool.retired).toBe(false);
    expect(mock.requests.map(({ code }) => code)).toEqual([TRACKING]);
    expect(other.requests).toEqual([]);
  });

  it('those that fail are passed over, one after the other, and their pools are retired', async () => {
    const pool = await search(closed, denied, at(silent.address().port), at(mock.port));
    expect(pool.endpoint).toEqual(at(mock.port));
    expect(pools).toHaveLength(4);
    expect(pools.at(-1)).toBe(pool);
    expect(pools.map(({ retired }) => retired)).toEqual([true, true, true, false]);
    expect(pools.map(({ finished }) => finished)).toEqual([true, true, true, false]);
  });

  it('one that refuses has answered', async () => {
    mock.scenario = scenario('synchronized', { unauthorized: ['tracking'] });
    await using other = await startMockChronyd();
    const pool = await search(closed, at(mock.port), at(other.port));
    expect(pool.endpoint).toEqual(at(mock.port));
    expect(pool.retired).toBe(false);
    expect(mock.requests).toHaveLength(1);
    expect(other.requests).toEqual([]);
  });
});

describe('a single endpoint', () => {
  it('is sent nothing: its socket is opened', async () => {
    const pool = await search(at(mock.port));
    expect(pool.endpoint).toEqual(at(mock.port));
    // a request would have been there before this one
    await pool.ask('activity', 0, () => {}, undefined);
    expect(mock.requests).toHaveLength(1);
  });

  it('fails with its own error', async () => {
    expect(await failure(denied)).toBe(denied);
    expect(pools.map(({ retired }) => retired)).toEqual([true]);
  });
});

describe('where none answers, one error', () => {
  it('names each endpoint, in order, and has the errors as its cause', async () => {
    const error = await failure(closed, at(silent.address().port));
    expect(error).toMatchObject({
      message: expect.stringMatching(/^no chronyd answered; tried:\n {2}\S.*\n {2}\S.*$/),
      cause: { errors: [expect.any(ChronyConnectionError), expect.any(ChronyTimeoutError)] },
    });
    const [, first, second] = String(error).split('\n');
    expect(first).toContain('ECONNREFUSED');
    expect(second).toContain(`127.0.0.1:${silent.address().port}: no answer in 20 ms`);
    expect(pools.map(({ finished }) => finished)).toEqual([true, true]);
  });

  it.each([
    ['a timeout', [refused, late, denied], ChronyTimeoutError],
    ['a timeout, wherever it is', [denied, refused, late], ChronyTimeoutError],
    ['a denial', [refused, denied, refused], ChronyPermissionError],
    ['a failed connection', [refused, refused], ChronyConnectionError],
  ] as const)('has the class that says most: %s', async (_, failures, Class) => {
    const error = await failure(...failures);
    expect(error).toMatchObject({ name: Class.name, cause: { errors: failures } });
    expect(pools.every(({ retired }) => retired)).toBe(true);
  });
});

describe('an error that has nothing to do with the endpoint ends the search', () => {
  it('of a request', async () => {
    const crash = new ChronyLibraryError('out of memory');
    expect(await failure(refused, crash, at(mock.port))).toBe(crash);
    expect(pools).toHaveLength(2);
    expect(pools.map(({ retired }) => retired)).toEqual([true, true]);
    expect(mock.requests).toEqual([]);
  });

  it('of the one that searches', async () => {
    const why = new ChronyConnectionError('the connection is closed');
    let made = 0;
    const searching = searchEndpoint([closed, at(mock.port), at(mock.port)], (endpoint) => {
      if (++made === 2) throw why;
      const pool = new ChannelPool(endpoint, readOptions({}));
      pools.push(pool);
      return pool;
    });
    await expect(searching).rejects.toBe(why);
    expect(made).toBe(2);
    expect(pools.map(({ retired }) => retired)).toEqual([true]);
  });
});
