/** How operators run an exporter: addresses, systemd sockets, paths, logs, and unknown host names. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { hostname, networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Chronyd } from '../../support/chronyd.ts';
import { freePort } from '../../support/ports.ts';
import { tied } from '../../support/tied.ts';
import { mustRun, run } from '../../system/package/support/run.ts';
import { CommandLine, InstalledCommandLine } from '../cli/support.ts';
import { ask, type Reply, Serving } from './serving.ts';

let commandLine: CommandLine;
let chronyd: Chronyd;

beforeAll(async () => {
  commandLine = await CommandLine.build();
  chronyd = await Chronyd.start();
});
afterAll(() => chronyd?.[Symbol.asyncDispose]());

function start(...args: readonly string[]): Promise<Serving> {
  return Serving.start(commandLine, '-h', chronyd.address, ...args);
}

/** An address of this machine outside the loopback; null on a machine without a network. */
function otherAddress(): string | null {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  return all.find(({ internal, family }) => !internal && family === 'IPv4')?.address ?? null;
}

describe('the address of chronyd', () => {
  it.each<[form: string, address: () => string]>([
    ['udp://host:port', () => `udp://${chronyd.address}`],
    ['udp://name:port', () => `udp://localhost:${chronyd.address.split(':')[1]}`],
    ['unix:///path', () => `unix://${chronyd.socketPath}`],
    ['unixgram:///path', () => `unixgram://${chronyd.socketPath}`],
  ])('may be %s', async (_, address) => {
    const printed = await commandLine.print('-h', address(), '--csv', 'tracking');
    expect(printed).toBe(await commandLine.print('-h', chronyd.address, '--csv', 'tracking'));
    await using serving = await Serving.start(commandLine, '-h', address());
    await serving.ready();
    expect((await serving.ask('/metrics')).text).toContain('\nchrony_up 1\n');
  });

  it('may be a URL for /probe, except the URL of a Unix socket', async () => {
    await using serving = await start('--probe', '127.0.0.1:*');
    const probe = (target: string): Promise<Reply> =>
      serving.ask(`/probe?${new URLSearchParams({ target })}`);
    expect((await probe(`udp://${chronyd.address}`)).text).toContain('\nchrony_up 1\n');
    expect((await probe(`unixgram://${chronyd.socketPath}`)).status).toBe(403);
    expect((await probe(`unix://${chronyd.socketPath}`)).status).toBe(403);
    expect((await probe('udp://')).status).toBe(400);
  });

  it.each<[args: readonly string[], complaint: string]>([
    [['-h', 'udp://127.0.0.1:323', '-p', '1'], 'the port is given twice: --host udp://127.0.0.1:323'],
    [['-h', 'unixgram:///run/x', '-p', '1'], '--port cannot be used with a Unix socket (unixgram:///run/x)'],
  ])('rejects %j', async (args, complaint) => {
    const { status, stderr } = await commandLine.run(...args, 'tracking');
    expect([status, stderr]).toEqual([2, expect.stringContaining(complaint)]);
  });

  it('may be a URL together with --port', async () => {
    const [, port = ''] = chronyd.address.split(':');
    await commandLine.print('-h', 'udp://127.0.0.1', '-p', port, 'tracking');
  });

  it('of a Unix socket determines the user of the unit, in every notation', async () => {
    await using installed = await InstalledCommandLine.install();
    const [plain, ...urls] = await Promise.all(
      ['', 'unix:', 'unix://', 'unixgram://'].map((scheme) =>
        installed.print('serve', '--print-unit', '-h', `${scheme}${chronyd.socketPath}`),
      ),
    );
    const userOf = (unit = ''): string | undefined => /^User=.*$/m.exec(unit)?.[0];
    expect(userOf(plain)).toMatch(/^User=/);
    expect(urls.map(userOf)).toEqual(urls.map(() => userOf(plain)));
  });
});

describe('--listen :PORT', () => {
  it('listens on all addresses of IPv4 and IPv6', async () => {
    const port = await freePort();
    await using serving = await start('--listen', `:${port}`);
    expect(serving.url).toBe(`http://[::]:${port}/`);
    await expect.poll(() => serving.log).toContain('others on the network can read');
    for (const host of ['127.0.0.1', '[::1]', '127.0.0.9', otherAddress() ?? '127.0.0.1']) {
      expect((await ask(`http://${host}:${port}/healthz`)).status).toBe(200);
    }
  });

  it.each(['0.0.0.0:0', '[::]:0', '[::1]:0', 'localhost:0', '127.0.0.1:0'])('may be %s', async (listen) => {
    await using serving = await start('--listen', listen);
    const port = String(serving.port);
    expect(serving.url).toBe(`http://${listen.replace(/0$/, port)}/`);
    const host = listen.startsWith('[') ? '[::1]' : '127.0.0.1';
    expect((await ask(`http://${host}:${port}/healthz`)).status).toBe(200);
  });

  it('may be repeated', async () => {
    const ports = [await freePort(), await freePort()];
    await using serving = await start(...ports.flatMap((port) => ['--listen', `:${port}`]));
    await expect.poll(() => serving.log.match(/listening on/g)).toHaveLength(2);
    for (const port of ports) expect((await ask(`http://127.0.0.1:${port}/healthz`)).status).toBe(200);
  });
});

describe('--systemd-socket', () => {
  /** Has systemd-socket-activate start the server at the first connection to one of the sockets. */
  function startActivated(sockets: readonly string[], ...args: readonly string[]): Promise<Serving> {
    const listen = sockets.flatMap((socket) => ['-l', socket]);
    const under = ['systemd-socket-activate', '--fdname=web:other', ...listen];
    return Serving.start({ program: commandLine.program, under }, '--systemd-socket', ...args);
  }

  it('serves on the sockets that systemd passes', async () => {
    const [first, second] = [await freePort(), await freePort()];
    const starting = startActivated([`127.0.0.1:${first}`, `[::1]:${second}`], '-h', chronyd.address);
    // the request that starts the server waits in the socket until the server accepts it
    expect((await untilThere(`http://127.0.0.1:${first}/healthz`)).status).toBe(200);
    await using serving = await starting;
    expect(serving.url).toBe(`http://127.0.0.1:${first}/`);
    await serving.ready();
    expect((await ask(`http://[::1]:${second}/metrics`)).text).toContain('\nchrony_up 1\n');
    // a loopback socket is as private as --listen with a loopback address
    expect(serving.log).not.toContain('others on the network');
    expect((await serving.ask('/metrics', { headers: { host: 'clock.example' } })).status).toBe(403);
    serving.kill('SIGTERM');
    expect(await serving.ended).toEqual([0, null]);
  });

  it('may be all addresses, with a warning', async () => {
    const port = await freePort();
    const starting = startActivated([String(port)], '-h', chronyd.address);
    expect((await untilThere(`http://127.0.0.1:${port}/healthz`)).status).toBe(200);
    await using serving = await starting;
    expect(serving.url).toBe(`http://[::]:${port}/`);
    await expect.poll(() => serving.log).toContain('others on the network can read');
    expect((await serving.ask('/metrics', { headers: { host: 'clock.example' } })).status).toBe(200);
  });

  it('refuses a Unix socket', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'activated-'));
    const path = join(dir, 'web.sock');
    const starting = startActivated([path], '-h', chronyd.address);
    const refused = expect(starting).rejects.toThrow(
      "cannot listen on the socket 'web' of systemd: it is a Unix socket; ListenStream= needs a port",
    );
    await expect.poll(() => connectTo(path), { timeout: 30_000 }).toBe(true);
    await refused;
    await rm(dir, { recursive: true });
  });

  it.each<[description: string, script: string, complaint: string]>([
    ['without LISTEN_FDS', 'exec "$@"', 'systemd passed no sockets (LISTEN_FDS is not set)'],
    ['with zero sockets', 'LISTEN_PID=$$ LISTEN_FDS=0 exec "$@"', 'systemd passed no sockets'],
    [
      'with sockets for another process',
      'LISTEN_PID=1 LISTEN_FDS=1 exec "$@"',
      'the sockets are for process 1,',
    ],
    [
      'with a file',
      'LISTEN_PID=$$ LISTEN_FDS=1 exec "$@" 3</dev/null',
      "cannot listen on the socket 'descriptor 3' of systemd: it is not a socket that listens",
    ],
  ])('does not start %s', async (_, script, complaint) => {
    const args = ['-c', script, 'sh', process.execPath, commandLine.program, 'serve', '--systemd-socket'];
    const { status, stderr } = await run('sh', args);
    expect([status, stderr]).toEqual([1, expect.stringMatching(/^chrony-wasm: [^\n]*\n$/)]);
    expect(stderr).toContain(complaint);
  });

  it('excludes --listen', async () => {
    const { status, stderr } = await commandLine.run('serve', '--systemd-socket', '--listen', ':1');
    expect([status, stderr]).toEqual([
      2,
      expect.stringContaining('--listen and --systemd-socket exclude each other'),
    ]);
  });

  it('has a valid systemd unit, with a socket unit', async () => {
    await using installed = await InstalledCommandLine.install();
    const unit = await installed.print('serve', '--print-unit', '--systemd-socket');
    const socket = [...unit.matchAll(/^# (\[.*|[A-Z]\w+=.*)$/gm)]
      .map(([, line]) => line)
      .filter((line) => /^\[|^ListenStream|^WantedBy/.test(line ?? ''));
    const dir = await mkdtemp(join(tmpdir(), 'unit-'));
    await writeFile(join(dir, 'chrony-wasm.service'), unit);
    await writeFile(join(dir, 'chrony-wasm.socket'), `${socket.join('\n')}\n`);
    const files = ['service', 'socket'].map((kind) => join(dir, `chrony-wasm.${kind}`));
    expect(await mustRun('systemd-analyze', ['verify', '--man=no', ...files])).toBe('');
    expect(unit).toContain(' serve --systemd-socket\n');
    await rm(dir, { recursive: true });
  });
});

describe('--metrics-path', () => {
  it('moves only the metrics', async () => {
    await using serving = await start('--metrics-path', '/internal/clock');
    await serving.ready();
    expect((await serving.ask('/internal/clock')).text).toContain('\nchrony_up 1\n');
    expect((await serving.ask('/metrics')).status).toBe(404);
    expect((await serving.ask('/api')).status).toBe(200);
    await expect.poll(() => serving.log).toContain('(page, /internal/clock, /probe, /api)');
  });

  it.each([
    '',
    'metrics',
    '/',
    '/api',
    '/api/x',
    '/probe',
    '/healthz',
    '/a b',
    '/a?b',
    '/events',
    '/page.js',
    '/page/clients',
    '/page/manual-list',
  ])('rejects %j', async (path) => {
    const { status, stderr } = await commandLine.run('serve', '--listen', '0', `--metrics-path=${path}`);
    expect([status, stderr]).toEqual([2, expect.stringContaining('--metrics-path needs a path')]);
  });
});

describe('the log', () => {
  interface Line {
    readonly time: string;
    readonly level: string;
    readonly msg: string;
  }

  it('is JSON with a line for each message, including a fatal error', async () => {
    await using serving = await start('--log-format', 'json', '--listen', '0.0.0.0:0');
    await serving.ready();
    serving.kill('SIGHUP');
    await expect.poll(() => serving.log).toContain('configuration reloaded');
    const lines = serving.log
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Line);
    expect(lines.map(({ level }) => level)).toEqual(expect.arrayContaining(['INFO', 'WARN']));
    for (const { time, msg, ...rest } of lines) {
      expect(Math.abs(Date.parse(time) - Date.now())).toBeLessThan(60_000);
      expect(msg).not.toBe('');
      expect(Object.keys(rest)).toEqual(['level']);
    }
    const args = ['--log-format=json', '--listen', String(serving.port)];
    const { status, stdout, stderr } = await commandLine.run('serve', ...args);
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    const fatal = JSON.parse(stderr) as Line;
    expect(fatal.level).toBe('ERROR');
    expect(fatal.msg).toContain('the port is in use');
  });

  it('is logfmt', async () => {
    await using serving = await start('--log-format', 'logfmt');
    await serving.ready();
    await expect
      .poll(() => serving.log)
      .toMatch(/^time=\d{4}-\d\d-\d\dT[\d:.]+Z level=INFO msg="listening on http:[^"]+"$/m);
  });

  it('contains requests at the level debug only', async () => {
    await using verbose = await start('--log-level', 'debug');
    await verbose.ready();
    await verbose.ask('/metrics');
    await verbose.ask('/nothing?x=1');
    await expect.poll(() => verbose.log).toContain('chrony-wasm: 127.0.0.1 GET /metrics 200\n');
    await expect.poll(() => verbose.log).toContain('chrony-wasm: 127.0.0.1 GET /nothing?x=1 404\n');
    await using usual = await start();
    await usual.ready();
    await usual.ask('/metrics');
    expect(usual.log).not.toContain('GET');
  });

  it('omits messages below its level', async () => {
    const port = await freePort();
    const args = ['-h', chronyd.address, '--log-level', 'error', '--listen', String(port)];
    const child = spawn(...tied(process.execPath, commandLine.program, 'serve', ...args), {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let log = '';
    child.stderr.on('data', (chunk) => {
      log += chunk;
    });
    const ended = once(child, 'close');
    expect((await untilThere(`http://127.0.0.1:${port}/healthz`)).status).toBe(200);
    child.kill('SIGTERM');
    await ended;
    expect(log).toBe('');
  });

  it.each([
    ['--log-format=xml', '--log-format needs one of: text, logfmt, json'],
    ['--log-level=loud', '--log-level needs one of: debug, info, warn, error'],
  ])('rejects %s', async (arg, complaint) => {
    const { status, stderr } = await commandLine.run('serve', arg);
    expect([status, stderr]).toEqual([2, expect.stringContaining(complaint)]);
  });
});

describe('by an unknown host name', () => {
  const HOSTS = ['clock.example', 'clock.example:9123', 'a.b.svc.cluster.local', 'xn--bcher-kva.example'];
  const SCRAPED = ['/metrics', '/probe?target=x', '/healthz', '/readyz'];
  const OTHERS = ['/', '/page.js', '/api', '/api/tracking', '/events', '/nothing'];
  /** The headers of programs that scrape. */
  const SCRAPERS: readonly Readonly<Record<string, string>>[] = [
    {},
    {
      'user-agent': 'Prometheus/2.42.0+ds',
      accept: 'application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5,*/*;q=0.1',
      'accept-encoding': 'gzip',
      'x-prometheus-scrape-timeout-seconds': '10',
    },
    { 'user-agent': 'curl/7.88.1', accept: '*/*' },
    { 'user-agent': 'kube-probe/1.29', accept: '*/*', connection: 'close' },
    { 'user-agent': 'vm_promscrape', 'accept-encoding': 'gzip', 'x-forwarded-for': '192.0.2.1' },
    { 'user-agent': 'python-requests/2.31.0', 'accept-encoding': 'gzip, deflate', authorization: 'Bearer x' },
  ];
  /**
   * The headers that a browser sends for a page whose own name resolves to this server, with any headers that the page
   * may add.
   */
  const BROWSERS: readonly Readonly<Record<string, string>>[] = [
    { 'accept-language': 'en' },
    // a page can send an empty header, but cannot omit it
    { 'accept-language': '', 'user-agent': 'Prometheus/2.42.0', 'x-prometheus-scrape-timeout-seconds': '10' },
    { origin: 'http://clock.example' },
    { origin: 'null' },
    { 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'cors' },
    { 'sec-fetch-site': 'none', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' },
    { 'sec-ch-ua': '"Chromium";v="120"' },
    { 'sec-gpc': '1' },
    { referer: 'http://clock.example/' },
    { cookie: 'a=b' },
    { 'upgrade-insecure-requests': '1' },
    { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36' },
    { 'user-agent': ' mozilla/5.0' },
  ];
  let open: Serving;
  let loopback: Serving;

  beforeAll(async () => {
    open = await start('--listen', '0.0.0.0:0', '--probe', '192.0.2.0/24');
    loopback = await start();
    await Promise.all([open.ready(), loopback.ready()]);
  });
  afterAll(async () => {
    await open?.[Symbol.asyncDispose]();
    await loopback?.[Symbol.asyncDispose]();
  });

  const statusOf = async (
    serving: Serving,
    path: string,
    headers: Readonly<Record<string, string>>,
  ): Promise<number> => (await serving.ask(path, { headers })).status;

  it('a scraper gets metrics and health from a listener on the network', async () => {
    for (const host of HOSTS) {
      for (const path of SCRAPED) {
        const expected = path.startsWith('/probe') ? 403 : 200;
        for (const headers of SCRAPERS) {
          const { status, text } = await open.ask(path, { headers: { ...headers, host } });
          expect([path, headers, status, text.includes('--allow-host')]).toEqual([
            path,
            headers,
            expected,
            false,
          ]);
        }
      }
    }
  });

  it('no client gets the page or the API', async () => {
    for (const path of OTHERS) {
      for (const headers of [...SCRAPERS, ...BROWSERS]) {
        const status = await statusOf(open, path, { ...headers, host: 'clock.example' });
        expect([path, headers, status]).toEqual([path, headers, 403]);
      }
    }
  });

  it('a possible browser gets nothing', async () => {
    for (const path of SCRAPED) {
      for (const headers of BROWSERS) {
        const { status, text } = await open.ask(path, { headers: { ...headers, host: 'clock.example' } });
        expect([path, headers, status]).toEqual([path, headers, 403]);
        expect(text).toContain('--allow-host');
      }
    }
  });

  it('no client gets anything from a loopback listener', async () => {
    for (const path of [...SCRAPED, ...OTHERS]) {
      for (const headers of SCRAPERS) {
        const status = await statusOf(loopback, path, { ...headers, host: 'clock.example' });
        expect([path, headers, status]).toEqual([path, headers, 403]);
      }
    }
  });

  it('a browser that uses a known name is served', async () => {
    for (const headers of BROWSERS) {
      for (const path of ['/', '/metrics', '/api/tracking']) {
        expect(await statusOf(open, path, { ...headers, host: hostname() })).toBe(200);
        expect(await statusOf(open, path, { ...headers, host: '192.0.2.1' })).toBe(200);
      }
    }
  });

  it('paths that merely resemble the scraped ones are refused', async () => {
    for (const path of [
      '/metrics/',
      '/metrics//',
      '/metrics/../api',
      '/METRICS',
      '/api?/metrics',
      '/%6detrics',
    ]) {
      expect([path, await statusOf(open, path, { host: 'clock.example' })]).toEqual([path, 403]);
    }
  });

  it('--metrics-path is one of the scraped paths', async () => {
    await using serving = await start('--listen', '0.0.0.0:0', '--metrics-path', '/clock');
    expect(await statusOf(serving, '/clock', { host: 'clock.example' })).toBe(200);
    expect(await statusOf(serving, '/metrics', { host: 'clock.example' })).toBe(403);
  });
});

/** Repeats the request until a server listens. */
async function untilThere(url: string): Promise<Reply> {
  let reply: Reply | null = null;
  await expect
    .poll(
      async () => {
        reply = await ask(url).catch(() => null);
        return reply;
      },
      { timeout: 30_000 },
    )
    .not.toBeNull();
  if (reply === null) throw new Error(`no server listens at ${url}`);
  return reply;
}

/** Whether a Unix socket accepts connections. */
async function connectTo(path: string): Promise<boolean> {
  const socket = connect(path);
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
