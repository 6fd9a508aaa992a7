/** `--web-config`: the exporter-toolkit's YAML, compared with a program that uses the toolkit: Debian's promtool. */
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rename, rm, symlink, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ConnectionOptions, connect, type SecureVersion, type TLSSocket } from 'node:tls';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Chronyd } from '../../support/chronyd.ts';
import { checkWebConfig } from '../../support/prometheus.ts';
import { mustRun } from '../../system/package/support/run.ts';
import { CommandLine, InstalledCommandLine } from '../cli/support.ts';
import { bcryptHash, Certificates } from './identities.ts';
import { type AskOptions, Serving } from './serving.ts';

let commandLine: CommandLine;
let chronyd: Chronyd;
let certificates: Certificates;
/** The folder of the certificates and of each test's configuration file. */
let dir: string;
let hash: string;

beforeAll(async () => {
  commandLine = await CommandLine.build();
  chronyd = await Chronyd.start();
  dir = await mkdtemp(join(tmpdir(), 'web-config-'));
  certificates = new Certificates(dir);
  await certificates.authority('ca');
  await certificates.authority('other-ca');
  await certificates.issue('server', 'ca', 'IP:127.0.0.1,DNS:localhost,DNS:clock.example');
  await certificates.issue('next', 'ca', 'IP:127.0.0.1,DNS:localhost');
  await certificates.issue('client', 'ca', 'DNS:prometheus.example,IP:2001:DB8::1,email:a@b.example');
  await certificates.issue('stranger', 'other-ca', 'DNS:prometheus.example');
  hash = await bcryptHash('s3cret');
});
afterAll(async () => {
  await rm(dir, { recursive: true, force: true });
  await chronyd?.[Symbol.asyncDispose]();
});

let count = 0;
let file: string;
beforeEach(() => {
  file = join(dir, `web-${++count}.yml`);
});

/** Replaces the file atomically, as careful operators do. */
async function write(text: string | Buffer): Promise<void> {
  await writeFile(`${file}.new`, text, { mode: 0o600 });
  await rename(`${file}.new`, file);
}

async function start(text: string | Buffer, ...args: readonly string[]): Promise<Serving> {
  await write(text);
  return Serving.start(commandLine, '-h', chronyd.address, '--web-config', file, ...args);
}

function path(name: string): string {
  return join(dir, name);
}

function text(name: string): Promise<string> {
  return readFile(path(name), 'utf8');
}

function basic(pair: string): string {
  return `Basic ${Buffer.from(pair).toString('base64')}`;
}

/** A section for TLS, with additional lines. */
function tls(...lines: readonly string[]): string {
  const all = ['cert_file: server.crt', 'key_file: server.key', ...lines];
  return ['tls_server_config:', ...all.map((line) => `  ${line}`), ''].join('\n');
}

describe('a configuration', () => {
  const users = (): string => `basic_auth_users:\n  ann: ${hash}\n`;
  const header = (name: string, value: string): string =>
    `http_server_config:\n  headers:\n    ${name}: ${value}\n`;
  const ACCEPTED: readonly (readonly [description: string, config: () => string])[] = [
    ['that is empty', () => ''],
    ['with comments only', () => '# nothing yet\n'],
    ['with empty sections', () => 'tls_server_config:\nbasic_auth_users:\nhttp_server_config: {}\n'],
    ['with TLS', () => tls()],
    [
      'with absolute paths',
      () => `tls_server_config: {cert_file: ${path('server.crt')}, key_file: ${path('server.key')}}`,
    ],
    ...['NoClientCert', "''", 'RequestClientCert', 'RequireAnyClientCert', 'RequireClientCert'].map(
      (type) => [`with ${type}`, () => tls(`client_auth_type: ${type}`)] as const,
    ),
    ...['RequestClientCert', 'VerifyClientCertIfGiven', 'RequireAndVerifyClientCert'].map(
      (type) =>
        [`with ${type} and a CA`, () => tls(`client_auth_type: ${type}`, 'client_ca_file: ca.crt')] as const,
    ),
    ...['TLS10', 'TLS11', 'TLS12', 'TLS13'].map(
      (version) => [`with min_version ${version}`, () => tls(`min_version: ${version}`)] as const,
    ),
    ['with max_version TLS12', () => tls('max_version: TLS12')],
    [
      'with ciphers',
      () => tls('cipher_suites: [TLS_AES_128_GCM_SHA256, TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256]'),
    ],
    ['with older ciphers', () => tls('cipher_suites: [TLS_RSA_WITH_AES_128_CBC_SHA]')],
    ['with curves', () => tls('curve_preferences: [CurveP256, CurveP384, CurveP521, X25519]')],
    ['with the cipher order of the server', () => tls('prefer_server_cipher_suites: yes')],
    ['with the cipher order of the client', () => tls('prefer_server_cipher_suites: false')],
    ['without HTTP/2', () => 'http_server_config:\n  http2: false\n'],
    ['with HTTP/2', () => 'http_server_config:\n  http2: true\n'],
    ['with a header', () => header('X-Frame-Options', 'deny')],
    ['with another header', () => header('Strict-Transport-Security', 'max-age=1')],
    ['with a user', users],
    ['with a user whose hash is quoted', () => `basic_auth_users:\n  "ann": '${hash}'\n`],
    [
      'with users named no, 1 and null',
      () => `basic_auth_users:\n  no: ${hash}\n  1: ${hash}\n  null: ${hash}\n`,
    ],
    ['with anchors', () => `basic_auth_users:\n  ann: &hash ${hash}\n  ben: *hash\n`],
    ['as JSON', () => JSON.stringify({ basic_auth_users: { ann: hash } })],
  ];
  const REJECTED: readonly (readonly [description: string, config: () => string, complaint: string])[] = [
    ['that is a list', () => '- a\n', 'the file must be a map'],
    [
      'with an unknown section',
      () => `${tls()}tls: 1\n`,
      'tls is not known; the keys here are: tls_server_config, ',
    ],
    [
      'with an unknown key',
      () => tls('certfile: x'),
      'tls_server_config.certfile is not known; the keys here are: cert, ',
    ],
    [
      'without a key',
      () => 'tls_server_config:\n  cert_file: server.crt\n',
      'tls_server_config.key_file is missing',
    ],
    [
      'with a missing file',
      () => tls().replace('server.crt', 'none.crt'),
      'tls_server_config.cert_file /DIR/none.crt: there is no such file',
    ],
    [
      'with a certificate and the key of another one',
      () => tls().replace('server.key', 'next.key'),
      'cannot be used together',
    ],
    [
      'with a key in place of the certificate',
      () => tls().replace('server.crt', 'server.key'),
      'cannot be used together',
    ],
    [
      'with a client CA but without client authentication',
      () => tls('client_ca_file: ca.crt'),
      'tls_server_config.client_auth_type is needed with a client CA',
    ],
    [
      'with an unknown type',
      () => tls('client_auth_type: require'),
      "tls_server_config.client_auth_type must be one of: NoClientCert, RequestClientCert, RequireAnyClientCert, RequireClientCert, VerifyClientCertIfGiven, RequireAndVerifyClientCert; not 'require'",
    ],
    [
      'with an unknown version',
      () => tls('min_version: SSL3'),
      'tls_server_config.min_version must be one of: TLS10, ',
    ],
    [
      'with an unknown cipher',
      () => tls('cipher_suites: [RC4]'),
      'tls_server_config.cipher_suites must be one of: ',
    ],
    [
      'with a cipher that is not in a list',
      () => tls('cipher_suites: TLS_AES_128_GCM_SHA256'),
      'must be a list',
    ],
    [
      'with an unknown curve',
      () => tls('curve_preferences: [P256]'),
      'tls_server_config.curve_preferences must be one of',
    ],
    ['with an invalid boolean', () => tls('prefer_server_cipher_suites: maybe'), 'must be true or false'],
    ['with an unknown header', () => header('X-Foo', 'a'), 'http_server_config.headers.X-Foo is not known'],
    [
      'with a header in lower case',
      () => header('x-frame-options', 'deny'),
      'headers.x-frame-options is not known',
    ],
    [
      'with an invalid X-Frame-Options',
      () => header('X-Frame-Options', 'DENY'),
      'must be one of: deny, sameorigin',
    ],
    [
      'with an invalid X-Content-Type-Options',
      () => header('X-Content-Type-Options', 'x'),
      'must be one of: nosniff',
    ],
    [
      'with a password in place of a hash',
      () => 'basic_auth_users:\n  ann: hunter2\n',
      'basic_auth_users.ann must be a hash of bcrypt',
    ],
    [
      'with an empty hash',
      () => 'basic_auth_users:\n  ann:\n',
      'basic_auth_users.ann must be a hash of bcrypt',
    ],
    ['with a list of users', () => 'basic_auth_users: [ann]\n', 'basic_auth_users must be a map'],
    [
      'with a duplicate user',
      () => `${users()}  ann: ${hash}\n`,
      'line 3 is not valid YAML: Map keys must be unique',
    ],
    [
      'with an alias without an anchor',
      () => tls('client_allowed_sans:', '  - *.example.org'),
      'an alias cannot be used: Unresolved alias',
    ],
    ['that is not YAML', () => 'a: [\n', 'line 2 is not valid YAML: '],
  ];
  /** Configurations that only chrony-wasm rejects, on purpose or because older versions of the toolkit do not support the keys. */
  const REJECTED_HERE: readonly (readonly [description: string, config: () => string, complaint: string])[] =
    [
      [
        'with a client CA that is not a certificate',
        () => tls('client_ca_file: ca.key', 'client_auth_type: RequireAndVerifyClientCert'),
        'client_ca_file /DIR/ca.key: there is no certificate in it',
      ],
      [
        'that verifies clients with the system CAs',
        () => tls('client_auth_type: RequireAndVerifyClientCert'),
        'client_auth_type is RequireAndVerifyClientCert, which needs client_ca_file',
      ],
      [
        'with an empty range of versions',
        () => tls('min_version: TLS13', 'max_version: TLS12'),
        'min_version (TLS13) is above max_version',
      ],
      [
        'with a hash whose check would take minutes',
        () => `basic_auth_users:\n  ann: ${hash.replace('$05$', '$20$')}\n`,
        'with the cost 20',
      ],
      [
        'with a hash with an invalid salt',
        () => `basic_auth_users:\n  ann: ${hash.slice(0, 28)}v${hash.slice(29)}\n`,
        'is a hash that no password has, since its salt is wrong; make a new one',
      ],
      [
        'with a user name that contains a colon',
        () => `basic_auth_users:\n  'a:b': ${hash}\n`,
        'is not a valid user name',
      ],
      [
        'with a certificate both inline and in a file',
        () => tls('cert: x'),
        'tls_server_config.cert and its file exclude each other',
      ],
      [
        'with allowed names but without client certificates',
        () => tls('client_allowed_sans: [a]'),
        'client_allowed_sans needs client_auth_type RequireAndVerifyClientCert or RequireAnyClientCert',
      ],
      [
        'with a rate limit without a unit',
        () => 'rate_limit: {interval: 5}\n',
        'rate_limit.interval must be a duration',
      ],
      [
        'with a burst of 0',
        () => 'rate_limit: {interval: 1s, burst: 0}\n',
        'rate_limit.burst must be at least 1',
      ],
      [
        'with a fractional burst',
        () => 'rate_limit: {interval: 1s, burst: 0.5}\n',
        'rate_limit.burst must be a whole number',
      ],
      [
        'with an unknown key of rate_limit',
        () => 'rate_limit: {every: 1s}\n',
        'rate_limit.every is not known',
      ],
      ['with two documents', () => `${tls()}---\n${tls()}`, 'is not valid YAML'],
    ];

  it.each(ACCEPTED)('%s is accepted, as by the toolkit', async (_, config) => {
    await using serving = await start(config());
    expect(await checkWebConfig(file)).toBe('');
    const ca = await text('ca.crt');
    expect((await serving.ask('/healthz', { ca, ...(await own('client')) })).status).toBe(200);
  });

  it.each(REJECTED)('%s is rejected, as by the toolkit', async (_, config, complaint) => {
    await write(config());
    expect(await checkWebConfig(file)).not.toBe('');
    await expectRejection(complaint);
  });

  it.each(REJECTED_HERE)('%s is rejected', async (_, config, complaint) => {
    await write(config());
    await expectRejection(complaint);
  });

  it('that is not UTF-8 is rejected', async () => {
    await write(Buffer.from('basic_auth_users:\n  caf\xe9: x\n', 'latin1'));
    await expectRejection('it is not UTF-8; save the file as UTF-8');
  });

  it('does not appear in error messages', async () => {
    for (const config of [
      'basic_auth_users:\n  ann: hunter2\n',
      'basic_auth_users:\n  ann: [hunter2]\n',
      'basic_auth_users:\n  ann: "hunter2\n',
      'basic_auth_users:\n  ann: {x: hunter2}\n',
      'basic_auth_users: hunter2\n',
    ]) {
      await write(config);
      expect(await expectRejection('')).not.toContain('hunter2');
    }
  });

  async function expectRejection(complaint: string): Promise<string> {
    const { status, stdout, stderr } = await commandLine.run('serve', '--listen', '0', '--web-config', file);
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toMatch(/^chrony-wasm: --web-config [^\n]*\n$/);
    expect(stderr.replaceAll(dir, '/DIR')).toContain(complaint);
    return stderr;
  }
});

/** A client certificate and its key. */
async function own(name: string): Promise<AskOptions> {
  return { cert: await text(`${name}.crt`), key: await text(`${name}.key`) };
}

/** The status of a request, or `failed`. */
async function outcome(serving: Serving, options: AskOptions = {}): Promise<number | 'failed'> {
  const ca = await text('ca.crt');
  return serving.ask('/metrics', { ca, ...options }).then(
    ({ status }) => status,
    () => 'failed' as const,
  );
}

describe('client certificates', () => {
  const CA = 'client_ca_file: ca.crt';
  it.each<[type: string, lines: readonly string[], none: number | 'failed', stranger: number | 'failed']>([
    ['NoClientCert', [], 200, 200],
    ['RequestClientCert', [], 200, 200],
    ['RequireAnyClientCert', [], 'failed', 200],
    ['RequireClientCert', [], 'failed', 200],
    ['VerifyClientCertIfGiven', [CA], 200, 'failed'],
    ['RequireAndVerifyClientCert', [CA], 'failed', 'failed'],
  ])('%s', async (type, lines, none, stranger) => {
    await using serving = await start(tls(`client_auth_type: ${type}`, ...lines), '--log-level', 'debug');
    await expect.poll(() => outcome(serving, { ca: '' })).toBe('failed');
    expect(await outcome(serving)).toBe(none);
    expect([await outcome(serving, await own('client'))]).toEqual([200]);
    expect(await outcome(serving, await own('stranger'))).toBe(stranger);
    const log = (): string => serving.log;
    if (none === 'failed')
      await expect.poll(log).toContain('127.0.0.1 cannot connect: it has no certificate');
    if (stranger === 'failed')
      await expect.poll(log).toContain('cannot connect: its certificate is refused: ');
  });

  it('may be inline', async () => {
    const block = async (key: string, name: string): Promise<string> =>
      `  ${key}: |\n${(await text(name)).trimEnd().replaceAll(/^/gm, '    ')}\n`;
    await using serving = await start(
      [
        'tls_server_config:\n  client_auth_type: RequireAndVerifyClientCert\n',
        await block('cert', 'server.crt'),
        await block('key', 'server.key'),
        await block('client_ca', 'ca.crt'),
      ].join(''),
    );
    expect(await outcome(serving)).toBe('failed');
    expect(await outcome(serving, await own('client'))).toBe(200);
  });

  it.each<[sans: string, status: number | 'failed']>([
    ['[other.example, prometheus.example]', 200],
    ["['2001:db8:0:0::1']", 200],
    ['[a@b.example]', 200],
    ['[other.example]', 'failed'],
    ["['*.example']", 'failed'],
    ['[example]', 'failed'],
    ["['DNS:prometheus.example']", 'failed'],
  ])('for %s: %s', async (sans, status) => {
    await using serving = await start(
      tls('client_auth_type: RequireAndVerifyClientCert', CA, `client_allowed_sans: ${sans}`),
    );
    expect(await outcome(serving, await own('client'))).toBe(status);
    expect(await outcome(serving, await own('stranger'))).toBe('failed');
    expect(await outcome(serving)).toBe('failed');
  });

  it('a session cannot be resumed after certificates have become required', async () => {
    await using serving = await start(tls('max_version: TLS12'));
    const options: ConnectionOptions = { port: serving.port, ca: await text('ca.crt') };
    const first = connect(options);
    await once(first, 'secureConnect');
    const session = first.getSession();
    first.destroy();
    const again = connect({ ...options, ...(session && { session }) });
    await once(again, 'secureConnect');
    // without the change, the session can be resumed
    expect(again.isSessionReused()).toBe(true);
    again.destroy();
    await write(tls('max_version: TLS12', 'client_auth_type: RequireAndVerifyClientCert', CA));
    const later = connect({ ...options, ...(session && { session }) });
    later.write('GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n');
    let reply = '';
    later.on('data', (chunk) => {
      reply += chunk;
    });
    later.on('error', () => {});
    await new Promise((closed) => later.once('close', closed));
    expect(reply).toBe('');
  });
});

describe('TLS', () => {
  async function negotiated(
    serving: Serving,
    options: ConnectionOptions = {},
  ): Promise<
    | { readonly protocol: string | null; readonly cipher: string; readonly alpn: string | false | null }
    | string
  > {
    const socket: TLSSocket = connect({ port: serving.port, ca: await text('ca.crt'), ...options });
    try {
      await once(socket, 'secureConnect');
      return {
        protocol: socket.getProtocol(),
        cipher: socket.getCipher().standardName,
        alpn: socket.alpnProtocol,
      };
    } catch (error) {
      return String(error);
    } finally {
      socket.destroy();
    }
  }

  it.each<[min: string, max: string, accepted: readonly SecureVersion[]]>([
    ['TLS10', 'TLS13', ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3']],
    ['TLS11', 'TLS12', ['TLSv1.1', 'TLSv1.2']],
    ['TLS12', 'TLS13', ['TLSv1.2', 'TLSv1.3']],
    ['TLS13', 'TLS13', ['TLSv1.3']],
    ['TLS12', 'TLS12', ['TLSv1.2']],
  ])('accepts versions from %s to %s', async (min, max, accepted) => {
    await using serving = await start(tls(`min_version: ${min}`, `max_version: ${max}`));
    for (const version of ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'] as const) {
      const limits = { minVersion: version, maxVersion: version };
      const old = version < 'TLSv1.2' ? { ciphers: 'DEFAULT:@SECLEVEL=0' } : {};
      const result = await negotiated(serving, { ...limits, ...old });
      expect([version, typeof result === 'object' ? result.protocol : null]).toEqual([
        version,
        accepted.includes(version) ? version : null,
      ]);
    }
  });

  it('applies the ciphers and their order', async () => {
    const [aes, chacha] = [
      'TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384',
      'TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256',
    ];
    const client = {
      maxVersion: 'TLSv1.2',
      ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305',
    } as const;
    for (const [prefers, expected] of [
      ['true', chacha],
      ['false', aes],
    ]) {
      await using serving = await start(
        tls(`cipher_suites: [${chacha}, ${aes}]`, `prefer_server_cipher_suites: ${prefers}`),
      );
      expect(await negotiated(serving, client)).toMatchObject({ cipher: expected });
      // TLS 1.3 has its own ciphers
      expect(await negotiated(serving)).toMatchObject({ protocol: 'TLSv1.3' });
      const other = { ...client, ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256' };
      expect(await negotiated(serving, other)).toMatch(/handshake/i);
    }
  });

  it('applies the curves', async () => {
    await using serving = await start(tls('curve_preferences: [CurveP384]'));
    expect(await negotiated(serving, { ecdhCurve: 'P-384' })).toMatchObject({ protocol: 'TLSv1.3' });
    expect(await negotiated(serving, { ecdhCurve: 'P-256' })).toMatch(/handshake/i);
  });

  it('selects HTTP/1.1 for a client that supports HTTP/2, regardless of http2', async () => {
    for (const http2 of [true, false]) {
      await using serving = await start(`${tls()}http_server_config: {http2: ${http2}}\n`);
      expect(await negotiated(serving, { ALPNProtocols: ['h2', 'http/1.1'] })).toMatchObject({
        alpn: 'http/1.1',
      });
    }
  });

  it('excludes --tls-cert', async () => {
    await write(tls());
    const { status, stderr } = await commandLine.run(
      ...['serve', '--listen', '0', '--web-config', file],
      ...['--tls-cert', path('server.crt'), '--tls-key', path('server.key')],
    );
    expect([status, stderr]).toEqual([1, expect.stringContaining('exclude each other')]);
  });
});

describe('headers', () => {
  it('are set on each reply as configured', async () => {
    await using serving = await start(
      [
        'http_server_config:',
        '  headers:',
        '    Strict-Transport-Security: max-age=31536000',
        '    X-Frame-Options: sameorigin',
        '    X-XSS-Protection: 1; mode=block',
        '    Content-Security-Policy: "default-src \'none\'"',
        '    X-Content-Type-Options:',
      ].join('\n'),
    );
    for (const path of ['/metrics', '/', '/nothing', '/healthz']) {
      expect((await serving.ask(path)).headers).toMatchObject({
        'strict-transport-security': 'max-age=31536000',
        'x-frame-options': 'sameorigin',
        'x-xss-protection': '1; mode=block',
        'content-security-policy': "default-src 'none'",
        // blank: the default applies
        'x-content-type-options': 'nosniff',
      });
    }
  });
});

describe('rate_limit', () => {
  const statusesOf = async (
    serving: Serving,
    count: number,
    options: AskOptions = {},
  ): Promise<readonly number[]> => {
    const statuses: number[] = [];
    for (let i = 0; i < count; i++) statuses.push((await serving.ask('/api', options)).status);
    return statuses;
  };

  it('allows a burst and then one request per interval, for each client', async () => {
    await using serving = await start('rate_limit: {interval: 1h, burst: 3}\n');
    expect(await statusesOf(serving, 5)).toEqual([200, 200, 200, 429, 429]);
    const { headers } = await serving.ask('/metrics');
    expect(Number(headers['retry-after'])).toBeGreaterThan(3500);
    // another client has its own burst, and health checks have no limit
    expect(await statusesOf(serving, 4, { from: '127.0.0.9' })).toEqual([200, 200, 200, 429]);
    for (let i = 0; i < 10; i++) expect((await serving.ask('/healthz')).status).toBe(200);
  });

  it('refills', async () => {
    await using serving = await start('rate_limit: {interval: 100ms}\n');
    expect((await statusesOf(serving, 20)).filter((status) => status === 429).length).toBeGreaterThan(5);
    await expect.poll(async () => (await serving.ask('/api')).status, { interval: 150 }).toBe(200);
  });

  it('is off with the interval 0', async () => {
    await using serving = await start('rate_limit: {interval: 0, burst: 1}\n');
    expect(new Set(await statusesOf(serving, 50))).toEqual(new Set([200]));
  });
});

describe('when the file changes', () => {
  const users = (...names: readonly string[]): string =>
    names.length === 0 ? '' : `basic_auth_users:\n${names.map((name) => `  ${name}: ${hash}\n`).join('')}`;
  const allowed = async (serving: Serving, name: string): Promise<boolean> =>
    (await outcome(serving, { headers: { authorization: basic(`${name}:s3cret`) } })) === 200;

  it('applies it to the next request', async () => {
    await using serving = await start(users('ann'));
    expect([await allowed(serving, 'ann'), await allowed(serving, 'ben')]).toEqual([true, false]);
    for (const [now, before] of [
      ['ben', 'ann'],
      ['cid', 'ben'],
      ['ann', 'cid'],
    ] as const) {
      await write(users(now));
      expect([await allowed(serving, now), await allowed(serving, before)]).toEqual([true, false]);
    }
    // written in place, at the same moment, with the same size
    await writeFile(file, users('dan'));
    expect(await allowed(serving, 'dan')).toBe(true);
    await writeFile(file, users('eve'));
    expect([await allowed(serving, 'eve'), await allowed(serving, 'dan')]).toEqual([true, false]);
  });

  it('uses the new certificate for the next connection', async () => {
    for (const kind of ['crt', 'key'])
      await writeFile(path(`now.${kind}`), await text(`server.${kind}`), { mode: 0o600 });
    const config = tls().replaceAll('server.', 'now.');
    await using serving = await start(config);
    const name = async (): Promise<string> => {
      const socket = connect({ port: serving.port, ca: await text('ca.crt') });
      await once(socket, 'secureConnect');
      const { CN } = socket.getPeerCertificate().subject;
      socket.destroy();
      return String(CN);
    };
    expect(await name()).toBe('server');
    await writeFile(path('now.crt'), await text('next.crt'));
    // the certificate without its key: the previous content stays in use
    expect(await name()).toBe('server');
    await expect
      .poll(() => serving.log)
      .toMatch(/cannot be used together: .*; the previous content stays in use$/m);
    await writeFile(path('now.key'), await text('next.key'));
    expect(await name()).toBe('next');
  });

  it('follows a link to another file, as Kubernetes changes it', async () => {
    await writeFile(path('v1.yml'), users('ann'));
    await writeFile(path('v2.yml'), users('ben'));
    const link = path(`link-${count}.yml`);
    await symlink(path('v1.yml'), link);
    await using serving = await Serving.start(commandLine, '-h', chronyd.address, '--web-config', link);
    expect(await allowed(serving, 'ann')).toBe(true);
    await symlink(path('v2.yml'), `${link}.new`);
    await rename(`${link}.new`, link);
    expect([await allowed(serving, 'ben'), await allowed(serving, 'ann')]).toEqual([true, false]);
  });

  it.each<[description: string, change: () => Promise<void>, complaint: RegExp]>([
    ['invalid YAML', () => write('a: b: c'), /line 1 is not valid YAML/],
    ['an unknown key', () => write('users: {}\n'), /users is not known/],
    ['an empty file', () => write(''), /it is empty/],
    ['an empty line', () => write('\n'), /it is empty; to remove all settings, write basic_auth_users: {}/],
    ['comments only', () => write('# ann\n'), /it is empty/],
    ['an alias without an anchor', () => write('basic_auth_users: *x\n'), /an alias cannot be used/],
    ['a missing file', () => unlink(file), /there is no such file/],
    ['users without a hash', () => write('basic_auth_users: {ann: x}\n'), /must be a hash of bcrypt/],
    [
      'a file with TLS',
      () => write(tls()),
      /TLS cannot be switched on or off while the server runs; restart it/,
    ],
  ])('keeps the last valid one, with one message, after a change to %s', async (_, change, complaint) => {
    await using serving = await start(users('ann'));
    expect(await allowed(serving, 'ann')).toBe(true);
    await change();
    for (let i = 0; i < 5; i++) {
      expect([await allowed(serving, 'ann'), await outcome(serving)]).toEqual([true, 401]);
    }
    const messages = () =>
      serving.log.split('\n').filter((line) => line.endsWith('the previous content stays in use'));
    await expect.poll(messages).toEqual([expect.stringMatching(complaint)]);
    await write(users('ben'));
    expect([await allowed(serving, 'ben'), await allowed(serving, 'ann')]).toEqual([true, false]);
    await expect.poll(() => serving.log).toContain('configuration reloaded');
  });

  it('keeps HTTPS if the TLS section is removed', async () => {
    await using serving = await start(tls());
    await write('');
    expect(await outcome(serving)).toBe(200);
    await write('basic_auth_users: {}\n');
    expect(await outcome(serving)).toBe(200);
    await expect
      .poll(() => serving.log)
      .toContain('TLS cannot be switched on or off while the server runs; restart it');
  });

  it('rereads it at once on SIGHUP', async () => {
    await using serving = await start(users('ann'));
    serving.kill('SIGHUP');
    await expect.poll(() => serving.log).toContain('configuration reloaded');
  });

  it('also rereads the files of other options', async () => {
    const tokens = path('tokens');
    await writeFile(tokens, 'old\n', { mode: 0o600 });
    await using serving = await Serving.start(commandLine, '-h', chronyd.address, '--bearer-token', tokens);
    const status = (token: string) => outcome(serving, { headers: { authorization: `Bearer ${token}` } });
    expect([await status('old'), await status('new')]).toEqual([200, 401]);
    await writeFile(tokens, 'new\n');
    expect([await status('old'), await status('new')]).toEqual([401, 200]);
    await chmod(tokens, 0o644);
    expect(await status('new')).toBe(200);
    await expect
      .poll(() => serving.log)
      .toMatch(/other users can read or change this file, .*the previous content stays in use$/m);
  });

  it('reads a pipe once', async () => {
    const script = `exec "$@" --bearer-token <(echo token) -h ${chronyd.address}`;
    await using serving = await Serving.start({
      program: commandLine.program,
      under: ['bash', '-c', script, 'bash'],
    });
    const status = () => outcome(serving, { headers: { authorization: 'Bearer token' } });
    expect(await status()).toBe(200);
    serving.kill('SIGHUP');
    await expect.poll(() => serving.log).toContain('configuration reloaded');
    expect(await status()).toBe(200);
  });

  it('does not reread a pipe after another file was invalid', async () => {
    await write(users('ann'));
    const script = `exec "$@" --bearer-token <(echo token) --web-config ${file} -h ${chronyd.address}`;
    await using serving = await Serving.start({
      program: commandLine.program,
      under: ['bash', '-c', script, 'bash'],
    });
    const status = () => outcome(serving, { headers: { authorization: 'Bearer token' } });
    expect(await status()).toBe(200);
    await write('users: {}\n');
    for (let i = 0; i < 3; i++) expect(await status()).toBe(200);
    await write(users('ben'));
    expect([await status(), await allowed(serving, 'ben'), await status()]).toEqual([200, true, 200]);
  });
});

describe('a file that others may read', () => {
  it('causes a warning if it contains hashes or keys, and is used', async () => {
    await write(`basic_auth_users: {ann: ${hash}}\n`);
    await chmod(file, 0o644);
    await using serving = await Serving.start(commandLine, '-h', chronyd.address, '--web-config', file);
    await serving.ask('/metrics');
    await expect
      .poll(() => serving.log)
      .toContain(
        `--web-config ${file}: other users can read or change this file, which holds secrets; run: chmod o= ${file}`,
      );
    expect(serving.log.match(/other users can read/g)).toHaveLength(1);
  });

  it('causes no warning without a secret', async () => {
    await write(tls());
    await chmod(file, 0o644);
    await using serving = await Serving.start(commandLine, '-h', chronyd.address, '--web-config', file);
    await outcome(serving);
    expect(serving.log).not.toContain('other users can read');
  });

  it('a listener on the network causes a warning, unless TLS with users or certificates protects it', async () => {
    const certs = tls('client_auth_type: RequireAndVerifyClientCert', 'client_ca_file: ca.crt');
    for (const [config, isWarned] of [
      ['', true],
      [tls(), true],
      [`basic_auth_users: {ann: ${hash}}\n`, true],
      [`${tls()}basic_auth_users: {ann: ${hash}}\n`, false],
      [certs, false],
    ] as const) {
      await using serving = await start(config, '--listen', ':0');
      serving.kill('SIGHUP');
      await expect.poll(() => serving.log).toMatch(/configuration reloaded|stays/);
      expect([config, serving.log.includes('others on the network')]).toEqual([config, isWarned]);
    }
  });
});

it('--print-unit passes the files to the service', async () => {
  await write(tls('client_auth_type: RequireAndVerifyClientCert', `client_ca_file: ${path('ca.crt')}`));
  await using installed = await InstalledCommandLine.install();
  const unit = await installed.print('serve', '--print-unit', '--web-config', file);
  expect(unit).toMatch(/ --web-config=\$\{CREDENTIALS_DIRECTORY\}\/web-config$/m);
  expect(unit).toContain(`LoadCredential=web-config:${file}\n`);
  expect(unit).toContain(`LoadCredential=server.crt:${path('server.crt')}\n`);
  expect(unit).toContain(`LoadCredential=server.key:${path('server.key')}\n`);
  // the service reads an absolute path itself, even if the file is in the folder of the configuration
  expect(unit).toContain(`# The user of the service must be able to read ${path('ca.crt')}\n`);
  expect(unit).not.toContain('LoadCredential=ca.crt');
  const service = path('chrony-wasm.service');
  await writeFile(service, unit);
  expect(await mustRun('systemd-analyze', ['verify', '--man=no', service])).toBe('');
});
