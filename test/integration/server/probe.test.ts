/** `/probe`: queries of other chronyd processes, as far as the operator allows. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readdirSync, readlinkSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { beforeAll, describe, expect, it } from 'vitest';
import { readServerOptions } from '../../../src/server/options.ts';
import { startMockChronyd } from '../../../src/testing/index.ts';
import { Chronyd } from '../../support/chronyd.ts';
import { freePort } from '../../support/ports.ts';
import { mustRun } from '../../system/package/support/run.ts';
import { CommandLine } from '../cli/support.ts';
import { Serving } from './serving.ts';

describe('a pattern', () => {
  it.each<[pattern: string, allowed: readonly string[], refused: readonly string[]]>([
    [
      'ntp.example.org',
      ['ntp.example.org', 'NTP.Example.org', 'ntp.example.org:323'],
      ['ntp.example.org:324', 'example.org', 'a.ntp.example.org', 'ntp.example.org.evil.example'],
    ],
    ['ntp.example.org:*', ['ntp.example.org', 'ntp.example.org:11323'], ['other.example.org']],
    ['ntp:4000', ['ntp:4000'], ['ntp', 'ntp:323', 'ntp:40000']],
    [
      '*.example.org',
      ['a.example.org', 'a.b.example.org:323'],
      ['example.org', 'aexample.org', 'a.example.org:1', '10.0.0.1'],
    ],
    [
      '192.0.2.7',
      ['192.0.2.7', '192.0.2.7:323'],
      ['192.0.2.70', '192.0.2.7:22', '192.0.2', '::192.0.2.7', '3221225991'],
    ],
    // an IPv4-mapped address is the IPv4 address
    ['192.0.2.0/25', ['::ffff:192.0.2.7', '[0::FFFF:c000:207]:323'], ['::ffff:192.0.2.128']],
    ['[::/0]:*', ['::1', '[::]:5'], ['127.0.0.1', '::ffff:127.0.0.1', '[::ffff:7f00:1%lo]:5', '0.0.0.0']],
    ['::ffff:192.0.2.0/120', ['192.0.2.7', '::ffff:192.0.2.7'], ['192.0.3.7', '::1', '::2']],
    ['::ffff:192.0.2.7', ['192.0.2.7'], ['192.0.2.8', '::ffff:192.0.2.8']],
    // the system sends packets for the unspecified address to the loopback
    ['127.0.0.1', ['0.0.0.0', '::ffff:0.0.0.0'], ['::', '::1']],
    ['0.0.0.0/32:*', [], ['0.0.0.0', '127.0.0.1']],
    ['fe80::/10', ['fe80::1', 'fe80::1%lo', 'febf::1%lo'], ['fec0::1', '::1%lo']],
    ['192.0.2.0/24:*', ['192.0.2.0', '192.0.2.255:9'], ['192.0.3.0', '192.0.2.1.evil.example']],
    ['0.0.0.0/0', ['8.8.8.8'], ['::1', 'localhost']],
    ['::1', ['::1', '[::1]', '[0:0::1]:323', '::1%lo'], ['[::1]:324', '::2', '127.0.0.1']],
    ['[2001:db8::/32]:*', ['2001:db8::1', '[2001:0DB8:ffff::]:5'], ['2001:db9::', '[::1]:5']],
    ['2001:db8::/32', ['2001:db8::1'], ['[2001:db8::1]:5']],
  ])('%s', (pattern, allowed, refused) => {
    const { targets } = readServerOptions({ probe: ['unrelated.example', pattern] }, {}, {});
    for (const target of allowed)
      expect([target, targets.find(target)]).toEqual([target, expect.any(Object)]);
    for (const target of refused) expect([target, targets.find(target)]).toEqual([target, null]);
    for (const path of ['/run/chrony/chronyd.sock', 'unix:/run/chrony/chronyd.sock']) {
      expect(targets.find(path)).toBeNull();
    }
  });
});

it.each<readonly string[]>([
  ['192.0.2.7', '192.0.2.7:323', '::ffff:192.0.2.7', '[::FFFF:192.0.2.7]', '[0:0:0:0:0:ffff:c000:0207]:323'],
  ['127.0.0.1', '0.0.0.0', '::ffff:127.0.0.1', '[::ffff:0:0]:323'],
  [
    '::1',
    '[::1]',
    '[0::1]',
    '[0000:0:0:0:0:0:0:0001]:323',
    '[::0.0.0.1]',
    '::1%lo',
    '::1%1',
    '[::1%x]',
    '::',
  ],
  ['2001:db8::a', '2001:0DB8::000A', '[2001:db8:0:0:0::a]', '2001:db8::a%lo'],
  ['fe80::1%lo', 'FE80::0001%lo', '[fe80:0::1%lo]:323'],
  ['ntp.example.org', 'NTP.example.ORG', 'ntp.example.org:323'],
])('%s and its other spellings are one target', (first, ...others) => {
  const { targets } = readServerOptions({ probe: ['0.0.0.0/0', '::/0', '*.example.org'] }, {}, {});
  for (const other of others)
    expect([other, targets.find(other)]).toEqual([other, targets.find(first ?? '')]);
});

it('a link-local address is normalized to the name of an existing interface', () => {
  const { targets } = readServerOptions({ probe: ['fe80::/10'] }, {}, {});
  for (const [name, addresses = []] of Object.entries(networkInterfaces())) {
    for (const { scopeid } of addresses) {
      if (scopeid) expect(targets.find(`fe80::1%${scopeid}`)).toHaveProperty('host', `fe80::1%${name}`);
    }
  }
  expect(() => targets.find('fe80::1%none')).toThrow("there is no network interface 'none'");
});

let commandLine: CommandLine;
beforeAll(async () => {
  commandLine = await CommandLine.build();
});

function probing(main: string, ...args: readonly string[]): Promise<Serving> {
  return Serving.start(
    commandLine,
    '-h',
    main,
    '--timeout',
    '1000',
    '--reports',
    'tracking,activity',
    ...args,
  );
}

it('queries allowed targets, and refuses others with advice', async () => {
  await using main = await Chronyd.start();
  await using other = await Chronyd.start({ config: ['local stratum 7'] });
  await using serving = await probing(main.address, '--probe', `127.0.0.1:${other.commandPort}`);
  const up = await serving.ask(`/probe?target=${other.address}&module=ignored`);
  expect([up.status, up.text]).toEqual([200, expect.stringMatching(/^chrony_up 1$/m)]);
  await other.kill();
  await expect
    .poll(async () => (await serving.ask(`/probe?target=${other.address}`)).text)
    .toMatch(/^chrony_up 0$/m);
  await other.run();
  await expect
    .poll(async () => (await serving.ask(`/probe?target=${other.address}`)).text)
    .toMatch(/^chrony_up 1$/m);
  const refused = await serving.ask(`/probe?target=${main.address}`);
  expect([refused.status, refused.text]).toEqual([403, expect.stringContaining('--probe')]);
  for (const path of [main.socketPath, `unix:${main.socketPath}`]) {
    expect((await serving.ask(`/probe?target=${encodeURIComponent(path)}`)).status).toBe(403);
  }
  for (const query of [
    '',
    '?target=',
    '?target=a&target=b',
    '?target=a:b:c:d',
    '?target=a%20b',
    '?target=a:99999',
  ]) {
    expect([query, (await serving.ask(`/probe${query}`)).status]).toEqual([query, 400]);
  }
});

it('queries a target once for simultaneous requests, and replies in time', async () => {
  await using mock = await startMockChronyd('synchronized');
  await using serving = await probing(mock.address, '--interval', '60', '--probe', '127.0.0.0/8:*');
  await serving.ready();
  const before = mock.requests.length;
  await serving.ask(`/probe?target=${mock.address}`);
  const alone = mock.requests.length - before;
  const start = performance.now();
  const texts = await Promise.all(
    Array.from({ length: 200 }, async () => (await serving.ask(`/probe?target=${mock.address}`)).text),
  );
  // the target is queried again when the snapshot is a second old
  const seconds = (performance.now() - start) / 1000;
  expect(new Set(texts).size).toBeLessThanOrEqual(2 + seconds);
  expect(mock.requests.length - before).toBeLessThanOrEqual((3 + seconds) * alone);
  mock.pause();
  const headers = { 'x-prometheus-scrape-timeout-seconds': '1.5' };
  await expect
    .poll(async () => (await serving.ask(`/probe?target=${mock.address}`, { headers })).text)
    .toMatch(/^chrony_up 0$/m);
});

it('queries more targets than it keeps in memory', async () => {
  await using mock = await startMockChronyd('synchronized');
  await using serving = await probing(mock.address, '--probe', '127.0.0.0/8:*');
  const silent = await freePort();
  const alive = `127.0.0.1:${mock.port}`;
  for (let round = 0; round < 3; round++) {
    const targets = Array.from({ length: 150 }, (_, i) => `127.1.${round}.${i + 1}:${silent}`);
    const replies = await Promise.all(
      [alive, ...targets].map((target) => serving.ask(`/probe?target=${target}`)),
    );
    expect(replies.map(({ status }) => status)).toEqual(replies.map(() => 200));
    expect(replies.map(({ text }) => /^chrony_up (\d)$/m.exec(text)?.[1])).toEqual([
      '1',
      ...targets.map(() => '0'),
    ]);
  }
});

it('queries at most 256 targets at the same time', async () => {
  // receives requests without replying
  const silent = createSocket('udp4').bind(0, '0.0.0.0');
  await once(silent, 'listening');
  const { port } = silent.address();
  await using serving = await probing(`127.0.0.1:${port}`, '--probe', '127.0.0.0/8:*', '--timeout', '8000');
  const targets = Array.from({ length: 300 }, (_, i) => `127.0.${i % 2}.${(i >> 1) + 1}:${port}`);
  const replies = await Promise.all(targets.map((target) => serving.ask(`/probe?target=${target}`)));
  silent.close();
  const refused = replies.filter(({ status }) => status === 503);
  expect(refused).toHaveLength(300 - 256);
  for (const { headers } of refused) expect(headers['retry-after']).toBe('1');
  for (const { status, text } of replies.filter((reply) => !refused.includes(reply))) {
    expect([status, text]).toEqual([200, expect.stringMatching(/^chrony_up 0$/m)]);
  }
});

/** Enough sources that a report on them is queried over the maximum number of sockets. */
const SOURCES = Array.from({ length: 9 }, (_, i) => `server 127.9.9.${i + 1} offline`);

/** Starts a chronyd that is reachable at all addresses in 127.0.0.0/8. */
const everywhere = (): Promise<Chronyd> => Chronyd.start({ listen: ['0.0.0.0', '::1'], config: SOURCES });

/** Sets the limit of open files of a process. */
async function limitFiles(pid: number, limits: string): Promise<void> {
  await mustRun('prlimit', ['--pid', String(pid), `--nofile=${limits}`]);
}

/** The number of sockets that a process has. */
function socketsOf(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).filter((fd) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${fd}`).startsWith('socket:');
    } catch {
      // closed meanwhile
      return false;
    }
  }).length;
}

const isUp = ({ text }: { readonly text: string }): boolean => /^chrony_up 1$/m.test(text);

it('queries 200 targets with 1024 files, in parallel and in sequence, and closes their sockets', async () => {
  await using chronyd = await everywhere();
  await using serving = await Serving.start(
    commandLine,
    // a report on sources uses eight sockets; more reports would take too long on a busy machine
    ...['-h', chronyd.address, '--interval', '60'],
    ...['--reports', 'tracking,sources', '--probe', '127.0.0.0/8:*'],
  );
  await limitFiles(serving.pid, '1024:1024');
  await serving.ready();
  await serving.ask('/metrics');
  const before = socketsOf(serving.pid);
  const target = (i: number): string => `/probe?target=127.0.${i}.1:${chronyd.commandPort}`;
  let most = 0;
  const watching = setInterval(() => {
    most = Math.max(most, socketsOf(serving.pid));
  }, 5);
  // Prometheus sends its timeout
  const headers = { 'x-prometheus-scrape-timeout-seconds': '30' };
  const AT_ONCE = 50;
  for (let first = 0; first < 200; first += AT_ONCE) {
    const replies = await Promise.all(
      Array.from({ length: AT_ONCE }, (_, i) => serving.ask(target(first + i), { headers })),
    );
    expect(replies.filter((reply) => !isUp(reply))).toEqual([]);
  }
  clearInterval(watching);
  // a socket for each target and client, and 128 more
  expect(most).toBeLessThanOrEqual(before + 2 * AT_ONCE + 128);
  await expect.poll(() => socketsOf(serving.pid)).toBeLessThanOrEqual(before);
  for (let i = 0; i < 200; i++) expect([i, isUp(await serving.ask(target(i)))]).toEqual([i, true]);
  await expect.poll(() => socketsOf(serving.pid)).toBeLessThanOrEqual(before);
});

it('reports too many open files as such, and not as a failure of chronyd', async () => {
  await using main = await Chronyd.start();
  await using other = await Chronyd.start();
  await using serving = await probing(main.address, '--interval', '0.5', '--probe', '127.0.0.0/8:*');
  await serving.ready();
  // a new connection would need a file, too
  const connection = await serving.connect();
  const ask = async (path: string): Promise<string> => {
    const before = connection.received().length;
    connection.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
    await expect.poll(() => /\r\n\r\n[\s\S]*\n$/.test(connection.received().slice(before))).toBe(true);
    return connection.received().slice(before);
  };
  const probe = `/probe?target=${other.address}`;
  expect(await ask('/healthz')).toContain(' 200 OK');
  await limitFiles(serving.pid, '10:');
  const refusal =
    /^HTTP\/1\.1 503 [\s\S]*\nchronyd was not queried: .*: EMFILE; .*too many open files; .*raise the limit/;
  expect(await ask(probe)).toMatch(refusal);
  // the server keeps a socket to its own chronyd until a request fails
  await main.kill();
  for (const path of ['/metrics', '/readyz']) await expect.poll(() => ask(path)).toMatch(refusal);
  await main.run();
  for (const path of [probe, '/metrics', '/readyz']) expect(await ask(path)).toMatch(refusal);
  await limitFiles(serving.pid, '1024:');
  for (const path of [probe, '/metrics']) await expect.poll(() => ask(path)).toMatch(/^chrony_up 1$/m);
  await serving.ready();
});

it('queries a chronyd once per second, for any number of probes and any spelling of its address', async () => {
  await using chronyd = await everywhere();
  await using serving = await Serving.start(
    commandLine,
    ...['-h', chronyd.socketPath, '--interval', '60', '--timeout', '1000'],
    ...['--probe', '127.0.0.1:*', '--probe', '[::1]:*', '--probe', 'localhost:*'],
  );
  await serving.ready();
  const received = async (): Promise<number> =>
    Number((await chronyd.chronyc(['serverstats'])).split(',')[2]);
  const hosts = {
    ipv4: ['127.0.0.1', '[::ffff:127.0.0.1]', '[::FFFF:7f00:1]', '[0:0:0:0:0:ffff:127.0.0.1]', '0.0.0.0'],
    ipv6: [
      ...['[::1]', '[0::1]', '[00::01]', '[0:0:0:0:0:0:0:1]', '[::0001]', '[::0.0.0.1]', '[::]', '[0::0]'],
      ...['[::1%lo]', '[::1%eth0]', '[::1%1]', '[::1%x]', '[0::1%999]'],
    ],
    names: ['localhost', 'LOCALHOST', 'LocalHost', 'lOCALHOST'],
  };
  const targets = Object.values(hosts)
    .flat()
    .map((host) => encodeURIComponent(`${host}:${chronyd.commandPort}`));
  expect(targets).toHaveLength(22);
  const before = await received();
  await serving.ask(`/probe?target=${targets[0]}`);
  const alone = (await received()) - before;
  const start = performance.now();
  let probes = 0;
  while (probes < 4 * targets.length || performance.now() - start < 3000) {
    const replies = await Promise.all(targets.map((target) => serving.ask(`/probe?target=${target}`)));
    expect(replies.filter((reply) => !isUp(reply))).toEqual([]);
    probes += replies.length;
  }
  const seconds = (performance.now() - start) / 1000;
  // chronyd has two endpoints, and chronyc sends requests, too
  const most = 2 * (2 + seconds) * alone;
  expect((await received()) - before - alone).toBeLessThanOrEqual(most);
});

it('silent targets of a client do not delay the targets of another client', async () => {
  const silent = createSocket('udp4').bind(0, '0.0.0.0');
  await once(silent, 'listening');
  const { port } = silent.address();
  const ports = new Set<number>();
  silent.on('message', (_, from) => ports.add(from.port));
  await using chronyd = await everywhere();
  await using serving = await probing(
    chronyd.address,
    ...['--interval', '60', '--probe', '127.0.0.0/8:*', '--timeout', '8000'],
  );
  await serving.ready();
  let replied = 0;
  const dead = Array.from({ length: 300 }, async (_, i) => {
    const reply = await serving.ask(`/probe?target=127.0.${i % 2}.${(i >> 1) + 1}:${port}`);
    if (reply.status === 200) replied++;
    return reply;
  });
  await expect.poll(() => ports.size).toBe(256);
  const healthy = `/probe?target=127.2.2.2:${chronyd.commandPort}`;
  expect((await serving.ask(healthy)).status).toBe(503);
  const other = await serving.ask(healthy, { from: '127.0.0.2' });
  expect([other.status, isUp(other), replied]).toEqual([200, true, 0]);
  const replies = await Promise.all(dead);
  silent.close();
  const displaced = replies.filter(({ text }) => text.includes('other clients'));
  expect(displaced.map(({ status, headers }) => [status, headers['retry-after']])).toEqual([[503, '1']]);
  expect(replies.filter(isUp)).toEqual([]);
});
