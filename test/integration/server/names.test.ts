/** Host names as targets of `/probe`, with the test's own /etc/hosts and DNS server. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Chronyd } from '../../support/chronyd.ts';
import { DnsServer } from '../../support/dns.ts';
import { parseExposition } from '../../support/exposition.ts';
import { mayUnshare } from '../../support/namespace.ts';
import { CommandLine } from '../cli/support.ts';
import { Serving } from './serving.ts';

/** The address of the DNS server: its port is fixed, so it has a loopback address that no other server uses. */
const DNS = { address: '127.53.53.53', port: 53 } as const;

let commandLine: CommandLine;
let dir: string;
let dns: DnsServer;

beforeAll(async () => {
  commandLine = await CommandLine.build();
});
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'names-'));
  dns = await DnsServer.start(DNS.address, DNS.port);
  dns.isAnswering = false;
});
afterEach(async () => {
  await dns[Symbol.asyncDispose]();
  await rm(dir, { recursive: true });
});

/** Writes the /etc/hosts of the server, with immediate effect on a running one. */
async function writeHosts(...lines: readonly string[]): Promise<void> {
  await writeFile(join(dir, 'hosts'), ['127.0.0.1 localhost', ...lines, ''].join('\n'));
}

async function serveNames(chronyd: Chronyd, ...args: readonly string[]): Promise<Serving> {
  await writeFile(join(dir, 'resolv.conf'), `nameserver ${DNS.address}\noptions timeout:2 attempts:1\n`);
  await writeFile(join(dir, 'nsswitch.conf'), 'hosts: files dns\n');
  const mounts = ['hosts', 'resolv.conf', 'nsswitch.conf'].map(
    (name) => `mount --bind ${dir}/${name} /etc/${name}`,
  );
  const under = ['unshare', '--mount', 'sh', '-c', `${mounts.join(' && ')} && exec "$0" "$@"`];
  const serving = await Serving.start(
    { program: commandLine.program, under },
    ...['-h', chronyd.socketPath, '--interval', '60', '--reports', 'tracking', '--probe', '*.example:*'],
    ...args,
  );
  await serving.ready();
  return serving;
}

const isUp = ({ text }: { readonly text: string }): boolean => /^chrony_up 1$/m.test(text);

// Only root may mount another /etc/hosts and /etc/resolv.conf, and a mount namespace limits them to the server.
describe.runIf(mayUnshare())('a name', () => {
  it('is queried once per second, in any spelling and together with other names of its address', async () => {
    await using chronyd = await Chronyd.start();
    await writeHosts('127.0.0.1 one.example', '127.0.0.1 same.example', '::ffff:127.0.0.1 mapped.example');
    await using serving = await serveNames(chronyd);
    const received = async (): Promise<number> =>
      Number((await chronyd.chronyc(['serverstats'])).split(',')[2]);
    const before = await received();
    const start = performance.now();
    let probes = 0;
    while (probes < 30 || performance.now() - start < 2000) {
      for (const name of ['one.example', 'ONE.Example', 'same.example', 'mapped.example']) {
        expect(isUp(await serving.ask(`/probe?target=${name}:${chronyd.commandPort}`))).toBe(true);
        probes++;
      }
    }
    const seconds = (performance.now() - start) / 1000;
    // a request per second, plus the requests of chronyc
    expect((await received()) - before).toBeLessThanOrEqual(3 + seconds);
  });

  it('with several addresses is queried at the first that answers, which is then preferred', async () => {
    await using chronyd = await Chronyd.start({ listen: ['127.7.7.7'] });
    const silent = createSocket('udp4').bind(chronyd.commandPort, '127.0.0.1');
    await once(silent, 'listening');
    // each query has its own socket
    const sockets = new Set<number>();
    silent.on('message', (_, { port }) => sockets.add(port));
    // the resolver puts the address nearest to its own first
    await writeHosts('127.0.0.1 two.example', '127.7.7.7 two.example');
    await using serving = await serveNames(chronyd);
    const two = `/probe?target=two.example:${chronyd.commandPort}`;
    expect(isUp(await serving.ask(two))).toBe(true);
    expect(sockets.size).toBe(1);
    // a query of the silent address takes 4 s, and is repeated a second later
    const end = performance.now() + 6000;
    while (performance.now() < end) expect(isUp(await serving.ask(two))).toBe(true);
    expect(sockets.size).toBe(1);
    silent.close();
  });

  it('is looked up once per second, even if it does not exist', async () => {
    await using chronyd = await Chronyd.start();
    await writeHosts();
    await using serving = await serveNames(chronyd);
    dns.isAnswering = true;
    const start = performance.now();
    let probes = 0;
    while (probes < 30 || performance.now() - start < 2000) {
      const replies = await Promise.all(
        ['gone.example', 'GONE.example'].map((name) => serving.ask(`/probe?target=${name}`)),
      );
      for (const { status, text } of replies) {
        expect([status, text]).toEqual([200, expect.stringMatching(/^chrony_up 0$/m)]);
      }
      probes += replies.length;
    }
    const seconds = (performance.now() - start) / 1000;
    expect(dns.queries.filter((name) => name === 'gone.example').length).toBeGreaterThan(0);
    // each lookup queries an IPv4 and an IPv6 address
    expect(dns.queries.length).toBeLessThanOrEqual(2 * (2 + seconds));
  });

  it('that DNS does not answer does not delay names that have been resolved before', async () => {
    await using chronyd = await Chronyd.start();
    await writeHosts('127.0.0.1 known.example');
    await using serving = await serveNames(chronyd);
    const known = `/probe?target=known.example:${chronyd.commandPort}`;
    expect(isUp(await serving.ask(known))).toBe(true);
    let ended = 0;
    const dead = Array.from({ length: 20 }, async (_, i) => {
      const reply = await serving.ask(`/probe?target=dead-${i}.example`, {
        headers: { 'x-prometheus-scrape-timeout-seconds': '30' },
      });
      ended++;
      return reply;
    });
    await expect.poll(() => new Set(dns.queries).size).toBe(2);
    const before = dns.queries.length;
    expect([isUp(await serving.ask(known)), ended]).toEqual([true, 0]);
    // the known name can no longer be resolved either: its entry is gone, and DNS is silent
    await writeHosts();
    await expect.poll(() => dns.queries.length).toBeGreaterThan(before);
    expect(isUp(await serving.ask(known))).toBe(true);
    dns.isAnswering = true;
    expect((await Promise.all(dead)).filter(isUp)).toEqual([]);
    await expect.poll(async () => isUp(await serving.ask(known))).toBe(false);
  });
});

// The same mounts need root: they direct the server to the DNS server of this test.
describe.runIf(mayUnshare())('--names dns', () => {
  it('names sources by reverse DNS after its reply; no scrape waits for it, and each name is queried once', async () => {
    await using chronyd = await Chronyd.start({
      config: ['server 127.0.0.7 port 9', 'server 127.0.0.9 port 9'],
    });
    await writeHosts('127.0.0.7 hosts.example');
    dns.find = (type) => (type === 'PTR' ? ['clock.example'] : []);
    await using serving = await serveNames(chronyd, '--reports', 'sources', '--names', 'dns');
    const namesNow = async (): Promise<(string | undefined)[]> => {
      const { series } = parseExposition((await serving.ask('/metrics')).text);
      const strata = series.filter(({ name }) => name === 'chrony_sources_stratum');
      return strata.map(({ labels }) => labels['source_name']);
    };
    // while DNS is silent, scrapes contain the address without a delay
    const start = performance.now();
    for (let i = 0; i < 3; i++) expect((await namesNow())[1]).toBe('127.0.0.9');
    expect(performance.now() - start).toBeLessThan(1500);
    dns.isAnswering = true;
    // the first name is in /etc/hosts
    await expect
      .poll(namesNow, { timeout: 20_000, interval: 1100 })
      .toEqual(['hosts.example', 'clock.example']);
    const before = dns.queries.length;
    await sleep(1100);
    expect(await namesNow()).toEqual(['hosts.example', 'clock.example']);
    expect(dns.queries.length).toBe(before);
    expect(new Set(dns.queries)).toEqual(new Set(['9.0.0.127.in-addr.arpa']));
  });
});
