/** The names of sources, and the number of requests for them that a mock chronyd receives. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ChronyConnection } from '../../../src/index.ts';
import {
  type Intercept,
  type MockChronyd,
  type MockSource,
  ntpSource,
  referenceClock,
  scenario,
  startMockChronyd,
} from '../../../src/testing/index.ts';
import { encodeRefusal, ReplyStatus } from '../../../src/testing/reply.ts';

const ENOUGH = new Error('enough');
const SOURCENAME = 65;

let mock: MockChronyd;
let chrony: ChronyConnection;
let intercept: Intercept;

beforeEach(async () => {
  intercept = () => undefined;
  mock = await startMockChronyd('synchronized', {
    intercept: (request, reply) => intercept(request, reply),
  });
  setSources(server(1), server(2), referenceClock('GPS'), server(3));
  chrony = await ChronyConnection.open({ address: mock.address, timeoutMs: 60_000, retries: 0 });
});
afterEach(async () => {
  await chrony.close();
  await mock.close();
});

const server = (number: number): MockSource =>
  ntpSource(`192.0.2.${number}`, { name: `ntp${number}.example` });

function setSources(...sources: readonly MockSource[]): void {
  mock.scenario = scenario(mock.scenario, { sources });
}

const names = async (signal?: AbortSignal): Promise<(string | null)[]> =>
  (await chrony.getSources({ names: true, signal })).map(({ name }) => name);

/** Returns the number of requests for a name since the last call. */
function takeRequestCount(): number {
  const number = mock.requests.filter(({ code }) => code === SOURCENAME).length;
  mock.requests.length = 0;
  return number;
}

const ALL = ['ntp1.example', 'ntp2.example', null, 'ntp3.example'];

describe('names', () => {
  it('are not requested without `names`', async () => {
    expect((await chrony.getSources()).map(({ name }) => name)).toEqual([null, null, null, null]);
    expect((await chrony.getSources({ names: false })).map(({ name }) => name)).toEqual([
      null,
      null,
      null,
      null,
    ]);
    expect(takeRequestCount()).toBe(0);
  });

  it('take one request per server, and no request while the sources stay the same', async () => {
    expect(await names()).toEqual(ALL);
    expect(takeRequestCount()).toBe(3);
    expect(await names()).toEqual(ALL);
    expect(await chrony.getSourceNames()).toEqual(
      ['192.0.2.1', '192.0.2.2', 'GPS', '192.0.2.3'].map((address, i) => ({ address, name: ALL[i] })),
    );
    expect(takeRequestCount()).toBe(0);
  });

  it.each<[string, readonly MockSource[], (string | null)[], number]>([
    [
      'a source is added',
      [server(1), server(2), referenceClock('GPS'), server(3), server(4)],
      [...ALL, 'ntp4.example'],
      4,
    ],
    [
      'a source is removed',
      [server(1), referenceClock('GPS'), server(3)],
      ['ntp1.example', null, 'ntp3.example'],
      2,
    ],
    [
      'a source is replaced',
      [server(1), server(9), referenceClock('GPS'), server(3)],
      ['ntp1.example', 'ntp9.example', null, 'ntp3.example'],
      3,
    ],
  ])('are requested again when %s', async (_, sources, expected, requests) => {
    await names();
    takeRequestCount();
    setSources(...sources);
    expect(await names()).toEqual(expected);
    expect(takeRequestCount()).toBe(requests);
    expect(await names()).toEqual(expected);
    expect(takeRequestCount()).toBe(0);
  });

  it('are complete for many sources', async () => {
    const many = Array.from({ length: 60 }, (_, i) => i + 1);
    setSources(...many.map(server));
    expect(await names()).toEqual(many.map((number) => `ntp${number}.example`));
    expect(takeRequestCount()).toBe(60);
  });

  it('are correct for concurrent calls, with at most one request per source and call', async () => {
    const all = await Promise.all(Array.from({ length: 5 }, () => names()));
    for (const each of all) expect(each).toEqual(ALL);
    expect(takeRequestCount()).toBeLessThanOrEqual(15);
    await names();
    expect(takeRequestCount()).toBe(0);
  });

  it('take no request if no source has a name', async () => {
    setSources();
    expect(await names()).toEqual([]);
    setSources(referenceClock('GPS'));
    expect(await names()).toEqual([null]);
    expect(takeRequestCount()).toBe(0);
  });

  it('are null for a server with an unknown address family; the call does not fail', async () => {
    intercept = (request, reply) => {
      if (request.code !== 15 || reply === null) return undefined;
      const odd = Uint8Array.from(reply);
      odd[28 + 17] = 99;
      return [odd];
    };
    setSources(server(1));
    expect(await chrony.getSources({ names: true })).toMatchObject([{ address: '[UNSPEC]', name: null }]);
    expect(takeRequestCount()).toBe(0);
  });
});

describe('the names are null if chronyd does not give them', () => {
  it.each([
    ['by default', ReplyStatus.UNAUTHORIZED],
    ['because it is old', ReplyStatus.INVALID],
  ])('%s: one request per call', async (_, status) => {
    intercept = (request) => (request.code === SOURCENAME ? [encodeRefusal(request, status)] : undefined);
    for (let i = 0; i < 2; i++) {
      expect(await names()).toEqual([null, null, null, null]);
      expect(takeRequestCount()).toBe(1);
    }
    intercept = () => undefined;
    expect(await names()).toEqual(ALL);
  });

  it('from a later request on: no name is kept', async () => {
    let seen = 0;
    intercept = (request) =>
      request.code === SOURCENAME && ++seen > 1
        ? [encodeRefusal(request, ReplyStatus.UNAUTHORIZED)]
        : undefined;
    expect(await names()).toEqual([null, null, null, null]);
    intercept = () => undefined;
    expect(await names()).toEqual(ALL);
  });
});

describe('a source that is removed before its name is requested', () => {
  it('has no name; the others have theirs, and the next call requests the names again', async () => {
    intercept = (request) => {
      if (request.code === SOURCENAME) setSources(server(1), referenceClock('GPS'), server(3));
      return undefined;
    };
    // the first name was answered before the source was removed
    const first = await names();
    expect(first.filter((name) => name === null).length).toBeLessThanOrEqual(2);
    expect(first[0]).toBe('ntp1.example');
    expect(first[3]).toBe('ntp3.example');
    intercept = () => undefined;
    expect(await names()).toEqual(['ntp1.example', null, 'ntp3.example']);
  });
});

describe('a failure', () => {
  it('of a request for a name fails the call, and no name is kept', async () => {
    intercept = (request) =>
      request.code === SOURCENAME ? [encodeRefusal(request, ReplyStatus.BAD_VERSION)] : undefined;
    await expect(names()).rejects.toMatchObject({ name: 'ChronyDataError', errorCode: 13 });
    intercept = () => undefined;
    expect(await names()).toEqual(ALL);
  });

  it('by an abort ends the call with its reason; the next call returns all names', async () => {
    const controller = new AbortController();
    intercept = (request) => {
      if (request.code !== SOURCENAME) return undefined;
      controller.abort(ENOUGH);
      return [];
    };
    await expect(names(controller.signal)).rejects.toBe(ENOUGH);
    intercept = () => undefined;
    takeRequestCount();
    expect(await names()).toEqual(ALL);
    expect(takeRequestCount()).toBe(3);
  });
});

describe('another chronyd at the same endpoint', () => {
  it('has its own names even if its sources have the same addresses', async () => {
    expect(await names()).toEqual(ALL);
    const { port } = mock;
    await mock.close();
    // after a call without a reply, the next call searches the endpoint again
    await expect(names()).rejects.toMatchObject({ name: 'ChronyConnectionError' });
    const other = [1, 2, 3].map((number) =>
      ntpSource(`192.0.2.${number}`, { name: `other${number}.example` }),
    );
    mock = await startMockChronyd(
      scenario('synchronized', { sources: [...other.slice(0, 2), referenceClock('GPS'), ...other.slice(2)] }),
      { port },
    );
    expect(await names()).toEqual(['other1.example', 'other2.example', null, 'other3.example']);
  });
});
