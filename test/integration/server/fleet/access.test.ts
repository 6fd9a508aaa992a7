/** Access control applies to all paths of the fleet server. */
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../../../support/ports.ts';
import { CommandLine } from '../../cli/support.ts';
import { open } from '../serving.ts';
import { FleetPage, startFleet } from './support.ts';

let commandLine: CommandLine;
let dir: string;
/** A target at which nothing listens: these tests need no replies. */
let target: string;

beforeAll(async () => {
  commandLine = await CommandLine.build();
  dir = await mkdtemp(join(tmpdir(), 'fleet-access-'));
  target = `127.0.0.1:${await freePort()}`;
});
afterAll(() => rm(dir, { recursive: true, force: true }));

const PATHS = ['/', '/events', '/api/fleet', '/api/topology', '/sd', '/metrics', '/probe?target=x'];

function pathsOfClock(): readonly string[] {
  const path = `/clock/${encodeURIComponent(target)}`;
  return [path, `${path}/`, `${path}/events`, `${path}/api/tracking`, '/clock/other/', '/nothing'];
}

it('requires a password for everything but the health checks', async () => {
  const secrets = join(dir, 'users');
  await writeFile(secrets, 'reader:secret\n');
  await chmod(secrets, 0o600);
  await using serving = await startFleet(commandLine, target, '--basic-auth', secrets);
  for (const path of [...PATHS, ...pathsOfClock()]) {
    expect([path, (await serving.ask(path)).status]).toEqual([path, 401]);
  }
  for (const path of ['/healthz', '/readyz']) expect((await serving.ask(path)).status).not.toBe(401);
  const headers = { authorization: `Basic ${Buffer.from('reader:secret').toString('base64')}` };
  expect((await serving.ask('/sd', { headers })).status).toBe(200);
  await using page = await FleetPage.open(serving.url, { headers });
  await page.until(({ rows }) => rows.size === 1);
});

describe('requests with an unknown host name, or from other sites', () => {
  it.each<[headers: Readonly<Record<string, string>>, message: string]>([
    [{ host: 'evil.example' }, 'this server is not known as "evil.example"'],
    [
      { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'cors' },
      'requests from pages of other sites are refused',
    ],
  ])('are refused: %s', async (headers, message) => {
    await using serving = await startFleet(commandLine, target, '--allow-host', 'fleet.example.org');
    for (const path of [...PATHS, ...pathsOfClock()]) {
      const { status, text } = await serving.ask(path, { headers });
      expect([path, status, text]).toEqual([path, 403, expect.stringContaining(message)]);
    }
    expect((await serving.ask('/api/fleet', { headers: { host: 'fleet.example.org' } })).status).toBe(200);
  });

  it('are accepted from scrapers with any host name on a network listener', async () => {
    await using serving = await startFleet(commandLine, target, '--listen', '0.0.0.0:0');
    const statusOf = async (path: string, more: Readonly<Record<string, string>> = {}): Promise<number> =>
      (await serving.ask(path, { headers: { host: 'poller.example', ...more } })).status;
    expect([await statusOf('/sd'), await statusOf('/metrics')]).toEqual([200, 200]);
    expect(await statusOf('/sd', { 'accept-language': 'en' })).toBe(403);
    for (const path of ['/', '/api/fleet', '/events', ...pathsOfClock()]) {
      expect([path, await statusOf(path)]).toEqual([path, 403]);
    }
  });
});

it('limits the viewers of a client, of the fleet and of all clocks together', async () => {
  await using serving = await startFleet(commandLine, target);
  const url = (path: string): string => new URL(path, serving.url).href;
  const clock = `/clock/${encodeURIComponent(target)}/events`;
  const viewers = await Promise.all(
    Array.from({ length: 32 }, (_, i) => open(url(i % 2 === 0 ? '/events' : clock))),
  );
  try {
    expect(viewers.map(({ statusCode }) => statusCode)).toEqual(Array(32).fill(200));
    for (const path of ['/events', clock]) {
      const { status, text } = await serving.ask(path);
      expect([status, text]).toEqual([
        503,
        '32 pages are open from your address already; close an unused one\n',
      ]);
    }
    // another client has its own limit
    const other = await open(url('/events'), { from: '127.0.1.9' });
    expect(other.statusCode).toBe(200);
    other.destroy();
  } finally {
    for (const viewer of viewers) viewer.destroy();
  }
});

describe('invalid arguments', () => {
  it.each<[args: readonly string[], message: RegExp]>([
    [['--metrics-path', '/sd'], /--metrics-path needs a path of its own: something else is served at '\/sd'/],
    [['--metrics-path', '/clock/x'], /something else is served at '\/clock\/x'/],
    [['--once'], /--once cannot be used with --listen/],
    [['--json'], /--json cannot be used with --listen; the API is at \/api\/fleet/],
    [['--allow-host', '*'], /--allow-host needs a name/],
    [['--targets', '/nowhere'], /--targets \/nowhere: .*check the path/],
  ])('rejects %s', async (args, message) => {
    const { status, stderr } = await commandLine.run('fleet', target, '--listen', '0', ...args);
    expect(stderr).toMatch(message);
    expect(stderr.trim().split('\n').length).toBeLessThanOrEqual(2);
    expect(status).not.toBe(0);
  });

  it('rejects options of the server without --listen', async () => {
    const { status, stderr } = await commandLine.run('fleet', target, '--once', '--allow-host', 'a.example');
    expect([status, stderr]).toEqual([3, expect.stringContaining('--allow-host needs --listen')]);
  });
});

it.each(['SIGTERM', 'SIGINT'] as const)('%s ends the server and all events', async (signal) => {
  await using serving = await startFleet(commandLine, target);
  await using page = await FleetPage.open(serving.url);
  await page.until(({ rows }) => rows.size === 1);
  serving.kill(signal);
  await expect(page.until(() => false)).rejects.toThrow('the events have ended');
  expect(await serving.ended).toEqual([0, null]);
});
