/** Fleet targets in real time: from files, changed in the way of editors and Kubernetes, and from a DNS server. */

import { Resolver } from 'node:dns/promises';
import { mkdtemp, rename, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openTargets, type TargetSources, type Targets } from '../../../src/fleet/targets/targets.ts';
import { DnsServer } from '../../support/dns.ts';

let folder: string;
let warnings: string[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'targets-'));
  warnings = [];
});
afterEach(() => rm(folder, { recursive: true }));

const open = (sources: Partial<TargetSources>): Promise<Targets> =>
  openTargets({ hosts: [], files: [], warn: (message) => warnings.push(message), ...sources });

const addresses = (targets: Targets): readonly string[] => [...targets.targets.keys()].sort();

describe('a file', () => {
  it('is read again after another file was renamed over it', async () => {
    const path = join(folder, 'clocks');
    await writeFile(path, 'a.example\n');
    using targets = await open({ files: [path] });
    await writeFile(`${path}.new`, 'b.example\n');
    await rename(`${path}.new`, path);
    await expect.poll(() => addresses(targets)).toEqual(['b.example']);
    expect(warnings).toEqual([]);
  });

  it('never loses its targets if it is truncated and written a moment later', async () => {
    const path = join(folder, 'clocks');
    await writeFile(path, 'a.example\n');
    using targets = await open({ files: [path] });
    let changes = 0;
    targets.onChange(() => changes++);
    await truncate(path);
    await expect
      .poll(() => warnings)
      .toEqual([expect.stringContaining(`${path}: it is empty; to have no targets`)]);
    expect(addresses(targets)).toEqual(['a.example']);
    await writeFile(path, 'a.example\nb.example\n');
    await expect.poll(() => addresses(targets)).toEqual(['a.example', 'b.example']);
    expect([changes, warnings.length]).toEqual([1, 1]);
  });

  // a file of a ConfigMap is a link through a folder that is also a link; an update replaces the link of the folder
  it('is read again after an update of its ConfigMap', async () => {
    const write = async (version: string, text: string): Promise<void> => {
      const versioned = await mkdtemp(join(folder, version));
      await writeFile(join(versioned, 'clocks.yml'), text);
      await symlink(versioned, join(folder, '..data_tmp'));
      await rename(join(folder, '..data_tmp'), join(folder, '..data'));
    };
    await write('..one', '- targets: [a.example]');
    const path = join(folder, 'clocks.yml');
    await symlink(join('..data', 'clocks.yml'), path);
    using targets = await open({ files: [path] });
    expect(addresses(targets)).toEqual(['a.example']);
    await write('..two', '- targets: [b.example]\n  labels: {site: b}');
    await expect.poll(() => addresses(targets)).toEqual(['b.example']);
    expect([targets.targets.get('b.example')?.labels, warnings]).toEqual([{ site: 'b' }, []]);
  });
});

describe('names in DNS', () => {
  const resolverOf = (dns: DnsServer) => () => {
    const resolver = new Resolver({ timeout: 2000, tries: 1 });
    resolver.setServers([`${dns.address}:${dns.port}`]);
    return resolver;
  };

  it('provide targets, which are refreshed and which stay while DNS does not answer', async () => {
    await using dns = await DnsServer.start();
    let number = 1;
    dns.ttl = 1;
    dns.find = (type, name) => {
      if (name === '_chrony._udp.example')
        return type === 'SRV' ? ['ntp1.example:323', 'ntp2.example:10323'] : [];
      if (name !== 'pool.example') return null;
      return { A: [`192.0.2.${number}`], AAAA: ['2001:db8::1'], SRV: [], PTR: [] }[type];
    };
    using targets = await open({
      hosts: ['srv:_chrony._udp.example', 'a:pool.example:10323', 'a:none.example'],
      resolver: resolverOf(dns),
    });
    const services = ['ntp1.example', 'ntp2.example:10323'];
    expect(addresses(targets)).toEqual(['192.0.2.1:10323', '[2001:db8::1]:10323', ...services]);
    expect(warnings).toEqual([
      expect.stringMatching(/^a:none\.example: DNS has no such name, or no A or AAAA/),
    ]);
    number = 2;
    // refreshed after the TTL
    await expect
      .poll(() => addresses(targets))
      .toEqual(['192.0.2.2:10323', '[2001:db8::1]:10323', ...services]);
    dns.isAnswering = false;
    targets.reload();
    await expect.poll(() => warnings.length).toBe(4);
    expect(warnings).toContainEqual(
      expect.stringMatching(
        /^srv:_chrony\._udp\.example: no DNS server answers; its previous targets stay in use; check/,
      ),
    );
    expect(addresses(targets)).toEqual(['192.0.2.2:10323', '[2001:db8::1]:10323', ...services]);
  });

  it('do not delay other targets while their DNS server is down', async () => {
    const dns = await DnsServer.start();
    await dns[Symbol.asyncDispose]();
    using targets = await open({ hosts: ['192.0.2.1', 'srv:s.example'], resolver: resolverOf(dns) });
    expect(addresses(targets)).toEqual(['192.0.2.1']);
    expect(warnings).toEqual([
      expect.stringContaining('srv:s.example: no DNS server answers; it has no targets yet'),
    ]);
  });
});
