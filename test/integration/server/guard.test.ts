/** Requests that are refused: with unknown host names, from other sites, too large, too slow, or invalid. */
import { hostname } from 'node:os';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Chronyd } from '../../support/chronyd.ts';
import { CommandLine } from '../cli/support.ts';
import { ODD_REQUESTS } from './odd-requests.ts';
import { Serving } from './serving.ts';

let commandLine: CommandLine;
let chronyd: Chronyd;
let serving: Serving;

beforeAll(async () => {
  commandLine = await CommandLine.build();
  chronyd = await Chronyd.start();
  serving = await Serving.start(
    commandLine,
    ...['-h', chronyd.address, '--probe', '192.0.2.0/24'],
    ...['--allow-host', 'Metrics.example.org', '--allow-host', '*.corp.example'],
    ...['--allow-host', 'Zeit.bücher.example', '--allow-host', '*.ÜBER.example'],
  );
  await serving.ready();
});
afterAll(async () => {
  await serving?.[Symbol.asyncDispose]();
  await chronyd?.[Symbol.asyncDispose]();
});

describe('the host name of a request', () => {
  it.each([
    '127.0.0.1',
    '127.0.0.1:1',
    '[::1]:9123',
    '192.0.2.9:9123',
    'localhost',
    'LOCALHOST:9123',
    'localhost.',
    hostname(),
    'metrics.example.org',
    'METRICS.example.org.:80',
    'a.corp.example:9123',
    'a.b.corp.example',
    // the form in which browsers send ü
    'zeit.xn--bcher-kva.example:9123',
    'a.xn--ber-goa.example',
  ])('may be %s', async (host) => {
    expect((await serving.ask('/metrics', { headers: { host } })).status).toBe(200);
  });

  it.each([
    'evil.example',
    'evil.example:9123',
    'localhost.evil.example',
    'corp.example',
    'xcorp.example',
    'metrics.example.org.evil.example',
    '127.0.0.1.evil.example',
    '127.0.0.1@evil.example',
    '[evil.example]',
    '[::1',
    '1',
  ])('may not be %j, on any path', async (host) => {
    for (const path of ['/', '/metrics', '/api/tracking', '/events', '/healthz', '/probe?target=192.0.2.1']) {
      const { status, text } = await serving.ask(path, { headers: { host } });
      expect([path, status]).toEqual([path, 403]);
      expect(text).toContain('--allow-host');
    }
  });
});

it('refuses requests from pages of other sites, except links', async () => {
  for (const site of ['cross-site', 'same-site']) {
    for (const path of ['/', '/api/tracking', '/events', '/metrics']) {
      const headers = { 'sec-fetch-site': site, 'sec-fetch-mode': 'no-cors' };
      expect((await serving.ask(path, { headers })).status).toBe(403);
    }
    const headers = { 'sec-fetch-site': site, 'sec-fetch-mode': 'navigate' };
    expect((await serving.ask('/', { headers })).status).toBe(200);
  }
  for (const site of ['same-origin', 'none']) {
    const headers = { 'sec-fetch-site': site, 'sec-fetch-mode': 'cors' };
    expect((await serving.ask('/api/tracking', { headers })).status).toBe(200);
  }
});

/** The reply of the server, until it closes the connection. */
async function answerTo(request: string): Promise<string> {
  const socket = await serving.connect();
  socket.write(request);
  await socket.ended;
  return socket.received();
}

const START = 'GET /healthz HTTP/1.1\r\nHost: localhost\r\n';

it.each<[description: string, request: string, status: number]>([
  ['a body', `${START}Content-Length: 5\r\n\r\nhello`, 413],
  ['a body in chunks', `${START}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n`, 413],
  ['a body that is only announced', `${START}Content-Length: 1000000000\r\n\r\n`, 413],
  ['a body that waits for 100 Continue', `${START}Content-Length: 5\r\nExpect: 100-continue\r\n\r\n`, 413],
  [
    'a body with an unsupported method',
    `POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nhello`,
    405,
  ],
  ['two lengths', `${START}Content-Length: 0\r\nContent-Length: 5\r\n\r\n`, 400],
  ['a header of 9 KiB', `${START}X: ${'x'.repeat(9000)}\r\n\r\n`, 431],
  ['a path of 9 KiB', `GET /${'x'.repeat(9000)} HTTP/1.1\r\nHost: localhost\r\n\r\n`, 431],
  ['an empty host', 'GET /healthz HTTP/1.1\r\nHost:\r\nConnection: close\r\n\r\n', 403],
  [
    'two hosts',
    'GET /healthz HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\nConnection: close\r\n\r\n',
    400,
  ],
  [
    'two hosts, one of them foreign',
    'GET /healthz HTTP/1.1\r\nHost: localhost\r\nhost: evil.example\r\n\r\n',
    400,
  ],
  ['no host', 'GET /healthz HTTP/1.1\r\n\r\n', 400],
  ['a request for a proxy', 'GET http://evil.example/healthz HTTP/1.1\r\nHost: localhost\r\n\r\n', 400],
  ['another expectation', `${START}Expect: miracles\r\nConnection: close\r\n\r\n`, 417],
  ['bytes that are not HTTP', 'hello\r\n\r\n', 400],
])('refuses %s, and closes', async (_, request, status) => {
  const reply = await answerTo(request);
  expect(reply).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
  expect(reply.match(/HTTP\/1\.1/g)).toHaveLength(1);
});

it.each(ODD_REQUESTS)('replies to %s with the expected status, and closes', async (_, bytes, status) => {
  const socket = await serving.connect();
  socket.write(bytes, 'latin1');
  await socket.ended;
  expect(socket.received()).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
  expect(serving.log).not.toContain('fault');
});

it('closes connections with unfinished requests, and serves others meanwhile', async () => {
  const slow = await Promise.all(
    Array.from({ length: 50 }, async () => {
      const socket = await serving.connect();
      socket.write('GET /metrics HTTP/1.1\r\nHost: localhost\r\n');
      const timer = setInterval(() => socket.write('X: y\r\n'), 500);
      socket.once('close', () => clearInterval(timer));
      return socket.ended;
    }),
  );
  expect((await serving.ask('/metrics')).status).toBe(200);
  await Promise.all(slow);
  expect((await serving.ask('/metrics')).status).toBe(200);
});

it('survives more silent connections than its limit', async () => {
  const open = (count: number) => Promise.all(Array.from({ length: count }, () => serving.connect()));
  const idle = await open(400);
  expect((await serving.ask('/metrics', { from: '127.0.0.9' })).status).toBe(200);
  // some are closed at once to make room
  idle.push(...(await open(300)));
  await expect.poll(() => idle.filter(({ closed }) => closed).length).toBeGreaterThanOrEqual(180);
  expect((await serving.ask('/metrics', { from: '127.0.0.9' })).status).toBe(200);
  // after a second they count as idle, and are closed for another connection of the same client
  await expect.poll(async () => (await serving.ask('/healthz').catch(() => null))?.status).toBe(200);
  for (const socket of idle) socket.destroy();
  await expect.poll(async () => (await serving.ask('/healthz').catch(() => null))?.status).toBe(200);
});

describe('random input', () => {
  const line = fc.string({ unit: 'binary-ascii', maxLength: 60 });
  const requests = fc.oneof(
    fc
      .record({ path: line, host: line, id: line })
      .map(
        ({ path, host, id }) =>
          `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nLast-Event-ID: ${id}\r\nConnection: close\r\n\r\n`,
      ),
    fc.tuple(line, line).map((lines) => `${lines.join('\r\n')}\r\n\r\n`),
    fc.uint8Array({ maxLength: 200 }).map((bytes) => `${Buffer.from(bytes).toString('latin1')}\r\n\r\n`),
  );

  it('never causes an internal error', async () => {
    await fc.assert(
      fc.asyncProperty(requests, async (request) => {
        const socket = await serving.connect();
        socket.end(request, 'latin1');
        await socket.ended;
        expect(socket.received()).not.toMatch(/^HTTP\/1\.1 5/);
      }),
      { numRuns: 300 },
    );
    expect((await serving.ask('/healthz')).status).toBe(200);
  });

  it.each(['/probe?target=', '/events?', '/api/', '/metrics?'])(
    'never causes an internal error after %s',
    async (path) => {
      const text = fc.string({ unit: 'grapheme', maxLength: 50 });
      await fc.assert(
        fc.asyncProperty(text, text, async (query, id) => {
          const socket = await serving.connect();
          const header = encodeURIComponent(id);
          socket.write(
            `HEAD ${path}${encodeURIComponent(query)} HTTP/1.1\r\nHost: localhost\r\nLast-Event-ID: ${header}\r\nConnection: close\r\n\r\n`,
          );
          await socket.ended;
          expect(socket.received()).toMatch(/^HTTP\/1\.1 (?:200|400|403|404) /);
        }),
        { numRuns: 200 },
      );
      expect(serving.log).not.toContain('fault');
    },
  );
});
