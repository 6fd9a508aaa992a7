/** The endpoints of the server, with a real chronyd. */
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { getSourceNames, type Source } from '../../../src/index.ts';
import { Chronyd } from '../../support/chronyd.ts';
import { FrozenChronyd } from '../../support/frozen.ts';
import { REPORTS } from '../../support/reports.ts';
import { CommandLine } from '../cli/support.ts';
import { Serving } from './serving.ts';

let commandLine: CommandLine;
let chronyd: Chronyd;
/** Gives all reports, always with the same content. */
let frozen: FrozenChronyd;
let serving: Serving;

beforeAll(async () => {
  commandLine = await CommandLine.build();
  chronyd = await Chronyd.start({
    config: [
      'local stratum 5',
      'server nobody.invalid',
      ...[1, 2, 3].map((i) => `server 127.0.0.${i} port 9`),
    ],
  });
  frozen = await FrozenChronyd.of(chronyd);
  serving = await Serving.start(commandLine, '--host', frozen.address);
  await serving.ready();
});
afterAll(async () => {
  await serving?.[Symbol.asyncDispose]();
  await frozen?.[Symbol.asyncDispose]();
  await chronyd?.[Symbol.asyncDispose]();
});

/** Adds the names in chronyd's configuration to sources printed as JSON. */
async function named(printed: string): Promise<string> {
  const names = new Map((await getSourceNames(frozen.address)).map(({ address, name }) => [address, name]));
  const sources: readonly Source[] = JSON.parse(printed);
  expect(sources.every(({ name }) => name === null)).toBe(true);
  return `${JSON.stringify(sources.map((source) => ({ ...source, name: names.get(source.address) })))}\n`;
}

describe('/api', () => {
  it.each(REPORTS)('%s is the same as the output of --json', async (name) => {
    const printed = await commandLine.print('-h', frozen.address, '--json', name);
    const { status, headers, text } = await serving.ask(`/api/${name}`);
    expect({ status, type: headers['content-type'] }).toEqual({ status: 200, type: 'application/json' });
    expect(text).toBe(name === 'sources' ? await named(printed) : printed);
  });

  it('includes unresolved sources on request, like --all', async () => {
    const all = await commandLine.print('-h', frozen.address, '--json', 'sources', '--all');
    expect((await serving.ask('/api/sources?all')).text).toBe(await named(all));
    expect((await serving.ask('/api/sources')).text).not.toBe(all);
  });

  it('lists the reports', async () => {
    const { reports } = JSON.parse((await serving.ask('/api')).text);
    expect(reports.toSorted()).toEqual([...REPORTS, 'manual-list'].map((name) => `/api/${name}`).toSorted());
  });

  it('gives the reason why a report is missing', async () => {
    // over UDP, where some reports need permission
    await using open = await Serving.start(
      commandLine,
      '--host',
      chronyd.address,
      '--reports',
      'tracking,authdata,serverstats',
    );
    const refused = await open.ask('/api/serverstats');
    expect([refused.status, JSON.parse(refused.text)]).toEqual([
      403,
      { error: { code: 'ERR_CHRONY_PERMISSION', message: expect.stringContaining('opencommands') } },
    ]);
    const off = await open.ask('/api/sources');
    expect([off.status, JSON.parse(off.text)]).toEqual([
      404,
      { error: { code: 'ERR_CHRONY_REPORT_OFF', message: expect.stringContaining('--reports') } },
    ]);
    expect((await open.ask('/api/tracking')).status).toBe(200);
  });
});

describe('the log', () => {
  it('mentions each refused report once, with advice', async () => {
    await using open = await Serving.start(commandLine, '--host', chronyd.address, '--interval', '0.5');
    await open.ready();
    for (let i = 0; i < 3; i++) await open.ask('/metrics');
    const lines = open.log
      .split('\n')
      .filter((line) => line.startsWith('chrony-wasm: without serverstats: '));
    expect(lines).toEqual([expect.stringMatching(/opencommands .* serverstats/)]);
  });
});

describe('the page', () => {
  it('is revalidated with each request, and not sent again', async () => {
    const first = await serving.ask('/');
    expect([first.status, first.headers['content-type'], first.headers['cache-control']]).toEqual([
      200,
      'text/html; charset=utf-8',
      'no-cache',
    ]);
    const tag = String(first.headers.etag);
    const again = await serving.ask('/', { headers: { 'if-none-match': `"other", ${tag}` } });
    expect([again.status, again.body.length, again.headers.etag]).toEqual([304, 0, tag]);
    expect(again.headers.vary).toBe(first.headers.vary);
    expect((await serving.ask('/', { headers: { 'if-none-match': '"other"' } })).status).toBe(200);
  });

  it('may load resources of this server only, and cannot be framed', async () => {
    const { headers } = await serving.ask('/');
    const policy = String(headers['content-security-policy']);
    expect(policy.split('; ').toSorted()).toEqual([
      "base-uri 'none'",
      "connect-src 'self'",
      "default-src 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
      "img-src 'self' data:",
      "script-src 'self'",
      "style-src 'self'",
    ]);
  });
});

it.each(['/', '/metrics', '/api', '/api/tracking', '/events', '/healthz', '/readyz', '/probe', '/nothing'])(
  '%s has security headers, and HEAD has the same headers without a body',
  async (path) => {
    const head = await serving.ask(path, { method: 'HEAD' });
    expect(head.body.length).toBe(0);
    expect(head.headers).toMatchObject({
      'content-security-policy': expect.stringContaining("default-src 'none'"),
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
    });
    expect(Object.keys(head.headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
    if (path === '/events') return;
    const got = await serving.ask(path);
    expect(got.status).toBe(head.status);
    // the metrics contain the duration of each snapshot, with a varying number of digits
    const moving = { date: '', ...(path === '/metrics' ? { 'content-length': '' } : {}) };
    expect({ ...got.headers, ...moving }).toEqual({ ...head.headers, ...moving });
  },
);

it('compresses long replies on request', async () => {
  const plain = await serving.ask('/api/ntpdata');
  const zipped = await serving.ask('/api/ntpdata', { headers: { 'accept-encoding': 'br, gzip;q=0.5' } });
  expect(zipped.headers).toMatchObject({ 'content-encoding': 'gzip', vary: 'Accept-Encoding' });
  expect(gunzipSync(zipped.body).toString()).toBe(plain.text);
  for (const encodings of ['gzip;q=0, br', 'gzip ; q=0.0']) {
    const refused = await serving.ask('/api/ntpdata', { headers: { 'accept-encoding': encodings } });
    expect(refused.headers['content-encoding']).toBeUndefined();
  }
});

it('serves metrics', async () => {
  const { status, headers, text } = await serving.ask('/metrics');
  expect([status, headers['content-type']]).toEqual([200, expect.stringMatching(/^text\/plain; /)]);
  expect(text).toMatch(/^chrony_up 1$/m);
});

it('rejects other paths and other methods', async () => {
  for (const path of [
    '/nothing',
    '/metrics/',
    '/api/',
    '/api/constructor',
    '/..%2fetc/passwd',
    '/index.html',
    '/page/index.html',
  ]) {
    expect([path, (await serving.ask(path)).status]).toEqual([path, 404]);
  }
  for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'TRACE', 'PATCH']) {
    const { status, headers } = await serving.ask('/metrics', { method });
    expect([method, status, headers.allow]).toEqual([method, 405, 'GET, HEAD']);
  }
});

it.each(['clients', 'manual-list', 'serverstats'])(
  'is ready with %s alone as long as chronyd answers, even if it refuses the report',
  async (report) => {
    await using restarted = await Chronyd.start();
    for (const address of [restarted.socketPath, restarted.address]) {
      await using alone = await Serving.start(commandLine, '--host', address, '--reports', report);
      const { status } = await alone.ask('/readyz');
      expect([address, status]).toEqual([address, 200]);
    }
    await using watching = await Serving.start(commandLine, '--host', restarted.address, '--reports', report);
    await watching.ready();
    await restarted.kill('SIGKILL');
    await watching.ready(503);
  },
);

it('is healthy without chronyd, and ready with it', async () => {
  await using restarted = await Chronyd.start();
  await using watching = await Serving.start(
    commandLine,
    '--host',
    restarted.address,
    '--interval',
    '0.5',
    '--timeout',
    '200',
  );
  await watching.ready();
  await restarted.kill('SIGKILL');
  await watching.ready(503);
  expect((await watching.ask('/healthz')).status).toBe(200);
  expect((await watching.ask('/metrics')).text).toMatch(/^chrony_up 0$/m);
  const { status, text } = await watching.ask('/api/tracking');
  expect([status, JSON.parse(text).error.code]).toEqual([503, 'ERR_CHRONY_CONNECTION']);
  await restarted.run();
  await watching.ready(200);
  expect((await watching.ask('/metrics')).text).toMatch(/^chrony_up /m);
  expect((await watching.ask('/api/tracking')).status).toBe(200);
});
