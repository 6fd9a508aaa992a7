/** The choice between several endpoints, and the error if no endpoint answers. */
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

/** A pool that fails with a given error; as root, a test cannot cause some errors of a real socket. */
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
/** An endpoint without a listener. */
let closed: Endpoint;
let pools: ChannelPool[];

beforeEach(async () => {
  pools = [];
  mock = await startMockChronyd();
  silent = createSocket('udp4').bind(0, '127.0.0.1');
  await once(silent, 'listening');
  const stopped = await startMockChronyd();
  closed = at(stopped.port);
  await stopped.close();
});
afterEach(async () => {
  for (const pool of pools) pool.close(() => new Error('enough'));
  silent.close();
  await mock.close();
});

/** Searches endpoints; an error in the list is an endpoint that fails with this error. */
function search(...endpoints: readonly (Endpoint | ChronyError)[]): Promise<ChannelPool> {
  const settings = readOptions({ timeoutMs: 20, retries: 0 });
  // a long timeout for endpoints that always reply
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

describe('a search of several endpoints', () => {
  it('takes the first that answers and tries no others', async () => {
    await using other = await startMockChronyd();
    const pool = await search(at(mock.port), at(other.port));
    expect(pool.endpoint).toEqual(at(mock.port));
    expect(pools).toEqual([pool]);
    expect(pool.retired).toBe(false);
    expect(mock.requests.map(({ code }) => code)).toEqual([TRACKING]);
    expect(other.requests).toEqual([]);
  });

  it('skips endpoints that fail, one after the other, and retires their pools', async () => {
    const pool = await search(closed, denied, at(silent.address().port), at(mock.port));
    expect(pool.endpoint).toEqual(at(mock.port));
    expect(pools).toHaveLength(4);
    expect(pools.at(-1)).toBe(pool);
    expect(pools.map(({ retired }) => retired)).toEqual([true, true, true, false]);
    expect(pools.map(({ finished }) => finished)).toEqual([true, true, true, false]);
  });

  it('counts a refusal as an answer', async () => {
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
  it('only opens a socket and sends nothing', async () => {
    const pool = await search(at(mock.port));
    expect(pool.endpoint).toEqual(at(mock.port));
    // a request of the search would arrive before this one
    await pool.ask('activity', 0, () => {}, undefined);
    expect(mock.requests).toHaveLength(1);
  });

  it('fails with its own error', async () => {
    expect(await failure(denied)).toBe(denied);
    expect(pools.map(({ retired }) => retired)).toEqual([true]);
  });
});

describe('the error when no endpoint answers', () => {
  it('lists each endpoint in order, and its cause contains their errors', async () => {
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
    ['a timeout, at any position', [denied, refused, late], ChronyTimeoutError],
    ['a denial', [refused, denied, refused], ChronyPermissionError],
    ['a failed connection', [refused, refused], ChronyConnectionError],
  ] as const)('has the most informative class: %s', async (_, failures, Class) => {
    const error = await failure(...failures);
    expect(error).toMatchObject({ name: Class.name, cause: { errors: failures } });
    expect(pools.every(({ retired }) => retired)).toBe(true);
  });
});

describe('an error unrelated to the endpoint ends the search', () => {
  it('if it comes from a request', async () => {
    const crash = new ChronyLibraryError('out of memory');
    expect(await failure(refused, crash, at(mock.port))).toBe(crash);
    expect(pools).toHaveLength(2);
    expect(pools.map(({ retired }) => retired)).toEqual([true, true]);
    expect(mock.requests).toEqual([]);
  });

  it('if it comes from the caller', async () => {
    const reason = new ChronyConnectionError('the connection is closed');
    let made = 0;
    const searching = searchEndpoint([closed, at(mock.port), at(mock.port)], (endpoint) => {
      if (++made === 2) throw reason;
      const pool = new ChannelPool(endpoint, readOptions({}));
      pools.push(pool);
      return pool;
    });
    await expect(searching).rejects.toBe(reason);
    expect(made).toBe(2);
    expect(pools.map(({ retired }) => retired)).toEqual([true]);
  });
});
