/** A real Prometheus scrapes `serve` as in production: by name, with a password and with a client certificate. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Chronyd } from '../../support/chronyd.ts';
import { mayUnshare } from '../../support/namespace.ts';
import { Prometheus } from '../../support/prometheus.ts';
import { CommandLine } from '../cli/support.ts';
import { bcryptHash, Certificates } from '../server/identities.ts';
import { Serving } from '../server/serving.ts';

let commandLine: CommandLine;
let chronyd: Chronyd;
let dir: string;

beforeAll(async () => {
  commandLine = await CommandLine.build();
  chronyd = await Chronyd.start();
  dir = await mkdtemp(join(tmpdir(), 'deployed-'));
  const certificates = new Certificates(dir);
  await certificates.authority('ca');
  await certificates.issue('server', 'ca', 'DNS:clock.example');
  await certificates.issue('prometheus', 'ca', 'DNS:prometheus.example');
  await writeFile(join(dir, 'hosts'), '127.0.0.1 localhost\n127.0.0.1 clock.example\n');
});
afterAll(async () => {
  await rm(dir, { recursive: true, force: true });
  await chronyd?.[Symbol.asyncDispose]();
});

async function start(name: string, config: object): Promise<Serving> {
  const file = join(dir, `${name}.yml`);
  await writeFile(file, JSON.stringify(config), { mode: 0o600 });
  const place = ['--listen', ':0', '--log-level', 'debug'];
  return Serving.start(commandLine, '-h', chronyd.address, '--web-config', file, ...place);
}

/** The URL of the server with a host name that is not in its configuration. */
function byName(serving: Serving): string {
  const { protocol, port } = new URL(serving.url);
  return `${protocol}//clock.example:${port}/metrics`;
}

// only root may replace /etc/hosts for a single program, and not in every container
describe.runIf(mayUnshare())('a Prometheus', () => {
  it('scrapes by name: over HTTP, with a password, over TLS, with a client certificate, and with all of these', async () => {
    const users = { basic_auth_users: { prometheus: await bcryptHash('s3cret', 10) } };
    const tls = { tls_server_config: { cert_file: 'server.crt', key_file: 'server.key' } };
    const mutual = {
      tls_server_config: {
        ...tls.tls_server_config,
        client_auth_type: 'RequireAndVerifyClientCert',
        client_ca_file: 'ca.crt',
        client_allowed_sans: ['prometheus.example'],
      },
    };
    await using plain = await start('plain', {});
    await using withPassword = await start('password', users);
    await using withTls = await start('tls', { ...tls, rate_limit: { interval: '100ms', burst: 5 } });
    await using withCertificate = await start('certificate', mutual);
    await using withAll = await start('all', { ...mutual, ...users });
    const basic_auth = { username: 'prometheus', password: 's3cret' };
    const tls_config = { ca_file: join(dir, 'ca.crt') };
    const own = {
      ...tls_config,
      cert_file: join(dir, 'prometheus.crt'),
      key_file: join(dir, 'prometheus.key'),
    };
    const under = [
      'unshare',
      '--mount',
      'sh',
      '-c',
      `mount --bind ${dir}/hosts /etc/hosts && exec "$0" "$@"`,
    ];
    await using prometheus = await Prometheus.start(
      {
        plain: byName(plain),
        password: { url: byName(withPassword), config: { basic_auth } },
        tls: { url: byName(withTls), config: { tls_config } },
        certificate: { url: byName(withCertificate), config: { tls_config: own } },
        all: { url: byName(withAll), config: { tls_config: own, basic_auth } },
      },
      under,
    );
    for (const job of ['plain', 'password', 'tls', 'certificate', 'all']) {
      expect((await prometheus.query(job, 'chrony_tracking_stratum')).length).toBe(1);
    }
    // without these credentials, access is denied
    expect((await withPassword.ask('/metrics')).status).toBe(401);
    await expect(withCertificate.ask('/metrics', { ca: '' })).rejects.toThrow();
    for (const serving of [plain, withPassword, withTls, withCertificate, withAll]) {
      await expect.poll(() => serving.log).toMatch(/^chrony-wasm: \S+ GET \/metrics 200$/m);
    }
  });
});
