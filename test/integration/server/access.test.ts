/** Access control: users, tokens, and TLS certificates. */

import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type TLSSocket } from 'node:tls';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Chronyd } from '../../support/chronyd.ts';
import { mustRun } from '../../system/package/support/run.ts';
import { CommandLine } from '../cli/support.ts';
import { Serving } from './serving.ts';

let commandLine: CommandLine;
let chronyd: Chronyd;
let dir: string;

beforeAll(async () => {
  commandLine = await CommandLine.build();
  chronyd = await Chronyd.start();
  dir = await mkdtemp(join(tmpdir(), 'access-'));
  await certificate('one');
  await certificate('two');
});
afterAll(async () => {
  await rm(dir, { recursive: true, force: true });
  await chronyd?.[Symbol.asyncDispose]();
});

function path(name: string): string {
  return join(dir, name);
}

/** Creates `name.crt` and `name.key` for the loopback. */
async function certificate(name: string): Promise<void> {
  await mustRun('openssl', [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'],
    ...['-subj', `/CN=${name}`, '-addext', 'subjectAltName=IP:127.0.0.1'],
    ...['-keyout', path(`${name}.key`), '-out', path(`${name}.crt`)],
  ]);
  await chmod(path(`${name}.key`), 0o600);
}

async function secret(name: string, text: string | Buffer, mode = 0o600): Promise<string> {
  await writeFile(path(name), text, { mode });
  await chmod(path(name), mode);
  return path(name);
}

function start(...args: readonly string[]): Promise<Serving> {
  return Serving.start(commandLine, '-h', chronyd.address, ...args);
}

function basic(pair: string | Buffer): string {
  return `Basic ${Buffer.from(pair).toString('base64')}`;
}

/** Returns the HTTP status for each `Authorization` header. */
async function statuses(serving: Serving, headers: readonly string[]): Promise<readonly [string, number][]> {
  return Promise.all(
    headers.map(async (authorization): Promise<[string, number]> => {
      return [authorization, (await serving.ask('/api', { headers: { authorization } })).status];
    }),
  );
}

it('admits users and tokens, and requires them for everything but the health checks', async () => {
  const users = await secret('users', 'ann:se:cret\r\n\nben:päss\n');
  const tokens = await secret('tokens', 'abc.def\nghi\n');
  await using serving = await start('--basic-auth', users, '--bearer-token', tokens);
  await serving.ready();
  const status = async (authorization?: string, path = '/metrics'): Promise<number> =>
    (await serving.ask(path, { headers: authorization === undefined ? {} : { authorization } })).status;
  for (const given of [
    basic('ann:se:cret'),
    basic('ben:päss'),
    'Bearer abc.def',
    'bearer  ghi',
    'BASIC '.concat(basic('ann:se:cret').slice(6)),
  ]) {
    expect([given, await status(given)]).toEqual([given, 200]);
  }
  for (const given of [
    ...[
      undefined,
      '',
      'Basic',
      'Basic ',
      'Bearer',
      basic(''),
      basic(':'),
      basic('ann'),
      basic('ann:'),
      basic('ann:se'),
    ],
    ...[
      basic('ben:se:cret'),
      basic('ann:se:cret '),
      basic('ANN:se:cret'),
      'Bearer ',
      'Bearer abc',
      'Bearer abc.def ghi',
    ],
    ...['Bearer ann:se:cret', basic('abc.def'), 'abc.def', 'Digest username="ann"'],
  ]) {
    for (const where of [
      '/',
      '/metrics',
      '/api',
      '/api/tracking',
      '/events',
      '/probe?target=x',
      '/nothing',
    ]) {
      expect([given, where, await status(given, where)]).toEqual([given, where, 401]);
    }
  }
  const { headers } = await serving.ask('/');
  expect(headers['www-authenticate']).toBe(
    'Basic realm="chrony-wasm", charset="UTF-8", Bearer realm="chrony-wasm"',
  );
  expect([await status(undefined, '/healthz'), await status(undefined, '/readyz')]).toEqual([200, 200]);
});

it('rejects secrets that look the same but have other bytes', async () => {
  const users = await secret('alike', '\ufeffann:x?\nben:\ufffd\ncid:caf\u00e9\ndan:cafe\u0301\n');
  const tokens = await secret('alike-tokens', '\ufeffabc\n');
  await using serving = await start('--basic-auth', users, '--bearer-token', tokens);
  const allowed = [
    // a byte order mark is not part of the first user
    basic('ann:x?'),
    'Bearer abc',
    basic('ben:\ufffd'),
    // both normalization forms of each
    ...['cid:caf\u00e9', 'cid:cafe\u0301', 'dan:caf\u00e9', 'dan:cafe\u0301'].map(basic),
  ];
  const coded = basic('ann:x?').slice('Basic '.length);
  const refused = [
    basic('\ufeffann:x?'),
    'Bearer \u00ef\u00bb\u00bfabc',
    // other bytes that are not UTF-8
    ...[Buffer.from('ben:\xff', 'latin1'), Buffer.from('ben:\xef\xbf', 'latin1')].map(basic),
    basic(Buffer.from('cid:caf\xe9', 'latin1')),
    basic('cid:cafe'),
    // invalid base64 that a lenient decoder would decode to the same bytes
    `Basic ${coded}=`,
    `Basic !${coded}`,
    `Basic ${coded.slice(0, 2)}.${coded.slice(2)}`,
    basic('ben:\ufffd').replace('==', '='),
    basic('ben:\ufffd').replace('==', ''),
    `Basic ${coded.replace('/', '_')}`,
  ];
  // guards against variants that are the same as an allowed header
  expect(refused.filter((header) => allowed.includes(header))).toEqual([]);
  expect(await statuses(serving, allowed)).toEqual(allowed.map((header) => [header, 200]));
  expect(await statuses(serving, refused)).toEqual(refused.map((header) => [header, 401]));
});

it('ignores a byte order mark before the certificate or the key', async () => {
  const marked = async (name: string): Promise<string> =>
    secret(`marked-${name}`, `\ufeff${await readFile(path(name), 'utf8')}`);
  await using serving = await start(
    ...['--tls-cert', await marked('one.crt'), '--tls-key', await marked('one.key')],
  );
  const ca = await readFile(path('one.crt'), 'utf8');
  expect((await serving.ask('/healthz', { ca })).status).toBe(200);
});

it('serves HTTPS only, with TLS 1.2 or later', async () => {
  const ca = await readFile(path('one.crt'), 'utf8');
  await using serving = await start('--tls-cert', path('one.crt'), '--tls-key', path('one.key'));
  expect(serving.url).toMatch(/^https:\/\/127\.0\.0\.1:\d+\/$/);
  expect((await serving.ask('/healthz', { ca })).status).toBe(200);
  await expect(serving.ask('/healthz')).rejects.toThrow(/self-signed/);
  const plain = await serving.connect();
  plain.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
  await once(plain, 'close');
  expect(plain.received()).not.toContain('200');
  const old = connect({
    port: serving.port,
    ca,
    minVersion: 'TLSv1',
    maxVersion: 'TLSv1.1',
    ciphers: 'DEFAULT@SECLEVEL=0',
  });
  const [refused] = await once(old, 'error');
  expect(String(refused)).toMatch(/protocol version|unsupported protocol/);
});

it('ends during the unfinished TLS handshake of a client', async () => {
  await using serving = await start('--tls-cert', path('one.crt'), '--tls-key', path('one.key'));
  const silent = await serving.connect();
  serving.kill('SIGTERM');
  await silent.ended;
  expect(await serving.ended).toEqual([0, null]);
});

/** The common name in the server's certificate. */
async function commonName(serving: Serving): Promise<string> {
  const socket: TLSSocket = connect({ port: serving.port, rejectUnauthorized: false });
  await once(socket, 'secureConnect');
  const { CN } = socket.getPeerCertificate().subject;
  socket.destroy();
  return String(CN);
}

it('rereads certificate and secrets on SIGHUP, and keeps the previous content if the new one is invalid', async () => {
  for (const kind of ['crt', 'key']) await secret(`now.${kind}`, await readFile(path(`one.${kind}`), 'utf8'));
  const tokens = await secret('changing', 'old');
  await using serving = await start(
    ...['--tls-cert', path('now.crt'), '--tls-key', path('now.key'), '--bearer-token', tokens],
  );
  const allowed = async (token: string): Promise<boolean> => {
    const ca = await readFile(path((await commonName(serving)) === 'one' ? 'one.crt' : 'two.crt'), 'utf8');
    return (await serving.ask('/api', { ca, headers: { authorization: `Bearer ${token}` } })).status === 200;
  };
  expect([await commonName(serving), await allowed('old'), await allowed('new')]).toEqual([
    'one',
    true,
    false,
  ]);
  for (const kind of ['crt', 'key']) await secret(`now.${kind}`, await readFile(path(`two.${kind}`), 'utf8'));
  await secret('changing', 'new');
  serving.kill('SIGHUP');
  await expect.poll(() => serving.log).toContain('configuration reloaded');
  expect([await commonName(serving), await allowed('old'), await allowed('new')]).toEqual([
    'two',
    false,
    true,
  ]);
  await secret('changing', '');
  serving.kill('SIGHUP');
  await expect.poll(() => serving.log).toContain('it is empty');
  expect([await commonName(serving), await allowed('new')]).toEqual(['two', true]);
  await expect
    .poll(() => serving.log)
    .toMatch(/^chrony-wasm: --bearer-token \S+: it is empty; .*the previous content stays in use$/m);
});

it('warns if others on the network can read it, unless TLS and tokens protect it', async () => {
  const tokens = await secret('token', 'abc');
  await using open = await start('--listen', '0.0.0.0:0');
  await open.ready();
  await expect.poll(() => open.log).toContain('others on the network can read http://0.0.0.0:');
  await using mapped = await start('--listen', '[::ffff:127.0.0.1]:0');
  await using every = await start('--listen', '[::]:0');
  for (const [serving, isWarned] of [
    [mapped, false],
    [every, true],
  ] as const) {
    // a later message, so that an earlier warning has arrived
    serving.kill('SIGHUP');
    await expect.poll(() => serving.log).toMatch(/configuration reloaded/);
    expect(serving.log.includes('others on the network')).toBe(isWarned);
  }
  await using closed = await start(
    ...['--listen', '0.0.0.0:0', '--bearer-token', tokens],
    ...['--tls-cert', path('one.crt'), '--tls-key', path('one.key')],
  );
  // a later message, so that an earlier warning has arrived
  closed.kill('SIGHUP');
  await expect.poll(() => closed.log).toContain('configuration reloaded');
  expect(closed.log).not.toContain('others on the network');
});

it.each<[description: string, args: () => Promise<readonly string[]>, complaint: RegExp]>([
  [
    'a missing file',
    async () => ['--bearer-token', path('none')],
    /--bearer-token \S+: there is no such file$/,
  ],
  [
    'a directory',
    async () => ['--basic-auth', dir],
    /--basic-auth \S+: .*(other users can read|it is a directory).*$/,
  ],
  [
    'an empty file',
    async () => ['--bearer-token', await secret('empty', ' \n')],
    /it is empty; write one line per user or token$/,
  ],
  [
    'a file that others may read',
    async () => ['--bearer-token', await secret('open', 'abc', 0o644)],
    /other users can read .*; run: chmod o= \S+$/,
  ],
  [
    'a line without user:password',
    async () => ['--basic-auth', await secret('wrong', 'ann:x\nben')],
    /each line must be user:password$/,
  ],
  [
    'passwords that are not UTF-8',
    async () => ['--basic-auth', await secret('latin1', Buffer.from('ann:x\nben:caf\xe9\n', 'latin1'))],
    /--basic-auth \S+: line 2 is not UTF-8; save the file as UTF-8$/,
  ],
  [
    'tokens in UTF-16',
    async () => ['--bearer-token', await secret('utf16', Buffer.from('\ufeffabc\n', 'utf16le'))],
    /--bearer-token \S+: line 1 is not UTF-8; save the file as UTF-8$/,
  ],
  [
    'a NUL in a password',
    async () => ['--basic-auth', await secret('nul', 'ann:x\0y\n')],
    /line 1 has a control character, which no secret may have$/,
  ],
  [
    'lines that end with a carriage return alone',
    async () => ['--basic-auth', await secret('mac', 'ann:x\rben:y\r')],
    /line 1 has a control character, which no secret may have$/,
  ],
  [
    'a token that no header can contain',
    async () => ['--bearer-token', await secret('bearer', 'abc\nBearer def')],
    /each line must be a token, of ASCII characters without spaces$/,
  ],
  [
    'a key that others may read',
    async () => ['--tls-cert', path('one.crt'), '--tls-key', await secret('open.key', 'x', 0o604)],
    /--tls-key \S+: other users can read/,
  ],
  [
    'the key of another certificate',
    async () => ['--tls-cert', path('one.crt'), '--tls-key', path('two.key')],
    /cannot be used together: .*; both must be PEM, and belong together$/,
  ],
  [
    'a file without a certificate',
    async () => ['--tls-cert', await secret('no.crt', 'hello'), '--tls-key', path('two.key')],
    /cannot be used together/,
  ],
])('does not start with %s', async (_, args, complaint) => {
  const { status, stdout, stderr } = await commandLine.run('serve', '--listen', '0', ...(await args()));
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
  expect(stderr).toMatch(/^chrony-wasm: [^\n]*\n$/);
  expect(stderr.trimEnd()).toMatch(complaint);
});
