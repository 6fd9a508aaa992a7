/**
 * Every invalid datagram that arrives before or instead of a reply is ignored or causes a data error. It never
 * becomes the reply to another call.
 */
import { afterEach, describe, expect, it } from 'vitest';
import {
  ChronyConnection,
  ChronyDataError,
  ChronyError,
  ChronyPermissionError,
  ChronyTimeoutError,
  checkHealth,
  getTracking,
} from '../../../src/index.ts';
import { type Intercept, type MockChronyd, startMockChronyd } from '../../../src/testing/index.ts';
import { encodeRefusal, encodeReply } from '../../../src/testing/reply.ts';
import { indexIn } from '../../../src/testing/requests.ts';

/** `PATIENT` is for tests with a reply, which may be slow on a busy machine; `QUICK` is for tests without a reply. */
const PATIENT = { timeoutMs: 10_000, retries: 0 };
const QUICK = { timeoutMs: 60, retries: 0 };

let mock: MockChronyd | undefined;

afterEach(async () => {
  await mock?.close();
});

async function start(intercept: Intercept): Promise<string> {
  mock = await startMockChronyd('synchronized', { intercept });
  return mock.address;
}

/** A copy of the reply with one byte changed. */
function changed(reply: Uint8Array, offset: number, change = 1): Uint8Array {
  const copy = reply.slice();
  copy[offset] = (copy[offset] ?? 0) ^ change;
  return copy;
}

function padded(reply: Uint8Array, length: number): Uint8Array {
  const copy = new Uint8Array(length);
  copy.set(reply.subarray(0, length));
  return copy;
}

/** Invalid datagrams, each made from the correct reply. */
const strays: Readonly<Record<string, (reply: Uint8Array) => Uint8Array>> = {
  'an empty datagram': () => new Uint8Array(0),
  'one byte': () => new Uint8Array([6]),
  'a truncated header': (reply) => reply.slice(0, 27),
  'a wrong version': (reply) => changed(reply, 0),
  'a request': (reply) => changed(reply, 1, 3),
  'reserved bytes set': (reply) => changed(reply, 3),
  'a reply to another request': (reply) => changed(reply, 5),
  'a wrong sequence number': (reply) => changed(reply, 19),
  'a wrong sequence number, high byte': (reply) => changed(reply, 16, 0x80),
  'a datagram of 64 KB': (reply) => padded(reply, 65_507),
  'a datagram one byte longer than the request': (reply) => padded(reply, reply.length + 1),
  noise: (reply) => Uint8Array.from(reply, (_, i) => (i * 167 + 13) & 0xff),
};

describe.each(Object.entries(strays))('%s', (_, make) => {
  it('is ignored if the reply follows', async () => {
    const address = await start((_request, reply) => reply && [make(reply), make(reply), reply]);
    expect((await getTracking({ address, ...PATIENT })).stratum).toBe(mock?.scenario.tracking.stratum);
  });

  it('causes a timeout if no reply follows', async () => {
    const address = await start((_request, reply) => reply && [make(reply)]);
    await expect(getTracking({ address, ...QUICK })).rejects.toThrow(ChronyTimeoutError);
  });
});

describe('an unusable reply', () => {
  it('is a data error if it is truncated, at any length', async () => {
    let length = 28;
    const address = await start((_request, reply) => reply && [reply.slice(0, length)]);
    const full = 28 + 76;
    for (; length < full; length++) {
      const error = await getTracking({ address, ...PATIENT }).catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(ChronyDataError);
      expect(error).toHaveProperty('errorCode', 14);
    }
    await expect(getTracking({ address, ...PATIENT })).resolves.toHaveProperty('stratum');
  });

  it.each([
    ['unauthorised', 2, ChronyPermissionError, 9],
    ['request unknown', 3, ChronyDataError, 12],
    ['not enabled', 6, ChronyDataError, 10],
    ['no RTC', 13, ChronyDataError, 10],
    ['bad version', 18, ChronyDataError, 13],
    ['bad length', 19, ChronyDataError, 13],
    ['failed', 1, ChronyDataError, 11],
    ['no such source', 4, ChronyDataError, 11],
    ['with an unknown number', 999, ChronyDataError, 11],
  ])('is the error of its status: %s', async (_, status, ErrorClass, errorCode) => {
    const address = await start((request) => [encodeRefusal(request, status)]);
    const error = await getTracking({ address, ...PATIENT }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ErrorClass);
    expect(error).toHaveProperty('errorCode', errorCode);
    expect(error).toHaveProperty('message', expect.stringContaining(`tracking from ${address}`));
  });

  it('is a data error if its reply type is unknown', async () => {
    const address = await start((_request, reply) => reply && [changed(reply, 7, 0x40)]);
    await expect(getTracking({ address, ...PATIENT })).rejects.toMatchObject({
      name: 'ChronyDataError',
      errorCode: 13,
    });
  });

  it('is a data error that names the field and the value if a value is out of range', async () => {
    const address = await start((request) => [encodeReply(5, request, { stratum: 17 })]);
    await expect(getTracking({ address, ...PATIENT })).rejects.toThrow('stratum: 17');
  });

  it('is a data error if it claims an impossible number of sources', async () => {
    const address = await start((request) => [encodeReply(2, request, { sources: 0xffffffff })]);
    const connection = await ChronyConnection.open({ address, ...PATIENT });
    await expect(connection.getSources()).rejects.toThrow(ChronyDataError);
    await connection.close();
  });
});

describe('duplicate and late replies', () => {
  it('accepts a reply that arrives many times only once', async () => {
    const address = await start((_request, reply) => reply && Array<Uint8Array>(20).fill(reply));
    const connection = await ChronyConnection.open({ address, ...PATIENT });
    for (let i = 0; i < 50; i++) expect((await connection.getTracking()).stratum).toBe(3);
    expect(mock?.requests).toHaveLength(50);
    await connection.close();
  });

  it('never accepts a late reply as the reply to the next request', async () => {
    // each reply carries the number of its request and arrives after the next request was sent
    let number = 0;
    let held: Uint8Array[] = [];
    const address = await start((request) => {
      const late = held;
      held = [encodeReply(5, request, { 'reference ID': ++number })];
      return late;
    });
    const connection = await ChronyConnection.open({ address, timeoutMs: 30, retries: 3 });
    await expect(connection.getTracking()).rejects.toThrow(ChronyTimeoutError);
    await connection.close();
  });

  it('rejects a replayed reply', async () => {
    let first: Uint8Array | null = null;
    const address = await start((_request, reply) => {
      first ??= reply;
      return first === null ? [] : [first];
    });
    const connection = await ChronyConnection.open({ address, timeoutMs: 2000, retries: 0 });
    await connection.getTracking();
    await expect(connection.getTracking()).rejects.toThrow(ChronyTimeoutError);
    await connection.close();
  });

  it('matches replies to concurrent calls in any order of arrival', async () => {
    const address = await start((request, reply) => {
      const delayMs = (request.sequence % 7) + 1;
      return reply && [{ datagram: reply, delayMs }];
    });
    const connection = await ChronyConnection.open({ address, timeoutMs: 5000 });
    const { tracking, activity } = mock?.scenario ?? expect.fail();
    const calls = Array.from({ length: 60 }, async (_, i) => {
      if (i % 3 === 0) expect((await connection.getTracking()).referenceId).toBe(tracking.referenceId);
      else if (i % 3 === 1) expect(await connection.getActivity()).toEqual(activity);
      else expect((await connection.getSources()).map(({ address: a }) => a)).toEqual(names);
    });
    const names = mock?.scenario.sources.map(({ source }) => source.address);
    await Promise.all(calls);
    await connection.close();
  });
});

it('still reports all other sources if the address of one has an unknown family', async () => {
  const FAMILY = 16;
  /** The offset of the address in the reply about a source, by request code. */
  const places: Readonly<Record<number, number>> = { 15: 28, 34: 32, 69: 32 };
  const address = await start((request, reply) => {
    const at = places[request.code];
    return (
      reply && [at === undefined || indexIn(request) !== 1 ? reply : changed(reply, at + FAMILY + 1, 99)]
    );
  });
  const [first, , third] = (mock?.scenario.sources ?? []).map(({ source }) => source.address);
  const connection = await ChronyConnection.open({ address, ...PATIENT });
  const named = (sources: readonly { address: string }[]) => sources.map((source) => source.address);
  expect(named(await connection.getSources())).toEqual([first, '[UNSPEC]', third]);
  // like chronyc, these fall back to the reference ID
  const byReference = [first, expect.stringMatching(/^\d+\.\d+\.\d+\.\d+$/), third];
  expect(named(await connection.getSourceStats())).toEqual(byReference);
  expect(named(await connection.getSelectData())).toEqual(byReference);
  // the requests of these reports need an address, so the source is omitted
  expect(named(await connection.getAuthData())).toEqual([first, third]);
  expect((await connection.getNtpData()).map(({ remoteAddress }) => remoteAddress)).toEqual([first, third]);
  await connection.close();
  expect((await checkHealth({ address, ...PATIENT })).state).toBe('ok');
});

describe('after an invalid reply', () => {
  it('the same connection continues to work', async () => {
    let turn = 0;
    const address = await start((request, reply) => {
      const refusal = encodeRefusal(request, 4);
      return reply && [[reply], [refusal], [reply.slice(0, 40)], []][turn++ % 4];
    });
    const connection = await ChronyConnection.open({ address, timeoutMs: 1000, retries: 0 });
    for (let i = 0; i < 12; i++) {
      const outcome = await connection.getTracking().catch((error: unknown) => error);
      if (i % 4 === 0) expect(outcome).toHaveProperty('stratum', 3);
      else expect(outcome).toBeInstanceOf(ChronyError);
    }
    await connection.close();
  });
});
