/** Other chronyds, as far as the operator allows it. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { beforeAll, describe, expect, it } from 'vitest';
import { readServerOptions } from '../../../src/server/options.ts';
import { startMockChronyd } from '../../../src/testing/index.ts';
import { Chronyd } from '../../support/chronyd.ts';
import { freePort } from '../../support/ports.ts';
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
      ['192.0.2.70', '192.0.2.7:22', '192.0.2', '::ffff:192.0.2.7', '3221225991'],
    ],
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

it('asks what is allowed, and says of the rest what to do', async () => {
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

it('asks a target once for all who want it at the same time, and answers in time', async () => {
  await using mock = await startMockChronyd('synchronised');
  await using serving = await probing(mock.address, '--interval', '60', '--probe', '127.0.0.0/8:*');
  await serving.ready();
  const before = mock.requests.length;
  await serving.ask(`/probe?target=${mock.address}`);
  const alone = mock.requests.length - before;
  const start = performance.now();
  const texts = await Promise.all(
    Array.from({ length: 200 }, async () => (await serving.ask(`/probe?target=${mock.address}`)).text),
  );
  // what is a second old is asked for anew
  const seconds = (performance.now() - start) / 1000;
  expect(new Set(texts).size).toBeLessThanOrEqual(2 + seconds);
  expect(mock.requests.length - before).toBeLessThanOrEqual((3 + seconds) * alone);
  mock.pause();
  const headers = { 'x-prometheus-scrape-timeout-seconds': '1.5' };
  await expect
    .poll(async () => (await serving.ask(`/probe?target=${mock.address}`, { headers })).text)
    .toMatch(/^chrony_up 0$/m);
});

it('asks a fleet, more than it keeps in mind', async () => {
  await using mock = await startMockChronyd('synchronised');
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

it('asks so many at a time, and no more', async () => {
  // takes everything, and says nothing
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
