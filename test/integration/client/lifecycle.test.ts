/** A long-running process survives restarts and freezes of chronyd and leaks nothing. */
import { getEventListeners } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  ChronyConnection,
  ChronyConnectionError,
  ChronyDataError,
  ChronyError,
  ChronyPermissionError,
  ChronyTimeoutError,
  getTracking,
  TrackingStatus,
} from '../../../src/index.ts';
import {
  type MockChronyd,
  type MockRequest,
  ntpSource,
  scenario,
  startMockChronyd,
} from '../../../src/testing/index.ts';
import { encodeRefusal, encodeReply, ReplyStatus } from '../../../src/testing/reply.ts';
import { REQUEST_HEADER_LENGTH } from '../../../src/testing/requests.ts';
import { Chronyd } from '../../support/chronyd.ts';
import { allHoldings } from '../../support/holdings.ts';

let chronyd: Chronyd;

/** The index of the record that a request asks for. */
function indexIn({ datagram }: MockRequest): number {
  return new DataView(datagram.buffer, datagram.byteOffset).getUint32(REQUEST_HEADER_LENGTH);
}

beforeAll(async () => {
  chronyd = await Chronyd.start({ config: ['local stratum 7'] });
});
afterAll(() => chronyd?.stop());

describe('10 000 cycles of open, query, close', () => {
  const cycle = async (): Promise<void> => {
    const connection = await ChronyConnection.open(chronyd.address);
    expect((await connection.getTracking()).stratum).toBe(7);
    await connection.close();
  };

  it('leak neither descriptors nor memory', async () => {
    for (let i = 0; i < 1000; i++) await cycle();
    const before = allHoldings();
    for (let i = 0; i < 9000; i++) await cycle();
    const after = allHoldings();
    expect(after.descriptors).toBeLessThanOrEqual(before.descriptors);
    expect(after.sandbox).toBe(before.sandbox);
    expect(after.heap - before.heap).toBeLessThan(2_000_000); // 220 bytes a cycle
  });

  it('leak nothing if the requests fail', async () => {
    await using mock = await startMockChronyd('permission denied');
    const fail = async (): Promise<void> => {
      const connection = await ChronyConnection.open(mock.address);
      await expect(connection.getServerStats()).rejects.toThrow(ChronyError);
      await connection.close();
    };
    for (let i = 0; i < 300; i++) await fail();
    const before = allHoldings();
    for (let i = 0; i < 2000; i++) await fail();
    const after = allHoldings();
    expect(after.descriptors).toBeLessThanOrEqual(before.descriptors);
    expect(after.sandbox).toBe(before.sandbox);
    mock.requests.length = 0;
  });

  it('reuse the memory of a thousand closed connections for a thousand new ones', async () => {
    // the kernel drops some of a thousand simultaneous requests if chronyd is not scheduled at that moment
    const options = { address: chronyd.address, timeoutMs: 200, retries: 8 };
    const open = () => Promise.all(Array.from({ length: 1000 }, () => ChronyConnection.open(options)));
    const first = await open();
    const { sandbox } = allHoldings();
    expect((await Promise.all(first.map((c) => c.getTracking()))).every((s) => s.stratum === 7)).toBe(true);
    await Promise.all(first.map((c) => c.close()));
    await Promise.all((await open()).map((c) => c.close()));
    expect(allHoldings().sandbox).toBe(sandbox);
  });
});

it('`await using` closes a connection', async () => {
  let kept: ChronyConnection;
  {
    await using connection = await ChronyConnection.open(chronyd.address);
    expect((await connection.getTracking()).stratum).toBe(7);
    kept = connection;
  }
  await expect(kept.getTracking()).rejects.toMatchObject({ code: 'ERR_CHRONY_CLOSED' });
});

describe('many calls with one signal', () => {
  it('leave no listeners on it and cause no warnings of Node.js', async () => {
    const warnings: Error[] = [];
    const warn = (warning: Error): void => void warnings.push(warning);
    process.on('warning', warn);
    const { signal } = new AbortController();
    const connection = await ChronyConnection.open({ address: chronyd.address, signal });
    await Promise.all(Array.from({ length: 100 }, () => connection.getTracking({ signal })));
    await Promise.all(Array.from({ length: 20 }, () => getTracking({ address: chronyd.address, signal })));
    expect(getEventListeners(signal, 'abort')).toHaveLength(1); // the connection's own
    await connection.close();
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
    await new Promise(setImmediate); // warnings are emitted one turn later
    process.off('warning', warn);
    expect(warnings).toEqual([]);
  });
});

describe('aborting and closing at any moment', () => {
  it('a call gets its own reply or the abort reason, and the next call works', async () => {
    await using mock = await startMockChronyd('many sources');
    const { tracking, sources } = mock.scenario;
    const reason = new Error('enough');
    const turns = (n: number): Promise<void> =>
      n === 0 ? Promise.resolve() : turnOf(n).then(() => turns(n - 1));
    // both turns of the event loop and promise turns, so that an abort can fall between a reply and its reader
    const turnOf = (n: number): Promise<void> =>
      n % 3 === 0 ? new Promise((resolve) => setImmediate(resolve)) : Promise.resolve();

    const connection = await ChronyConnection.open(mock.address);
    const calls = Array.from({ length: 600 }, async (_, i) => {
      await turns(i);
      const controller = new AbortController();
      const { signal } = controller;
      const many = i % 5 === 0;
      const call = many ? connection.getSources({ signal }) : connection.getTracking({ signal });
      turns(i % 37).then(() => controller.abort(reason));
      const outcome = await call.catch((error: unknown) => error);
      if (outcome === reason) return 'aborted';
      if (many) expect(outcome).toHaveLength(sources.length);
      else expect(outcome).toMatchObject({ referenceId: tracking.referenceId, stratum: tracking.stratum });
      return 'answered';
    });
    const outcomes = new Set(await Promise.all(calls));
    expect(outcomes).toEqual(new Set(['aborted', 'answered']));
    expect((await connection.getTracking()).stratum).toBe(tracking.stratum);
    await connection.close();
  });
});

describe('when chronyd', () => {
  it('restarts, the same connection continues to work', async () => {
    const connection = await ChronyConnection.open(chronyd.address);
    await connection.getTracking();
    await chronyd.kill();
    await expect(connection.getTracking()).rejects.toThrow(ChronyConnectionError);
    await chronyd.run();
    expect((await connection.getTracking()).stratum).toBe(7);
    await connection.close();
  });

  it.each(['address', 'socketPath'] as const)(
    'has restarted while a connection to its %s was idle, the next call succeeds',
    async (where) => {
      const connection = await ChronyConnection.open(chronyd[where]);
      await Promise.all(Array.from({ length: 4 }, () => connection.getTracking()));
      await chronyd.kill();
      await chronyd.run();
      expect((await connection.getTracking()).stratum).toBe(7);
      await Promise.all(Array.from({ length: 8 }, () => connection.getTracking()));
      await connection.close();
    },
  );

  it('freezes and thaws, the same connection continues to work', async () => {
    const connection = await ChronyConnection.open({ address: chronyd.address, timeoutMs: 500, retries: 1 });
    chronyd.freeze();
    await expect(connection.getTracking()).rejects.toThrow(ChronyTimeoutError);
    chronyd.thaw();
    // its replies to the earlier requests also arrive now
    for (let i = 0; i < 20; i++) {
      const status = await getTracking(chronyd.address);
      expect(status.stratum).toBe(7);
    }
    expect((await connection.getTracking()).stratum).toBe(7);
    await connection.close();
  });

  it('restarts, a watch reports the failure and continues', async () => {
    const connection = await ChronyConnection.open({ address: chronyd.address, timeoutMs: 5000, retries: 0 });
    const seen: string[] = [];
    for await (const outcome of connection.watch('tracking', { intervalMs: 5 })) {
      const what = outcome instanceof ChronyError ? 'failure' : 'status';
      if (seen.at(-1) !== what) seen.push(what);
      if (seen.length === 1) await chronyd.kill();
      if (seen.length === 2) await chronyd.run();
      if (seen.length === 3) break;
    }
    expect(seen).toEqual(['status', 'failure', 'status']);
    await connection.close();
  });
});

describe('watch()', () => {
  it('yields a value immediately and then one per interval', async () => {
    const connection = await ChronyConnection.open(chronyd.address);
    const start = performance.now();
    let count = 0;
    for await (const status of connection.watch('tracking', { intervalMs: 20 })) {
      expect(status).toBeInstanceOf(TrackingStatus);
      if (++count === 5) break;
    }
    expect(performance.now() - start).toBeGreaterThanOrEqual(75); // four intervals, less the rounding of timers
    await connection.close();
  });

  it('throws the reason of its signal, even between two values', async () => {
    const connection = await ChronyConnection.open(chronyd.address);
    const reason = new Error('enough');
    const controller = new AbortController();
    const watch = async (): Promise<void> => {
      for await (const _ of connection.watch('activity', { intervalMs: 60_000, signal: controller.signal })) {
        setTimeout(() => controller.abort(reason), 10);
      }
    };
    await expect(watch()).rejects.toBe(reason);
    await connection.close();
  });

  it('ends when the connection is closed', async () => {
    const connection = await ChronyConnection.open(chronyd.address);
    let count = 0;
    for await (const _ of connection.watch('tracking', { intervalMs: 5 })) {
      if (++count === 2) await connection.close();
    }
    expect(count).toBe(2);
  });

  it.each<[string, (connection: ChronyConnection, watch: AsyncGenerator) => unknown]>([
    ['close()', (connection) => connection.close()],
    ['return()', (_, watch) => watch.return(undefined)],
  ])('%s ends a long pause immediately', async (_, end) => {
    const connection = await ChronyConnection.open(chronyd.address);
    const watch = connection.watch('tracking', { intervalMs: 60_000 });
    expect((await watch.next()).done).toBe(false);
    const next = watch.next();
    await new Promise((resolve) => setTimeout(resolve, 10));
    await end(connection, watch);
    expect(await next).toEqual({ done: true, value: undefined });
    await connection.close();
  });

  it.each([new Error('enough'), new ChronyError('enough')])(
    "throws the reason of its connection's signal, %s",
    async (reason) => {
      const controller = new AbortController();
      const { signal } = controller;
      const connection = await ChronyConnection.open({ address: chronyd.address, signal });
      const watch = connection.watch('tracking', { intervalMs: 60_000 });
      await watch.next();
      setTimeout(() => controller.abort(reason), 10);
      await expect(watch.next()).rejects.toBe(reason);
      expect(await watch.next()).toEqual({ done: true, value: undefined });
    },
  );

  it('rejects invalid arguments', async () => {
    const connection = await ChronyConnection.open(chronyd.address);
    expect(() => connection.watch('nonsense' as 'tracking')).toThrow("no report 'nonsense'");
    expect(() => connection.watch('tracking', { intervalMs: 0 })).toThrow(RangeError);
    await connection.close();
  });
});

describe('many concurrent calls to a slow chronyd', () => {
  const slow = (delayMs: number) => startMockChronyd(scenario('many sources', { faults: { delayMs } }));

  it('all succeed as long as replies arrive, regardless of their time in the queue', async () => {
    await using mock = await slow(250);
    const connection = await ChronyConnection.open({ address: mock.address, timeoutMs: 1500, retries: 0 });
    const calls = Array.from({ length: 60 }, () => connection.getTracking());
    for (const status of await Promise.all(calls))
      expect(status.stratum).toBe(mock.scenario.tracking.stratum);
    await connection.close();
  });

  it('a short report completes before a concurrent long one', async () => {
    await using mock = await slow(10);
    const connection = await ChronyConnection.open({ address: mock.address, timeoutMs: 5000, retries: 0 });
    const long = Promise.all([connection.getSources(), connection.getSourceStats()]);
    let longIsDone = false;
    long.then(() => {
      longIsDone = true;
    });
    await connection.getTracking();
    expect(longIsDone).toBe(false);
    for (const records of await long) expect(records).toHaveLength(mock.scenario.sources.length);
    await connection.close();
  });

  it('a failed report cancels all of its requests immediately', async () => {
    await using mock = await startMockChronyd(scenario('many sources', {}), {
      // the first record is refused and the others are lost, except the last, by which the list is checked for changes
      intercept: (request) => {
        if (request.code !== 15) return undefined;
        const index = indexIn(request);
        if (index === mock.scenario.sources.length - 1) return undefined;
        return index === 0 ? [encodeRefusal(request, ReplyStatus.UNAUTHORIZED)] : [];
      },
    });
    const connection = await ChronyConnection.open({ address: mock.address, timeoutMs: 60_000 });
    await expect(connection.getSources()).rejects.toThrow(ChronyPermissionError);
    // without the cancellation eight channels would still be busy
    expect((await connection.getTracking()).stratum).toBe(mock.scenario.tracking.stratum);
    await connection.close();
  });
});

describe('when the list of sources changes during a report', () => {
  /** A mock that removes a source at some of the requests, like `delete` in chronyc. */
  const shrinking = (removesAt: (request: number) => boolean): Promise<MockChronyd> => {
    const mock: Promise<MockChronyd> = startMockChronyd('many sources', {
      intercept: () => {
        mock.then((it) => {
          if (!removesAt(it.requests.length)) return;
          it.scenario = { ...it.scenario, sources: it.scenario.sources.filter((_, i) => i !== 5) };
        });
        return undefined;
      },
    });
    return mock;
  };

  it.each(['getSources', 'getAuthData', 'getNtpData'] as const)(
    '%s() returns the remaining sources, each once',
    async (get) => {
      await using mock = await shrinking((request) => request === 20 || request === 40);
      const connection = await ChronyConnection.open(mock.address);
      const addresses = (await connection[get]()).map((of) =>
        'address' in of ? of.address : of.remoteAddress,
      );
      expect(mock.scenario.sources).toHaveLength(62);
      expect(addresses).toEqual(mock.scenario.sources.map(({ source }) => source.address));
      await connection.close();
    },
  );

  it('it is read again even if all requests were answered', async () => {
    // a source is removed during the request for the second: every index still exists, except the last
    let lost = false;
    await using mock = await startMockChronyd(scenario('many sources'), {
      intercept: (request) => {
        const index = indexIn(request);
        if (request.code !== 15 || index !== 1 || lost) return undefined;
        lost = true;
        setTimeout(() => {
          mock.scenario = { ...mock.scenario, sources: mock.scenario.sources.slice(1) };
        }, 20);
        return [];
      },
    });
    const connection = await ChronyConnection.open({ address: mock.address, timeoutMs: 200 });
    const addresses = (await connection.getSources()).map(({ address }) => address);
    expect(addresses).toEqual(mock.scenario.sources.map(({ source }) => source.address));
    await connection.close();
  });

  it.each(['getSources', 'getSourceStats', 'getAuthData', 'getNtpData'] as const)(
    'and their number stays the same, %s() returns every source exactly once',
    async (get) => {
      // the first is removed during the request for the second, and another is appended
      let exchanged = false;
      const sourceData = get === 'getSources' ? 15 : 34;
      await using mock = await startMockChronyd(scenario('many sources'), {
        intercept: (request) => {
          const index = indexIn(request);
          if (request.code !== sourceData || index !== 1 || exchanged) return undefined;
          exchanged = true;
          setTimeout(() => {
            const { sources } = mock.scenario;
            const another = ntpSource('192.0.2.250');
            mock.scenario = { ...mock.scenario, sources: [...sources.slice(1), another] };
          }, 20);
          return [];
        },
      });
      const connection = await ChronyConnection.open({ address: mock.address, timeoutMs: 200 });
      const addresses = (await connection[get]()).map((of) =>
        'address' in of ? of.address : of.remoteAddress,
      );
      expect(exchanged).toBe(true);
      expect(addresses).toEqual(mock.scenario.sources.map(({ source }) => source.address));
      await connection.close();
    },
  );

  it('and never stops changing, the call fails instead of returning an incomplete list', async () => {
    let turn = 0;
    await using mock = await startMockChronyd('many sources', {
      intercept: () => {
        const { sources } = mock.scenario;
        const another = ntpSource(`198.51.100.${++turn % 250}`);
        if (turn % 9 === 0) mock.scenario = { ...mock.scenario, sources: [...sources.slice(1), another] };
        return undefined;
      },
    });
    const connection = await ChronyConnection.open(mock.address);
    await expect(connection.getSources()).rejects.toMatchObject({
      name: 'ChronyDataError',
      message: 'sources: the list of sources kept changing; ask again',
    });
    await connection.close();
  });

  it('or not, a source whose record is always refused is omitted', async () => {
    await using mock = await startMockChronyd('synchronized', {
      intercept: (request) => {
        const index = indexIn(request);
        return request.code === 15 && index === 0 ? [encodeRefusal(request, ReplyStatus.FAILED)] : undefined;
      },
    });
    const connection = await ChronyConnection.open(mock.address);
    const addresses = (await connection.getSources()).map(({ address }) => address);
    const [, ...others] = mock.scenario.sources.map(({ source }) => source.address);
    expect(addresses).toEqual(others);
    expect(others.length).toBeGreaterThan(0);
    await connection.close();
  });

  it('or the address of a source differs in every reply, the call fails with a data error', async () => {
    let turn = 0;
    await using mock = await startMockChronyd('synchronized', {
      intercept: (request) =>
        request.code === 34 ? [encodeReply(6, request, { address: `192.0.2.${++turn % 250}` })] : undefined,
    });
    const connection = await ChronyConnection.open(mock.address);
    await expect(connection.getAuthData()).rejects.toThrow(ChronyDataError);
    await connection.close();
  });

  it('or all its records are always refused, the call fails instead of returning an empty list', async () => {
    await using mock = await startMockChronyd('synchronized', {
      intercept: (request) =>
        request.code === 15 ? [encodeRefusal(request, ReplyStatus.FAILED)] : undefined,
    });
    const connection = await ChronyConnection.open(mock.address);
    await expect(connection.getSources()).rejects.toMatchObject({ name: 'ChronyDataError', errorCode: 11 });
    await connection.close();
  });
});
