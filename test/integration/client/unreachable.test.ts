/** No chronyd, or none that answers: what is thrown, and that nobody waits longer than asked. */
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

/** Longer than a test may take: whoever waits for it hangs. */
const FOREVER = { timeoutMs: 600_000, retries: 0 };

function failure(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => expect.fail('it should have been rejected'),
    (reason: unknown) => reason,
  );
}

describe('nobody listens', () => {
  it.each([
    ['IPv4', '127.0.0.1'],
    ['IPv6', '[::1]'],
    ['a name', 'localhost'],
  ])('is a connection error at once, over %s', async (_, host) => {
    const address = `${host}:${await freePort()}`;
    const error = await failure(getTracking({ address, ...FOREVER }));
    expect(error).toBeInstanceOf(ChronyConnectionError);
    expect(error).not.toBeInstanceOf(ChronyTimeoutError);
    expect(String(error)).toContain('ECONNREFUSED; nothing listens there; check that chronyd is running');
  });

  it('names everything that was tried where no address was given', async () => {
    // whether this machine has a chronyd on port 323 or not
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

  it('says what it can do about a Unix socket, where one is asked for', async () => {
    const error = await failure(getTracking('/nowhere/chronyd.sock'));
    expect(error).toBeInstanceOf(ChronyConnectionError);
    expect(String(error)).toContain('/nowhere/chronyd.sock');
  });
});

describe('what cannot be reached', () => {
  it('an unreachable network', async () => {
    // a multicast-scoped source with no route: the kernel refuses to connect
    const error = await failure(getTracking('[fe80::1%nosuchinterface]:323'));
    expect(error).toBeInstanceOf(ChronyConnectionError);
  });

  it('a name that does not resolve', async () => {
    const error = await failure(getTracking('no-such-host.invalid'));
    expect(error).toBeInstanceOf(ChronyConnectionError);
    expect(error).toHaveProperty('code', 'ERR_CHRONY_RESOLVE');
    expect(String(error)).toContain("'no-such-host.invalid'");
  });

  it('an address that the system denies', async () => {
    const error = await failure(getTracking('255.255.255.255'));
    expect(error).toBeInstanceOf(ChronyPermissionError);
    expect(String(error)).toContain('EACCES');
  });
});

describe('somebody listens and does not answer', () => {
  let silent: MockChronyd;

  beforeAll(async () => {
    silent = await startMockChronyd('silence');
  });
  afterAll(() => silent?.close());

  it('is a timeout error after the time asked for, each try twice as long', async () => {
    const options = { address: silent.address, timeoutMs: 50, retries: 2 };
    silent.requests.length = 0;
    const start = performance.now();
    const error = await failure(getTracking(options));
    // less what timers round off; one after the other and equally long they would take half of it
    expect(performance.now() - start).toBeGreaterThanOrEqual(348);
    expect(error).toBeInstanceOf(ChronyTimeoutError);
    expect(error).toHaveProperty('code', 'ERR_CHRONY_TIMEOUT');
    expect(String(error)).toContain('no answer in 350 ms (3 tries)');
    expect(silent.requests).toHaveLength(3);
    expect(new Set(silent.requests.map(({ sequence }) => sequence)).size).toBe(3);
  });

  it('asks once without retries', async () => {
    silent.requests.length = 0;
    const error = await failure(getTracking({ address: silent.address, timeoutMs: 30, retries: 0 }));
    expect(String(error)).toContain('no answer in 30 ms (1 try)');
    expect(silent.requests).toHaveLength(1);
  });

  it('is a timeout also for calls that never got their turn', async () => {
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
  ])('an aborted signal ends %s at once, with its reason', async (_, call) => {
    const reason = new Error('enough');
    const controller = new AbortController();
    setTimeout(() => controller.abort(reason), 20);
    expect(await failure(call(controller.signal))).toBe(reason);
    expect(await failure(call(AbortSignal.abort(reason)))).toBe(reason);
  });

  it('closing ends calls under way with an error', async () => {
    const connection = await ChronyConnection.open({ address: silent.address, ...FOREVER });
    const calls = Array.from({ length: 20 }, () => failure(connection.getTracking()));
    setTimeout(() => connection.close(), 20);
    const errors = [...(await Promise.all(calls)), await failure(connection.getTracking())];
    for (const error of errors) expect(error).toHaveProperty('code', 'ERR_CHRONY_CLOSED');
    await connection.close();
  });

  it('a retry finds an answer that the first try missed', async () => {
    await using deaf = await startMockChronyd('synchronized', {
      intercept: () => (deaf.requests.length < 3 ? [] : undefined),
    });
    const status = await getTracking({ address: deaf.address, timeoutMs: 200, retries: 2 });
    expect(status.stratum).toBe(deaf.scenario.tracking.stratum);
    expect(deaf.requests).toHaveLength(3);
  });
});

describe('a port that was refused once', () => {
  it('is asked again with a new socket', async () => {
    const port = await freePort();
    const connection = await ChronyConnection.open(`127.0.0.1:${port}`);
    const error = await failure(connection.getTracking());
    expect(error).toBeInstanceOf(ChronyConnectionError);

    await using mock = await startMockChronyd('synchronized', { port });
    expect((await connection.getTracking()).stratum).toBe(mock.scenario.tracking.stratum);
    await connection.close();
  });
});

describe('a stranger', () => {
  it('cannot get a datagram in: the kernel drops what the peer did not send', async () => {
    const stranger = createSocket('udp4');
    await new Promise<void>((bound) => stranger.bind(0, '127.0.0.1', bound));
    await using mock = await startMockChronyd('synchronized', {
      // the right answer, from another port, then silence
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
