/** The clients of a chronyd, from a mock one whose table grows, shrinks and lies. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fetchClients } from '../../../src/client/clients.ts';
import { readOptions } from '../../../src/client/options.ts';
import { ChannelPool } from '../../../src/client/pool.ts';
import {
  type Intercept,
  type MockChronyd,
  type MockRequest,
  makeClientAccess,
  scenario,
  startMockChronyd,
} from '../../../src/testing/index.ts';
import { encodeRefusal, encodeReply } from '../../../src/testing/reply.ts';
import { clientsRequestIn } from '../../../src/testing/requests.ts';

const ENOUGH = new Error('enough');

let mock: MockChronyd;
let pool: ChannelPool;
let intercept: Intercept;

beforeEach(async () => {
  intercept = () => undefined;
  mock = await startMockChronyd('synchronised', {
    intercept: (request, reply) => intercept(request, reply),
  });
  pool = new ChannelPool(
    { kind: 'udp', host: '127.0.0.1', port: mock.port },
    readOptions({ timeoutMs: 60_000, retries: 0 }),
  );
});
afterEach(async () => {
  pool.close(() => ENOUGH);
  await mock.close();
});

const address = (number: number): string => `198.51.${number >> 8}.${number & 0xff}`;
const addresses = (length: number): string[] => Array.from({ length }, (_, i) => address(i));

function setClients(length: number, of: (i: number) => string = address): void {
  const clients = Array.from({ length }, (_, i) => makeClientAccess({ address: of(i) }));
  mock.scenario = scenario(mock.scenario, { clients });
}

const fetch = async (minimumHits = 0, signal?: AbortSignal): Promise<string[]> =>
  (await fetchClients(pool, minimumHits, signal)).map((client) => client.address);

const firstIndices = (): number[] => mock.requests.map((request) => clientsRequestIn(request).firstIndex);

/** A batch of these clients: as many entries as are told, however many are given. */
function batch(
  request: MockRequest,
  indices: number,
  nextIndex: number,
  clients: readonly (string | null)[],
  told = clients.length,
): Uint8Array[] {
  const entries = clients.map((each) => ({ address: each, 'NTP hits': 1 }));
  return [encodeReply(21, request, { indices, 'next index': nextIndex, clients: told }, entries)];
}

describe('clients', () => {
  it.each([0, 1, 7, 8, 9, 16, 63, 64, 65, 200])(
    '%i: each once, n / 8 + 1 requests at most',
    async (length) => {
      setClients(length);
      expect(await fetch()).toEqual(addresses(length));
      expect(mock.requests.length).toBeLessThanOrEqual(Math.floor(length / 8) + 1);
      for (const request of mock.requests)
        expect(clientsRequestIn(request)).toMatchObject({ numberClients: 8, minimumHits: 0, reset: 0 });
    },
  );

  it('with fewer requests than the minimum are left to chronyd to leave out', async () => {
    setClients(3);
    await fetch(12_345);
    expect(mock.requests.map((request) => clientsRequestIn(request).minimumHits)).toEqual([12_345]);
  });

  it('that are in no use are left out', async () => {
    intercept = (request) => batch(request, 16, 16, [null, address(1), null]);
    expect(await fetch()).toEqual([address(1)]);
  });

  it('are no more than a batch has room for, whatever number it tells', async () => {
    intercept = (request) => batch(request, 16, 16, addresses(8), 0xffffffff);
    expect(await fetch()).toEqual(addresses(8));
  });
});

describe('a table that changes meanwhile', () => {
  it('and grows is read again: each client once, also one that has moved', async () => {
    setClients(16);
    intercept = () => {
      // chronyd enlarges its table, in which each client has another place
      if (mock.requests.length === 1) setClients(40, (i) => address((i * 7) % 40));
      return undefined;
    };
    const found = await fetch();
    expect(found.toSorted()).toEqual(addresses(40).toSorted());
    expect(firstIndices().slice(0, 3)).toEqual([0, 8, 0]);
  });

  it('and grows again and again is an error in the end', async () => {
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

  it('and has become shorter is that of another chronyd: the clients of the one before are forgotten', async () => {
    setClients(40);
    intercept = () => {
      if (mock.requests.length === 2) setClients(10, (i) => address(1000 + i));
      return undefined;
    };
    expect(await fetch()).toEqual(Array.from({ length: 10 }, (_, i) => address(1000 + i)));
  });

  it('and has become much shorter after many batches is read from the start', async () => {
    setClients(300);
    intercept = () => {
      if (mock.requests.length === 20) setClients(10, (i) => address(1000 + i));
      return undefined;
    };
    expect(await fetch()).toEqual(Array.from({ length: 10 }, (_, i) => address(1000 + i)));
    expect(firstIndices().slice(20)).toEqual([160, 0, 8]);
  });

  it('keeps what a client has asked last, where it comes twice', async () => {
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

describe('a hostile next index', () => {
  it.each<[string, (first: number) => [indices: number, next: number]]>([
    ['that stays where it is', (first) => [100, first]],
    ['that goes back', (first) => [100, first === 0 ? 8 : 0]],
    ['that is one further each time', (first) => [2 ** 20, first + 1]],
    ['in a table longer than any', () => [0xffffffff, 8]],
    ['beyond a table longer than any', () => [0x80000000, 0xffffffff]],
  ])('%s is an error that says so, soon', async (_, next) => {
    intercept = (request) => {
      const [indices, nextIndex] = next(clientsRequestIn(request).firstIndex);
      // where every index is asked for, the table shrinks before there are a million requests
      return batch(request, mock.requests.length > 100 ? 100 : indices, nextIndex, []);
    };
    await expect(fetch()).rejects.toMatchObject({
      name: 'ChronyDataError',
      message: expect.stringContaining('which no chronyd does'),
    });
    expect(mock.requests.length).toBeLessThan(120);
  });

  it('at the end of the table, or beyond, is the end', async () => {
    intercept = (request) => batch(request, 16, 0xffffffff, addresses(2));
    expect(await fetch()).toEqual(addresses(2));
    expect(mock.requests).toHaveLength(1);
  });
});

describe('a call', () => {
  it('fails with the refusal of a batch, the first or a later one', async () => {
    setClients(40);
    for (const refused of [1, 3]) {
      mock.requests.length = 0;
      intercept = (request) => (mock.requests.length === refused ? [encodeRefusal(request, 2)] : undefined);
      await expect(fetch()).rejects.toMatchObject({ name: 'ChronyPermissionError', errorCode: 9 });
      expect(mock.requests).toHaveLength(refused);
    }
  });

  it('fails where chronyd keeps no clients', async () => {
    mock.scenario = scenario(mock.scenario, { clients: null });
    await expect(fetch()).rejects.toMatchObject({ name: 'ChronyDataError', errorCode: 10 });
  });

  it('that is aborted between two batches makes no request more', async () => {
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

  it('beside others has all clients, as they have', async () => {
    setClients(100);
    const all = await Promise.all(Array.from({ length: 20 }, () => fetch()));
    for (const found of all) expect(found).toEqual(addresses(100));
    expect(mock.requests).toHaveLength(20 * 13);
  });
});
