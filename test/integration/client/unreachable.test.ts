/** Without a chronyd, or with one that does not answer, calls throw the right error and wait no longer than configured. */
import { createSocket } from 'node:dgram';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  ChronyConnection,
  ChronyConnectionError,
  ChronyError,
  ChronyPermissionError,
  ChronyTimeoutError,
  getTracking,
} from '../../../src/index.ts';
import { type MockChronyd, startMockChronyd } from '../../../src/testing/index.ts';
import { freePort } from '../../support/ports.ts';

/** Longer than the test timeout: a test that waits for it fails. */
const FOREVER = { timeoutMs: 600_000, retries: 0 };

function failure(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => expect.fail('it should have been rejected'),
    (reason: unknown) => reason,
  );
}

describe('a port on which nothing listens', () => {
  it.each([
    ['IPv4', '127.0.0.1'],
    ['IPv6', '[::1]'],
    ['a name', 'localhost'],
  ])('causes a connection error immediately, over %s', async (_, host) => {
    const address = `${host}:${await freePort()}`;
    const error = await failure(getTracking({ address, ...FOREVER }));
    expect(error).toBeInstanceOf(ChronyConnectionError);
    expect(error).not.toBeInstanceOf(ChronyTimeoutError);
    expect(String(error)).toContain('ECONNREFUSED; nothing listens there; check that chronyd is running');
  });

  it('causes an error that names every tried endpoint if no address was given', async () => {
    // must pass with and without a chronyd on port 323 of this machine
    const outcome = await getTracking().catch((error: unknown) => error);
    if (!(outcome instanceof ChronyError)) return expect(outcome).toHaveProperty('stratum');
    expect(outcome).toBeInstanceOf(ChronyConnectionError);
    for (const tried of [
      '/run/chrony/chronyd.sock',
      '/var/run/chrony/chronyd.sock',
      '127.0.0.1:323',
      '[::1]:323',
    ]) {
      expect(outcome.message).toContain(tried);
    }
  });

  it('causes an error that names the path of a missing Unix socket', async () => {
    const error = await failure(getTracking('/nowhere/chronyd.sock'));
    expect(error).toBeInstanceOf(ChronyConnectionError);
    expect(String(error)).toContain('/nowhere/chronyd.sock');
  });
});

describe('an unreachable address', () => {
  it('causes a connection error on an unreachable network', async () => {
    // a multicast-scoped source with no route: the kernel refuses to connect
    const error = await failure(getTracking('[fe80::1%nosuchinterface]:323'));
    expect(error).toBeInstanceOf(ChronyConnectionError);
  });

  it('causes a resolve error for an unknown name', async () => {
    const error = await failure(getTracking('no-such-host.invalid'));
    expect(error).toBeInstanceOf(ChronyConnectionError);
    expect(error).toHaveProperty('code', 'ERR_CHRONY_RESOLVE');
    expect(String(error)).toContain("'no-such-host.invalid'");
  });

  it('causes a permission error for an address that the system denies', async () => {
    const error = await failure(getTracking('255.255.255.255'));
    expect(error).toBeInstanceOf(ChronyPermissionError);
    expect(String(error)).toContain('EACCES');
  });
});

describe('a chronyd that does not answer', () => {
  let silent: MockChronyd;

  beforeAll(async () => {
    silent = await startMockChronyd('silence');
  });
  afterAll(() => silent?.close());

  it('causes a timeout error after the configured time, which doubles with each try', async () => {
    const options = { address: silent.address, timeoutMs: 50, retries: 2 };
    silent.requests.length = 0;
    const start = performance.now();
    const error = await failure(getTracking(options));
    // 350 ms less the rounding of timers; tries of equal length would take less than half of it
    expect(performance.now() - start).toBeGreaterThanOrEqual(348);
    expect(error).toBeInstanceOf(ChronyTimeoutError);
    expect(error).toHaveProperty('code', 'ERR_CHRONY_TIMEOUT');
    expect(String(error)).toContain('no answer in 350 ms (3 tries)');
    expect(silent.requests).toHaveLength(3);
    expect(new Set(silent.requests.map(({ sequence }) => sequence)).size).toBe(3);
  });

  it('receives a single request without retries', async () => {
    silent.requests.length = 0;
    const error = await failure(getTracking({ address: silent.address, timeoutMs: 30, retries: 0 }));
    expect(String(error)).toContain('no answer in 30 ms (1 try)');
    expect(silent.requests).toHaveLength(1);
  });

  it('also causes a timeout error for calls that are still in the queue', async () => {
    const connection = await ChronyConnection.open({ address: silent.address, timeoutMs: 100, retries: 0 });
    const calls = Array.from({ length: 40 }, () => failure(connection.getTracking()));
    for (const error of await Promise.all(calls)) expect(error).toBeInstanceOf(ChronyTimeoutError);
    await connection.close();
  });

  it.each([
    ['one-shot', (signal: AbortSignal) => getTracking({ address: silent.address, ...FOREVER, signal })],
    [
      'a call',
      async (signal: AbortSignal) => {
        const connection = await ChronyConnection.open({ address: silent.address, ...FOREVER });
        await connection.getTracking({ signal }).finally(() => connection.close());
      },
    ],
    [
      'a connection',
      async (signal: AbortSignal) => {
        const connection = await ChronyConnection.open({ address: silent.address, ...FOREVER, signal });
        await connection.getSources().finally(() => connection.close());
      },
    ],
  ])('an aborted signal ends %s immediately, with its reason', async (_, call) => {
    const reason = new Error('enough');
    const controller = new AbortController();
    setTimeout(() => controller.abort(reason), 20);
    expect(await failure(call(controller.signal))).toBe(reason);
    expect(await failure(call(AbortSignal.abort(reason)))).toBe(reason);
  });

  it('closing the connection ends pending calls with an error', async () => {
    const connection = await ChronyConnection.open({ address: silent.address, ...FOREVER });
    const calls = Array.from({ length: 20 }, () => failure(connection.getTracking()));
    setTimeout(() => connection.close(), 20);
    const errors = [...(await Promise.all(calls)), await failure(connection.getTracking())];
    for (const error of errors) expect(error).toHaveProperty('code', 'ERR_CHRONY_CLOSED');
    await connection.close();
  });

  it('a retry succeeds after the first tries were lost', async () => {
    await using deaf = await startMockChronyd('synchronized', {
      intercept: () => (deaf.requests.length < 3 ? [] : undefined),
    });
    const status = await getTracking({ address: deaf.address, timeoutMs: 200, retries: 2 });
    expect(status.stratum).toBe(deaf.scenario.tracking.stratum);
    expect(deaf.requests).toHaveLength(3);
  });
});

describe('a port that refused a request', () => {
  it('is tried again with a new socket', async () => {
    const port = await freePort();
    const connection = await ChronyConnection.open(`127.0.0.1:${port}`);
    const error = await failure(connection.getTracking());
    expect(error).toBeInstanceOf(ChronyConnectionError);

    await using mock = await startMockChronyd('synchronized', { port });
    expect((await connection.getTracking()).stratum).toBe(mock.scenario.tracking.stratum);
    await connection.close();
  });
});

describe('a third party', () => {
  it('cannot inject a datagram: the kernel drops datagrams that the peer did not send', async () => {
    const stranger = createSocket('udp4');
    await new Promise<void>((bound) => stranger.bind(0, '127.0.0.1', bound));
    await using mock = await startMockChronyd('synchronized', {
      // the correct reply from another port, and none from the right port
      intercept: (request, reply) => {
        const clientPort = Number(request.client.split(':').at(-1));
        if (reply !== null) stranger.send(reply, clientPort, '127.0.0.1');
        return [];
      },
    });
    const error = await failure(getTracking({ address: mock.address, timeoutMs: 100, retries: 0 }));
    expect(error).toBeInstanceOf(ChronyTimeoutError);
    stranger.close();
  });
});
