/** The clients of a mock chronyd whose table grows, shrinks or is invalid. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fetchClients } from '../../../src/client/clients.ts';
import type { ChannelPool } from '../../../src/client/pool.ts';
import {
  type Intercept,
  type MockChronyd,
  type MockRequest,
  makeClientAccess,
  scenario,
} from '../../../src/testing/index.ts';
import { encodeRefusal, encodeReply } from '../../../src/testing/reply.ts';
import { clientsRequestIn } from '../../../src/testing/requests.ts';
import { MockPool } from './mock-pool.ts';

const ENOUGH = new Error('enough');

let mock: MockChronyd;
let pool: ChannelPool;
let intercept: Intercept;
let started: MockPool;

beforeEach(async () => {
  intercept = () => undefined;
  started = await MockPool.start((request, reply) => intercept(request, reply));
  ({ mock, pool } = started);
});
afterEach(() => started[Symbol.asyncDispose]());

const address = (number: number): string => `198.51.${number >> 8}.${number & 0xff}`;
const addresses = (length: number): string[] => Array.from({ length }, (_, i) => address(i));

function setClients(length: number, of: (i: number) => string = address): void {
  const clients = Array.from({ length }, (_, i) => makeClientAccess({ address: of(i) }));
  mock.scenario = scenario(mock.scenario, { clients });
}

const fetch = async (minimumHits = 0, signal?: AbortSignal): Promise<string[]> =>
  (await fetchClients(pool, minimumHits, signal)).map((client) => client.address);

const firstIndices = (): number[] => mock.requests.map((request) => clientsRequestIn(request).firstIndex);

/** Encodes a batch of clients; the stated number of entries can differ from the real one. */
function batch(
  request: MockRequest,
  indices: number,
  nextIndex: number,
  clients: readonly (string | null)[],
  statedLength = clients.length,
): Uint8Array[] {
  const entries = clients.map((each) => ({ address: each, 'NTP hits': 1 }));
  return [encodeReply(21, request, { indices, 'next index': nextIndex, clients: statedLength }, entries)];
}

describe('clients', () => {
  it.each([0, 1, 7, 8, 9, 16, 63, 64, 65, 200])(
    'are each returned once, with at most n / 8 + 1 requests, for n = %i',
    async (length) => {
      setClients(length);
      expect(await fetch()).toEqual(addresses(length));
      expect(mock.requests.length).toBeLessThanOrEqual(Math.floor(length / 8) + 1);
      for (const request of mock.requests)
        expect(clientsRequestIn(request)).toMatchObject({ numberClients: 8, minimumHits: 0, reset: 0 });
    },
  );

  it('are filtered by chronyd, which gets the minimum number of hits', async () => {
    setClients(3);
    await fetch(12_345);
    expect(mock.requests.map((request) => clientsRequestIn(request).minimumHits)).toEqual([12_345]);
  });

  it('exclude unused entries', async () => {
    intercept = (request) => batch(request, 16, 16, [null, address(1), null]);
    expect(await fetch()).toEqual([address(1)]);
  });

  it('are limited to the capacity of a batch, even if the batch states a larger number', async () => {
    intercept = (request) => batch(request, 16, 16, addresses(8), 0xffffffff);
    expect(await fetch()).toEqual(addresses(8));
  });
});

describe('a table that changes during the call', () => {
  it('is read again if it grows; each client is returned once, even if it has moved', async () => {
    setClients(16);
    intercept = () => {
      // chronyd enlarges its table, which moves each client to another place
      if (mock.requests.length === 1) setClients(40, (i) => address((i * 7) % 40));
      return undefined;
    };
    const found = await fetch();
    expect(found.toSorted()).toEqual(addresses(40).toSorted());
    expect(firstIndices().slice(0, 3)).toEqual([0, 8, 0]);
  });

  it('finally throws an error if it keeps growing', async () => {
    let indices = 16;
    intercept = (request) => {
      const first = clientsRequestIn(request).firstIndex;
      indices += 16;
      return batch(request, indices, first + 8, addresses(8));
    };
    await expect(fetch()).rejects.toMatchObject({
      name: 'ChronyDataError',
      message: "clients: the length of chronyd's table kept changing; ask again",
    });
    expect(mock.requests.length).toBeLessThan(100);
  });

  it('belongs to another chronyd if it is shorter: the clients of the earlier one are discarded', async () => {
    setClients(40);
    intercept = () => {
      if (mock.requests.length === 2) setClients(10, (i) => address(1000 + i));
      return undefined;
    };
    expect(await fetch()).toEqual(Array.from({ length: 10 }, (_, i) => address(1000 + i)));
  });

  it('is read from the start if it is much shorter after many batches', async () => {
    setClients(300);
    intercept = () => {
      if (mock.requests.length === 20) setClients(10, (i) => address(1000 + i));
      return undefined;
    };
    expect(await fetch()).toEqual(Array.from({ length: 10 }, (_, i) => address(1000 + i)));
    expect(firstIndices().slice(20)).toEqual([160, 0, 8]);
  });

  it('keeps the latest entry of a client that occurs twice', async () => {
    let hits = 0;
    intercept = (request) => {
      const first = clientsRequestIn(request).firstIndex;
      const entries = Array.from({ length: 8 }, () => ({ address: address(1), 'NTP hits': ++hits }));
      return [encodeReply(21, request, { indices: 16, 'next index': first + 8, clients: 8 }, entries)];
    };
    const clients = await fetchClients(pool, 0, undefined);
    expect(clients.map(({ ntpHits }) => ntpHits)).toEqual([16]);
  });
});

describe('an invalid next index', () => {
  it.each<[string, (first: number) => [indices: number, next: number]]>([
    ['that stays the same', (first) => [100, first]],
    ['that decreases', (first) => [100, first === 0 ? 8 : 0]],
    ['that increases by only one each time', (first) => [2 ** 20, first + 1]],
    ['in a table that is too long', () => [0xffffffff, 8]],
    ['beyond a table that is too long', () => [0x80000000, 0xffffffff]],
  ])('%s soon throws an error with the reason', async (_, next) => {
    intercept = (request) => {
      const [indices, nextIndex] = next(clientsRequestIn(request).firstIndex);
      // the table shrinks, so that requesting every index does not take a million requests
      return batch(request, mock.requests.length > 100 ? 100 : indices, nextIndex, []);
    };
    await expect(fetch()).rejects.toMatchObject({
      name: 'ChronyDataError',
      message: expect.stringContaining('which no chronyd does'),
    });
    expect(mock.requests.length).toBeLessThan(120);
  });

  it('at or beyond the end of the table ends the call', async () => {
    intercept = (request) => batch(request, 16, 0xffffffff, addresses(2));
    expect(await fetch()).toEqual(addresses(2));
    expect(mock.requests).toHaveLength(1);
  });
});

describe('a call', () => {
  it('fails if chronyd refuses the first or a later batch', async () => {
    setClients(40);
    for (const refused of [1, 3]) {
      mock.requests.length = 0;
      intercept = (request) => (mock.requests.length === refused ? [encodeRefusal(request, 2)] : undefined);
      await expect(fetch()).rejects.toMatchObject({ name: 'ChronyPermissionError', errorCode: 9 });
      expect(mock.requests).toHaveLength(refused);
    }
  });

  it('fails if chronyd does not record clients', async () => {
    mock.scenario = scenario(mock.scenario, { clients: null });
    await expect(fetch()).rejects.toMatchObject({ name: 'ChronyDataError', errorCode: 10 });
  });

  it('that is aborted between two batches sends no further request', async () => {
    setClients(40);
    const controller = new AbortController();
    intercept = () => {
      if (mock.requests.length === 3) controller.abort(ENOUGH);
      return undefined;
    };
    await expect(fetch(0, controller.signal)).rejects.toBe(ENOUGH);
    expect(mock.requests).toHaveLength(3);
    pool.retire();
    expect(pool.finished).toBe(true);
  });

  it('returns all clients even if other calls run at the same time', async () => {
    setClients(100);
    const all = await Promise.all(Array.from({ length: 20 }, () => fetch()));
    for (const found of all) expect(found).toEqual(addresses(100));
    expect(mock.requests).toHaveLength(20 * 13);
  });
});
