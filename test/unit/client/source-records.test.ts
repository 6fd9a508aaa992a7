/** Reports with a record per source, from a mock chronyd whose sources change. */

import { getEventListeners } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type ChannelPool, MAX_CHANNELS } from '../../../src/client/pool.ts';
import { fetchRecords, fetchReports, type RecordsOf } from '../../../src/client/source-records.ts';
import { ChronyDataError } from '../../../src/errors.ts';
import { answer } from '../../../src/testing/answer.ts';
import {
  type Intercept,
  type MockChronyd,
  type MockRequest,
  type MockSource,
  ntpSource,
  referenceClock,
  scenario,
} from '../../../src/testing/index.ts';
import { encodeRefusal, encodeReply, ReplyStatus } from '../../../src/testing/reply.ts';
import { indexIn, parseRequest } from '../../../src/testing/requests.ts';
import { numberIn } from '../../support/record.ts';
import { MockPool } from './mock-pool.ts';

const ENOUGH = new Error('enough');

/** Request codes. */
const NUMBER = 14;
const SOURCES = 15;
const TRACKING = 33;
const SOURCESTATS = 34;
const AUTHDATA = 67;

const SOURCE_ADDRESS: RecordsOf<string | null> = {
  report: 'sources',
  isByAddress: false,
  read: (record) => record.text('address'),
};

/** A source whose address and key ID contain its number. */
const source = (number: number): MockSource =>
  ntpSource(address(number), { auth: { mode: 'symmetric key', keyType: 'SHA256', keyId: number } });
const address = (number: number): string => `192.0.2.${number}`;
const numbers = (length: number): number[] => Array.from({ length }, (_, i) => i + 1);

const KEY_ID: RecordsOf<readonly [address: string, keyId: number]> = {
  report: 'authdata',
  isByAddress: true,
  read: (record, of) => [of, numberIn(record, 'key ID')],
};
const keyIdOf = (number: number) => [address(number), number];

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

function setSources(...list: readonly number[]): void {
  mock.scenario = scenario(mock.scenario, { sources: list.map(source) });
}

const fetchSources = (signal?: AbortSignal) => fetchRecords(pool, SOURCE_ADDRESS, signal);

const outcome = (fetched: Promise<unknown>): Promise<unknown> => fetched.catch((error: unknown) => error);

/** Returns the index of the requested record. */
function indexOf({ datagram }: MockRequest): number {
  return indexIn(parseRequest(datagram) ?? expect.fail('not a request'));
}

const requestsOf = (code: number): MockRequest[] => mock.requests.filter((request) => request.code === code);
const requestsAt = (code: number, index: number): number =>
  requestsOf(code).filter((request) => indexOf(request) === index).length;

const codes = (): number[] => mock.requests.map(({ code }) => code);

/** Expects that no call is under way, so that every channel can be closed. */
function expectNothingUnderWay(): void {
  pool.retire();
  expect(pool.finished).toBe(true);
}

describe('records', () => {
  it('are in the order of the sources even if the replies arrive in another order', async () => {
    setSources(...numbers(MAX_CHANNELS));
    const read: (string | null)[] = [];
    intercept = (request, reply) =>
      request.code === SOURCES && requestsOf(SOURCES).length > 1 && reply !== null
        ? [{ datagram: reply, delayMs: 5 * (MAX_CHANNELS - indexOf(request)) }]
        : undefined;
    const records = fetchRecords(
      pool,
      {
        ...SOURCE_ADDRESS,
        read: (record) => {
          read.push(record.text('address'));
          return read.at(-1);
        },
      },
      undefined,
    );
    const addresses = numbers(MAX_CHANNELS).map(address);
    expect(await records).toEqual(addresses);
    expect(read.toSorted()).toEqual(addresses.toSorted());
    expect(read).not.toEqual(addresses);
  });

  it('that are read as undefined are left out', async () => {
    setSources(1, 2, 3);
    const of: RecordsOf<string | null> = {
      ...SOURCE_ADDRESS,
      read: (record) => (record.text('address') === address(2) ? undefined : record.text('address')),
    };
    expect(await fetchRecords(pool, of, undefined)).toEqual([address(1), address(3)]);
  });

  it('are requested over eight sockets', async () => {
    setSources(...numbers(64));
    expect(await fetchSources()).toEqual(numbers(64).map(address));
    expect(new Set(mock.requests.map(({ client }) => client)).size).toBe(MAX_CHANNELS);
  });

  it('let other callers have their turn in between', async () => {
    setSources(...numbers(64));
    let other: Promise<number> | undefined;
    let requestsBefore = 0;
    const records = fetchRecords(
      pool,
      {
        ...SOURCE_ADDRESS,
        read: (record) => {
          if (other === undefined) {
            requestsBefore = mock.requests.length;
            other = pool.ask('tracking', 0, (session) => numberIn(session.record, 'stratum'), undefined);
          }
          return record.text('address');
        },
      },
      undefined,
    );
    expect(await records).toHaveLength(64);
    expect(await other).toBe(mock.scenario.tracking.stratum);
    expect(codes().indexOf(TRACKING)).toBeLessThanOrEqual(requestsBefore + MAX_CHANNELS);
  });
});

describe('a list of sources', () => {
  it('that is empty takes one request and leaves no listener on the signal', async () => {
    setSources();
    const { signal } = new AbortController();
    expect(await fetchSources(signal)).toEqual([]);
    expect(codes()).toEqual([NUMBER]);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  it('with one source takes two requests and leaves no listener on the signal', async () => {
    setSources(7);
    const { signal } = new AbortController();
    expect(await fetchSources(signal)).toEqual([address(7)]);
    expect(codes()).toEqual([NUMBER, SOURCES]);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  it('with two sources is checked after it was read', async () => {
    setSources(1, 2);
    const { signal } = new AbortController();
    expect(await fetchSources(signal)).toEqual([address(1), address(2)]);
    expect(codes()).toEqual([NUMBER, SOURCES, SOURCES, SOURCES]);
    expect(requestsOf(SOURCES).map(indexOf)).toEqual([1, 0, 1]);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  it('that is longer than chronyd allows is invalid', async () => {
    intercept = (request) => [encodeReply(2, request, { sources: 65_537 })];
    await expect(fetchSources()).rejects.toMatchObject({
      name: 'ChronyDataError',
      message: expect.stringContaining(
        'sources: the reply claims 65537 sources, but chronyd has at most 65536',
      ),
    });
    expect(codes()).toEqual([NUMBER]);
  });

  const changes: [what: string, before: number[], after: number[]][] = [
    ['loses a source', [1, 2, 3], [2, 3]],
    ['loses its last source', [1, 2, 3], [1, 2]],
    ['loses all sources', [1, 2, 3], []],
    ['loses one source and gets another', [1, 2, 3], [2, 3, 4]],
  ];

  it.each(changes)('that %s midway is read again', async (_, before, after) => {
    setSources(...before);
    intercept = () => {
      if (requestsOf(SOURCES).length === 2) setSources(...after);
      return undefined;
    };
    expect(await fetchSources()).toEqual(after.map(address));
  });

  it('that gets a source midway is returned without it', async () => {
    setSources(1, 2, 3);
    intercept = () => {
      if (requestsOf(SOURCES).length === 2) setSources(1, 2, 3, 4);
      return undefined;
    };
    expect(await fetchSources()).toEqual([1, 2, 3].map(address));
    expect(requestsOf(SOURCES)).toHaveLength(4);
  });

  it('that loses its last source after it was counted is counted again', async () => {
    setSources(1, 2, 3);
    intercept = ({ code }) => {
      if (code === NUMBER && requestsOf(NUMBER).length === 1) setSources(1, 2);
      return undefined;
    };
    expect(await fetchSources()).toEqual([1, 2].map(address));
  });

  it('in which a source was read twice because the others moved up is read again', async () => {
    setSources(1, 2, 3);
    intercept = (request) => {
      const requests = requestsOf(SOURCES);
      // one request per record, the last record first
      if (request.code !== SOURCES || requests.length > 3) return undefined;
      const after = scenario(mock.scenario, { sources: [2, 3].map(source) });
      const moved = requests.length > 1 && indexOf(request) === 1 ? answer(after, request.datagram) : null;
      if (requests.length === 3) mock.scenario = after;
      return moved === null ? undefined : [moved];
    };
    expect(await fetchSources()).toEqual([2, 3].map(address));
  });

  it('that keeps changing is an error after ten rounds', async () => {
    let last = 3;
    setSources(1, 2, last);
    intercept = (request) => {
      if (request.code === SOURCES && indexOf(request) === 0) setSources(1, 2, ++last);
      return undefined;
    };
    await expect(fetchSources()).rejects.toMatchObject({
      name: 'ChronyDataError',
      message: 'sources: the list of sources kept changing; ask again',
    });
    expect(requestsAt(SOURCES, 0)).toBe(10);
  });
});

describe('a refused record', () => {
  const refuse = (until: number, ...indexes: readonly number[]): Intercept => {
    return (request) => {
      if (request.code !== SOURCES || !indexes.includes(indexOf(request))) return undefined;
      return requestsAt(SOURCES, indexOf(request)) <= until
        ? [encodeRefusal(request, ReplyStatus.NO_SUCH_SOURCE)]
        : undefined;
    };
  };

  it('is requested again', async () => {
    setSources(1, 2, 3);
    intercept = refuse(1, 1);
    expect(await fetchSources()).toEqual([1, 2, 3].map(address));
    expect(requestsAt(SOURCES, 1)).toBe(2);
  });

  it('is requested three times while the list stays the same, and then left out', async () => {
    setSources(1, 2, 3);
    intercept = refuse(Infinity, 1);
    expect(await fetchSources()).toEqual([1, 3].map(address));
    expect(requestsAt(SOURCES, 1)).toBe(3);
  });

  it('is an error with the reason if all others are refused, too', async () => {
    setSources(1, 2, 3);
    intercept = refuse(Infinity, 0, 1, 2);
    await expect(fetchSources()).rejects.toMatchObject({ name: 'ChronyDataError', errorCode: 11 });
  });
});

describe('a report by address', () => {
  const fetchKeyIds = () => fetchRecords(pool, KEY_ID, undefined);

  it('is requested by the address from sourcestats', async () => {
    setSources(1, 2);
    expect(await fetchKeyIds()).toEqual([1, 2].map(keyIdOf));
    expect(codes()).toEqual([NUMBER, SOURCESTATS, AUTHDATA, SOURCESTATS, AUTHDATA, SOURCESTATS]);
  });

  it('leaves out reference clocks and sends no request for them', async () => {
    mock.scenario = scenario(mock.scenario, { sources: [source(1), referenceClock('GPS'), source(3)] });
    expect(await fetchKeyIds()).toEqual([1, 3].map(keyIdOf));
    expect(requestsOf(AUTHDATA)).toHaveLength(2);
  });

  const moments = Array.from({ length: 16 }, (_, i) => i + 1);

  // when two sources change places, neither the length of the list nor its end shows it
  it.each(moments)(
    'gives each record its own address when two sources change places at request %i',
    async (moment) => {
      setSources(1, 2, 3);
      intercept = () => {
        if (mock.requests.length === moment) setSources(2, 1, 3);
        return undefined;
      };
      const records = await fetchKeyIds();
      for (const [of, keyId] of records) expect(of).toBe(address(keyId));
      expect(records.map(([, keyId]) => keyId).toSorted()).toEqual([1, 2, 3]);
    },
  );

  it('is read again if a source gets another address midway', async () => {
    setSources(1, 2, 3);
    intercept = ({ code }) => {
      // the second source is no longer found by its old address
      if (code === AUTHDATA && requestsOf(AUTHDATA).length === 2) setSources(1, 9, 3);
      return undefined;
    };
    expect(await fetchKeyIds()).toEqual([1, 9, 3].map(keyIdOf));
    expect(requestsOf(AUTHDATA).length).toBeGreaterThan(3);
  });
});

describe('several reports', () => {
  const STRATUM: RecordsOf<unknown> = {
    report: 'sources',
    isByAddress: false,
    read: (record) => numberIn(record, 'stratum'),
  };
  const SAMPLES: RecordsOf<unknown> = {
    report: 'sourcestats',
    isByAddress: false,
    read: (record) => numberIn(record, 'samples'),
  };
  const refuse = (code: number): Intercept => {
    return (request) =>
      request.code === code ? [encodeRefusal(request, ReplyStatus.UNAUTHORIZED)] : undefined;
  };

  it('are read together: one request per record, for the number of sources and for the end of the list', async () => {
    setSources(1, 2, 3, 4);
    const [strata, samples, keys] = await fetchReports(pool, [STRATUM, SAMPLES, KEY_ID], undefined);
    expect(strata).toEqual({ value: [2, 2, 2, 2], error: null });
    expect(samples).toEqual({ value: [12, 12, 12, 12], error: null });
    expect(keys).toEqual({ value: [1, 2, 3, 4].map(keyIdOf), error: null });
    expect(codes().toSorted()).toEqual(
      [
        NUMBER,
        SOURCES,
        ...[SOURCES, SOURCESTATS, AUTHDATA].flatMap((code) => Array(4).fill(code)),
      ].toSorted(),
    );
  });

  it('have no record by address for a reference clock', async () => {
    mock.scenario = scenario(mock.scenario, { sources: [source(1), referenceClock('GPS')] });
    const [strata, keys] = await fetchReports(pool, [STRATUM, KEY_ID], undefined);
    expect(strata).toEqual({ value: [2, 0], error: null });
    expect(keys).toEqual({ value: [keyIdOf(1)], error: null });
    expect(codes()).not.toContain(SOURCESTATS);
  });

  it.each([
    ['the first', SOURCES, 0],
    ['the second', SOURCESTATS, 1],
    ['the last', AUTHDATA, 2],
  ])('are returned if chronyd refuses %s, which is requested once', async (_, code, place) => {
    setSources(...numbers(20));
    intercept = refuse(code);
    const fetched = await fetchReports(pool, [STRATUM, SAMPLES, KEY_ID], undefined);
    expect(fetched[place]).toMatchObject({ value: null, error: { name: 'ChronyPermissionError' } });
    for (const other of fetched.toSpliced(place, 1)) {
      expect(other).toMatchObject({ error: null, value: { length: 20 } });
    }
    expect(requestsOf(code)).toHaveLength(1);
  });

  it('that are all refused take one request each, and one for the number of sources', async () => {
    setSources(...numbers(20));
    intercept = (request) =>
      request.code === NUMBER ? undefined : [encodeRefusal(request, ReplyStatus.UNAUTHORIZED)];
    const fetched = await fetchReports(pool, [STRATUM, SAMPLES], undefined);
    expect(fetched.map(({ error }) => error?.name)).toEqual([
      'ChronyPermissionError',
      'ChronyPermissionError',
    ]);
    expect(codes()).toEqual([NUMBER, SOURCES, SOURCESTATS]);
    expectNothingUnderWay();
  });

  it('take no request if the list of reports is empty', async () => {
    expect(await fetchReports(pool, [], undefined)).toEqual([]);
    expect(codes()).toEqual([]);
  });
});

describe('an abort', () => {
  const moments: [when: string, is: (request: MockRequest) => boolean][] = [
    ['the number of sources', ({ code }) => code === NUMBER],
    ['the last source', (request) => request.code === SOURCES && indexOf(request) === 19],
    ['all records', (request) => request.code === SOURCES && indexOf(request) < 19],
    [
      'the last records',
      (request) => request.code === SOURCES && indexOf(request) >= 12 && indexOf(request) < 19,
    ],
    [
      'the last source at the final check',
      (request) => request.code === SOURCES && indexOf(request) === 19 && requestsAt(SOURCES, 19) > 1,
    ],
  ];

  it.each(moments)('ends everything at once while waiting for a reply about %s', async (_, isHeld) => {
    setSources(...numbers(20));
    let held = 0;
    intercept = (request) => {
      if (!isHeld(request)) return undefined;
      held++;
      return [];
    };
    const controller = new AbortController();
    const records = outcome(fetchSources(controller.signal));
    await vi.waitFor(() => expect(held).toBeGreaterThan(0));
    controller.abort(ENOUGH);
    expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
    expect(await records).toBe(ENOUGH);
    expectNothingUnderWay();
  });

  it('requests no other record, even if its reason looks like a refused record', async () => {
    setSources(...numbers(20));
    intercept = (request) => (request.code === SOURCES && indexOf(request) < 19 ? [] : undefined);
    const controller = new AbortController();
    const records = outcome(fetchSources(controller.signal));
    await vi.waitFor(() => expect(requestsOf(SOURCES).length).toBeGreaterThan(1));
    const refusal = new ChronyDataError('gone', { errorCode: 11 });
    const admit = vi.spyOn(pool, 'admit');
    controller.abort(refusal);
    expect(await records).toBe(refusal);
    expect(admit).not.toHaveBeenCalled();
    expectNothingUnderWay();
  });

  it('before the call sends nothing', async () => {
    await expect(fetchSources(AbortSignal.abort(ENOUGH))).rejects.toBe(ENOUGH);
    expect(mock.requests).toEqual([]);
    expectNothingUnderWay();
  });
});

it('ends all calls at once on an error that is not the refusal of one record', async () => {
  setSources(...numbers(20));
  intercept = (request) => {
    if (request.code !== SOURCES || indexOf(request) === 19) return undefined;
    return indexOf(request) === 3 ? [encodeRefusal(request, ReplyStatus.UNAUTHORIZED)] : [];
  };
  const { signal } = new AbortController();
  await expect(fetchSources(signal)).rejects.toMatchObject({ name: 'ChronyPermissionError' });
  expect(getEventListeners(signal, 'abort')).toEqual([]);
  expectNothingUnderWay();
});
