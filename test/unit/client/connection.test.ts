/** A connection: its endpoint, its closing, and the state that its calls share. */
import { getEventListeners } from 'node:events';
import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ChronyConnection, unopened } from '../../../src/client/connection.ts';
import { lookups } from '../../../src/client/dns.ts';
import { type CallOptions, type ChronyOptions, readOptions } from '../../../src/client/options.ts';
import { ChronyConnectionError } from '../../../src/errors.ts';
import { type MockChronyd, scenario, startMockChronyd } from '../../../src/testing/index.ts';

const ENOUGH = new Error('enough');
const TRACKING = 33;

let mock: MockChronyd;
let connections: ChronyConnection[];

beforeEach(async () => {
  connections = [];
  mock = await startMockChronyd();
});
afterEach(async () => {
  vi.restoreAllMocks();
  for (const connection of connections) await connection.close();
  await mock.close();
});

/** Creates a connection that has sent nothing yet. */
function connect(options: ChronyOptions = {}): ChronyConnection {
  const settings = readOptions({ address: mock.address, timeoutMs: 60_000, retries: 0, ...options });
  const connection = unopened(settings);
  connections.push(connection);
  return connection;
}

/** Returns a name with two addresses of the mock's machine, and a fake DNS lookup that ends when `answer` is called. */
function name() {
  let answer = (): void => {};
  const answered = new Promise<void>((resolve) => {
    answer = resolve;
  });
  const find = vi.spyOn(lookups, 'find').mockImplementation(async () => {
    await answered;
    return ['127.0.0.1', '::1'];
  });
  return { address: `time.test:${mock.port}`, find, answer };
}

const probes = (): number => mock.requests.filter(({ code }) => code === TRACKING).length;
const clients = () => new Set(mock.requests.map(({ client }) => client));
const listenersOn = (signal: AbortSignal) => getEventListeners(signal, 'abort');
const outcome = (call: Promise<unknown>): Promise<unknown> => call.catch((error: unknown) => error);

/** Every method that sends requests. */
const calls: [
  method: string,
  call: (connection: ChronyConnection, options?: CallOptions) => Promise<unknown>,
][] = [
  ['getTracking', (connection, options) => connection.getTracking(options)],
  ['getSources', (connection, options) => connection.getSources(options)],
  ['getSourceStats', (connection, options) => connection.getSourceStats(options)],
  ['getSelectData', (connection, options) => connection.getSelectData(options)],
  ['getActivity', (connection, options) => connection.getActivity(options)],
  ['getAuthData', (connection, options) => connection.getAuthData(options)],
  ['getNtpData', (connection, options) => connection.getNtpData(options)],
  ['getServerStats', (connection, options) => connection.getServerStats(options)],
  ['getRtcData', (connection, options) => connection.getRtcData(options)],
  ['getSmoothing', (connection, options) => connection.getSmoothing(options)],
  ['getReport', (connection, options) => connection.getReport('tracking', options)],
];

describe('the endpoint', () => {
  it('is searched at the first call, once for all calls that wait for it', async () => {
    const { address, find, answer } = name();
    const connection = connect({ address });
    expect(find).not.toHaveBeenCalled();
    const pending = Array.from({ length: 20 }, () => connection.getTracking());
    expect(find).toHaveBeenCalledOnce();
    answer();
    await Promise.all(pending);
    expect(find).toHaveBeenCalledOnce();
    // the search sends one of them
    expect(probes()).toBe(pending.length + 1);
    await connection.getTracking();
    expect(find).toHaveBeenCalledOnce();
    expect(probes()).toBe(pending.length + 2);
    expect(connection.address).toBe(mock.address);
  });

  it('is found for the other calls if the call that began the search is aborted', async () => {
    const { address, find, answer } = name();
    const connection = connect({ address });
    const controller = new AbortController();
    const first = outcome(connection.getTracking({ signal: controller.signal }));
    const second = connection.getTracking();
    controller.abort(ENOUGH);
    expect(await first).toBe(ENOUGH);
    expect(listenersOn(controller.signal)).toEqual([]);
    answer();
    expect(await second).toHaveProperty('stratum', mock.scenario.tracking.stratum);
    expect(find).toHaveBeenCalledOnce();
  });

  it('fails all waiting calls if it is not found, and is searched again at the next call', async () => {
    const failure = new ChronyConnectionError('cannot resolve');
    const find = vi.spyOn(lookups, 'find').mockRejectedValue(failure);
    const connection = connect({ address: `time.test:${mock.port}` });
    const pending = [connection.getTracking(), connection.getActivity(), connection.getSources()];
    expect(await Promise.all(pending.map(outcome))).toEqual([failure, failure, failure]);
    expect(find).toHaveBeenCalledOnce();
    find.mockResolvedValue(['127.0.0.1']);
    expect(await connection.getTracking()).toHaveProperty('stratum');
    expect(find).toHaveBeenCalledTimes(2);
  });

  it('is not searched if the address has only one endpoint: only the request of the call is sent', async () => {
    const connection = connect();
    expect(connection.address).toBe(mock.address);
    await connection.getTracking();
    expect(probes()).toBe(1);
  });

  it('is searched again after a failure, with new sockets', async () => {
    const { address, find, answer } = name();
    answer();
    const connection = connect({ address });
    await connection.getTracking();
    const before = clients();
    const { port } = mock;
    await mock.close();
    expect(await outcome(connection.getTracking())).toBeInstanceOf(ChronyConnectionError);
    expect(find).toHaveBeenCalledOnce();
    mock = await startMockChronyd('synchronized', { port });
    await connection.getTracking();
    expect(find).toHaveBeenCalledTimes(2);
    expect(probes()).toBe(2);
    expect([...clients()].filter((client) => before.has(client))).toEqual([]);
  });

  it('and its socket are kept after a refusal', async () => {
    const { address, find, answer } = name();
    answer();
    mock.scenario = scenario('synchronized', { unauthorized: ['serverstats'] });
    const connection = connect({ address });
    await expect(connection.getServerStats()).rejects.toThrow('serverstats');
    await connection.getTracking();
    expect(find).toHaveBeenCalledOnce();
    expect(clients().size).toBe(1);
  });
});

describe('open()', () => {
  it('sends a probe if the address has several endpoints', async () => {
    const { address, answer } = name();
    answer();
    const connection = await ChronyConnection.open(address);
    connections.push(connection);
    expect(probes()).toBe(1);
    expect(connection.address).toBe(mock.address);
  });

  it('leaves no listener on the signal if it fails', async () => {
    const { signal } = new AbortController();
    const failure = new ChronyConnectionError('cannot resolve');
    vi.spyOn(lookups, 'find').mockRejectedValue(failure);
    expect(await outcome(ChronyConnection.open({ address: 'time.test', signal }))).toBe(failure);
    expect(listenersOn(signal)).toEqual([]);
  });

  it('rejects with the reason of an aborted signal and sends nothing', async () => {
    const { address, find } = name();
    expect(await outcome(ChronyConnection.open({ address, signal: AbortSignal.abort(ENOUGH) }))).toBe(ENOUGH);
    expect(find).not.toHaveBeenCalled();
  });
});

it.each(['', 'junk', 'GPS', 'ID#1', '127.0.0.1:123', 'fe80::1%eth0'])(
  'getSourceName(%j) rejects before the endpoint is searched',
  async (junk) => {
    const { address, find } = name();
    expect(await outcome(connect({ address }).getSourceName(junk))).toMatchObject({
      name: 'ChronyDataError',
      errorCode: 7,
      message: expect.stringContaining(`'${junk}' is not the address of a source; give an IPv4`),
    });
    expect(find).not.toHaveBeenCalled();
  },
);

describe.each(calls)('%s()', (_, call) => {
  it('rejects a signal that is not an AbortSignal and sends nothing', async () => {
    const connection = connect();
    const pending = call(connection, { signal: 'stop' as unknown as AbortSignal });
    expect(pending).toBeInstanceOf(Promise);
    expect(await outcome(pending)).toEqual(
      new TypeError(
        "signal must be an AbortSignal, or an object with its 'aborted' and 'addEventListener', not string",
      ),
    );
    await connection.getTracking();
    expect(mock.requests).toHaveLength(1);
  });

  it('leaves no listener on its signal', async () => {
    const { signal } = new AbortController();
    await call(connect(), { signal });
    expect(listenersOn(signal)).toEqual([]);
  });

  it('rejects and sends nothing after the connection was closed', async () => {
    const connection = connect();
    await connection.close();
    expect(await outcome(call(connection))).toMatchObject({
      name: 'ChronyConnectionError',
      code: 'ERR_CHRONY_CLOSED',
    });
    expect(mock.requests).toEqual([]);
  });
});

describe('close()', () => {
  it('fails active and queued calls', async () => {
    mock.pause();
    const connection = connect();
    const pending = Array.from({ length: 20 }, () => outcome(connection.getTracking()));
    await vi.waitFor(() => expect(mock.requests).toHaveLength(8));
    await connection.close();
    await connection.close();
    for (const error of await Promise.all(pending)) {
      expect(error).toMatchObject({
        code: 'ERR_CHRONY_CLOSED',
        message: `the connection to ${mock.address} is closed; open another`,
      });
    }
  });

  it('ends a search: nothing is sent when DNS answers later', async () => {
    const { address, answer } = name();
    const connection = connect({ address });
    const pending = outcome(connection.getTracking());
    await connection.close();
    expect(await pending).toMatchObject({ code: 'ERR_CHRONY_CLOSED' });
    answer();
    await connect().getActivity();
    expect(probes()).toBe(0);
  });
});

it('does not resolve names on a closed connection', async () => {
  const { address, find } = name();
  const connection = connect({ address });
  await connection.close();
  expect(await outcome(connection.getTracking())).toMatchObject({ code: 'ERR_CHRONY_CLOSED' });
  expect(find).not.toHaveBeenCalled();
});

describe('the signal of a connection', () => {
  it('closes the connection with its reason and has no listener afterwards', async () => {
    const controller = new AbortController();
    const { signal } = controller;
    mock.pause();
    const connection = connect({ signal });
    const pending = outcome(connection.getTracking());
    controller.abort(ENOUGH);
    expect(await pending).toBe(ENOUGH);
    expect(await outcome(connection.getTracking())).toBe(ENOUGH);
    await connection.close();
    expect(await outcome(connection.getTracking())).toBe(ENOUGH);
    expect(listenersOn(signal)).toEqual([]);
  });

  it('ends a search with its reason', async () => {
    const controller = new AbortController();
    const { address } = name();
    const pending = outcome(connect({ address, signal: controller.signal }).getTracking());
    controller.abort(ENOUGH);
    expect(await pending).toBe(ENOUGH);
    expect(listenersOn(controller.signal)).toEqual([]);
  });

  it('has no listener after close()', async () => {
    const { signal } = new AbortController();
    const connection = connect({ signal });
    await connection.getTracking();
    expect(listenersOn(signal)).toHaveLength(1);
    await connection.close();
    expect(listenersOn(signal)).toEqual([]);
  });

  it('still closes a second connection after close() is called again on the first', async () => {
    const controller = new AbortController();
    const { signal } = controller;
    const former = connect({ signal });
    await former.close();
    const connection = connect({ signal });
    await former.close();
    controller.abort(ENOUGH);
    expect(await outcome(connection.getTracking())).toBe(ENOUGH);
  });
});

it('declares all members except the internal ones in the public types', () => {
  const text = readFileSync('src/client/connection.ts', 'utf8');
  const marked = [...text.matchAll(/\* @internal\n {3}\*\/\n {2}(?:static )?(\w+)/g)].map(
    ([, member]) => member,
  );
  const [declared = ''] =
    /^declare class ChronyConnection [\s\S]*?^}/m.exec(
      readFileSync('test/system/package/declarations.txt', 'utf8'),
    ) ?? [];
  const members = [ChronyConnection, ChronyConnection.prototype]
    .flatMap((of) => Object.getOwnPropertyNames(of))
    .filter((member) => !['length', 'name', 'prototype', 'constructor'].includes(member));
  expect(members).toContain('getTracking');
  expect(members.filter((member) => !new RegExp(`\\b${member}\\b`).test(declared)).toSorted()).toEqual(
    marked.toSorted(),
  );
});
