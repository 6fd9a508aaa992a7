/** Connections: each handles one request at a time, and their number is limited per client and in total. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Chronyd } from '../../support/chronyd.ts';
import { CommandLine } from '../cli/support.ts';
import { type Connection, Serving } from './serving.ts';

const CLIENT_LIMIT = 384;
const TOTAL_LIMIT = 512;

let commandLine: CommandLine;
let chronyd: Chronyd;
let serving: Serving;

beforeAll(async () => {
  commandLine = await CommandLine.build();
  chronyd = await Chronyd.start();
  serving = await start();
});
afterAll(async () => {
  await serving?.[Symbol.asyncDispose]();
  await chronyd?.[Symbol.asyncDispose]();
});

async function start(...args: readonly string[]): Promise<Serving> {
  const started = await Serving.start(commandLine, '-h', chronyd.address, ...args);
  await started.ready();
  return started;
}

function requestFor(path: string, ...lines: readonly string[]): string {
  return `${[`GET ${path} HTTP/1.1`, 'Host: localhost', ...lines].join('\r\n')}\r\n\r\n`;
}

/** The statuses of the replies so far. */
function statuses({ received }: Connection): readonly number[] {
  return [...received().matchAll(/^HTTP\/1\.1 (\d+) /gm)].map(([, status]) => Number(status));
}

describe('requests on a connection', () => {
  it('are answered in order, even if 500 are sent at the same time', async () => {
    const socket = await serving.connect();
    const paths = Array.from({ length: 500 }, (_, i) => (i % 2 === 0 ? '/healthz' : '/nothing'));
    socket.write(paths.map((path) => requestFor(path)).join(''));
    await expect.poll(() => statuses(socket).length, { timeout: 10_000 }).toBe(500);
    expect(statuses(socket)).toEqual(paths.map((path) => (path === '/healthz' ? 200 : 404)));
    socket.destroy();
  });

  it('may be split at any byte, with empty lines between them', async () => {
    const text = `\r\n${requestFor('/healthz')}\r\n\r\n${requestFor('/api')}${requestFor('/healthz', 'Connection: close')}`;
    const cuts = Array.from({ length: text.length - 1 }, (_, i) => i + 1);
    for (const cut of cuts.filter((each) => each % 3 === 0 || text[each] === '\n' || text[each] === '\r')) {
      const socket = await serving.connect();
      socket.setNoDelay();
      socket.write(text.slice(0, cut));
      await new Promise(setImmediate);
      socket.write(text.slice(cut));
      await socket.ended;
      expect([cut, statuses(socket)]).toEqual([cut, [200, 200, 200]]);
    }
  });

  it('are answered after the client has ended its side', async () => {
    const socket = await serving.connect();
    socket.end(requestFor('/healthz') + requestFor('/metrics') + requestFor('/api'));
    await socket.ended;
    expect(statuses(socket)).toEqual([200, 200, 200]);
  });

  it('are not answered after a request for events, whose reply never ends', async () => {
    const socket = await serving.connect();
    socket.write(requestFor('/events') + requestFor('/healthz'));
    await expect.poll(() => socket.received()).toContain('event: update');
    socket.write(requestFor('/healthz').repeat(5000));
    await expect.poll(() => socket.writableLength).toBe(0);
    expect(statuses(socket)).toEqual([200]);
    socket.destroy();
  });

  it.each<[description: string, bytes: string]>([
    ['empty lines', '\r\n'.repeat(5000)],
    ['a header without an end', `GET /healthz HTTP/1.1\r\nX: ${'x'.repeat(9000)}`],
  ])('are not awaited after %s: the connection is closed', async (_, bytes) => {
    const socket = await serving.connect();
    socket.write(bytes);
    await socket.ended;
    expect(statuses(socket).filter((status) => status === 200)).toEqual([]);
  });

  it('are ignored after a request that closes the connection', async () => {
    const socket = await serving.connect();
    socket.write(requestFor('/healthz', 'Connection: close') + requestFor('/metrics').repeat(100));
    await socket.ended;
    expect(statuses(socket)).toEqual([200]);
  });

  it('are read only as fast as the client reads the replies', async () => {
    const socket = await serving.connect();
    socket.pause();
    const requests = requestFor('/api/tracking').repeat(1000);
    for (let i = 0; i < 400; i++) socket.write(requests);
    // the server neither reads all requests nor delays other clients
    await expect.poll(() => socket.writableLength, { interval: 500 }).toBeGreaterThan(0);
    expect((await serving.ask('/healthz')).status).toBe(200);
    socket.destroy();
  });
});

/** Connections on which one request is sent, and which are then idle. */
async function idle(
  from: string,
  count: number,
  { connect } = bound(serving),
): Promise<readonly Connection[]> {
  const sockets = await Promise.all(Array.from({ length: count }, () => connect(from)));
  for (const socket of sockets) socket.write(requestFor('/healthz'));
  return sockets;
}

function bound(server: Serving): { connect: (from: string) => Promise<Connection> } {
  return { connect: (from) => server.connect(from) };
}

function destroyAll(sockets: readonly Connection[]): void {
  for (const socket of sockets) socket.destroy();
}

describe('connections', () => {
  it('that are idle are closed for new ones of the same client, the longest idle first', async () => {
    const old = await idle('127.0.0.20', 10);
    await expect.poll(() => old.filter((each) => statuses(each).length === 1).length).toBe(10);
    const more = await idle('127.0.0.20', CLIENT_LIMIT - 10);
    await expect
      .poll(() => more.filter((each) => statuses(each).length === 1).length)
      .toBe(CLIENT_LIMIT - 10);
    expect(old.filter(({ closed }) => closed)).toEqual([]);
    // after another request, this connection is no longer the longest idle one
    old[0]?.write(requestFor('/healthz'));
    await expect.poll(() => old[0] && statuses(old[0]).length).toBe(2);
    const latest = await idle('127.0.0.20', 5);
    await expect.poll(() => latest.filter((each) => statuses(each).length === 1).length).toBe(5);
    await expect
      .poll(() => old.map(({ closed }) => closed))
      .toEqual([false, ...Array.from({ length: 5 }, () => true), ...Array.from({ length: 4 }, () => false)]);
    destroyAll([...old, ...more, ...latest]);
  });

  it('that are idle are closed even if their client has the most connections and opens a new one', async () => {
    const counts = [200, 156, 156];
    const crowds = await Promise.all(counts.map((count, i) => idle(`127.0.4.${i + 1}`, count)));
    const answered = (sockets: readonly Connection[]): number =>
      sockets.filter((each) => statuses(each).length === 1).length;
    await expect.poll(() => crowds.map(answered)).toEqual(counts);
    const more = await idle('127.0.4.1', 10);
    await expect.poll(() => answered(more)).toBe(10);
    destroyAll([...crowds.flat(), ...more]);
  });

  it('of many clients are closed for another client, at the expense of the client with the most', async () => {
    const counts = [95, 94, 93, 92, 91, 40];
    const crowds = await Promise.all(counts.map((count, i) => idle(`127.0.2.${i + 1}`, count)));
    const answered = (sockets: readonly Connection[]): number =>
      sockets.filter((each) => statuses(each).length === 1).length;
    await expect.poll(() => crowds.map(answered)).toEqual(counts);
    expect(counts.reduce((sum, count) => sum + count)).toBeLessThanOrEqual(TOTAL_LIMIT);
    const one = await idle('127.0.2.9', 20);
    await expect.poll(() => answered(one)).toBe(20);
    const closed = crowds.map((sockets) => sockets.filter((each) => each.closed).length);
    expect(closed.at(-1)).toBe(0);
    expect(closed[0]).toBeGreaterThan(0);
    destroyAll([...crowds.flat(), ...one]);
  });

  it('with active requests beyond the limit are refused, and other requests from the same address are served', async () => {
    const viewers = await Promise.all(
      Array.from({ length: CLIENT_LIMIT }, () => serving.connect('127.0.0.30')),
    );
    for (const socket of viewers) socket.write(requestFor('/events'));
    await expect
      .poll(() => viewers.filter((each) => statuses(each)[0] === 503).length)
      .toBe(CLIENT_LIMIT - 32);
    expect((await serving.ask('/healthz', { from: '127.0.0.30' })).status).toBe(200);
    destroyAll(viewers);
  });
});

describe('behind a proxy', () => {
  const PROXY = '127.0.0.40';

  it('connections are not limited per client, and viewers are counted by the forwarded address', async () => {
    await using proxied = await start('--proxy', PROXY);
    const sockets = await idle(PROXY, CLIENT_LIMIT + 50, bound(proxied));
    const firsts = (): readonly (number | undefined)[] => sockets.map((each) => statuses(each)[0]);
    await expect.poll(() => firsts().filter((status) => status === 200).length).toBe(CLIENT_LIMIT + 50);
    expect(sockets.filter(({ closed }) => closed)).toEqual([]);
    const viewers = async (forwarded: string, count: number): Promise<readonly number[]> => {
      const opened = await Promise.all(Array.from({ length: count }, () => proxied.connect(PROXY)));
      for (const socket of opened) socket.write(requestFor('/events', `X-Forwarded-For: ${forwarded}`));
      await expect.poll(() => opened.every((each) => statuses(each).length === 1)).toBe(true);
      return opened.flatMap(statuses);
    };
    const ok = (count: number): readonly number[] => Array.from({ length: count }, () => 200);
    expect((await viewers('192.0.2.1', 40)).toSorted()).toEqual([
      ...ok(32),
      ...Array.from({ length: 8 }, () => 503),
    ]);
    // the proxy appends to the addresses that the client sends, and the proxy itself is not a client
    expect(await viewers('192.0.2.7, 192.0.2.1', 1)).toEqual([503]);
    expect(await viewers(`192.0.2.1, ${PROXY}`, 1)).toEqual([503]);
    expect(await viewers('192.0.2.2', 32)).toEqual(ok(32));
    expect(await viewers('2001:db8::1', 32)).toEqual(ok(32));
    // the same network
    expect(await viewers('2001:db8::2', 1)).toEqual([503]);
    expect(await viewers('2001:db8:0:1::2', 1)).toEqual([200]);
    // some proxies add the port
    expect(await viewers('192.0.2.2:1234', 1)).toEqual([503]);
    expect(await viewers('[2001:db8::3]:1234', 1)).toEqual([503]);
    destroyAll(sockets);
  });

  it('the header is ignored from addresses that are not proxies', async () => {
    await using proxied = await start('--proxy', '192.0.2.0/24');
    const opened = await Promise.all(Array.from({ length: 40 }, () => proxied.connect('127.0.0.41')));
    opened.forEach((socket, i) => {
      socket.write(requestFor('/events', `X-Forwarded-For: 198.51.100.${i + 1}`));
    });
    await expect.poll(() => opened.flatMap(statuses).filter((status) => status === 503).length).toBe(8);
    destroyAll(opened);
  });
});
