/** Changes of targets: files that change, and names whose DNS records change. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { DnsResolver } from '../../../../src/fleet/targets/names.ts';
import type { Targets } from '../../../../src/fleet/targets/targets.ts';
import { type FakeTime, fakeTime } from '../../util/fake-time.ts';
import { Folder, linesOf } from './folder.ts';

let folder: Folder;
let time: FakeTime;

beforeEach(() => {
  folder = new Folder();
  time = fakeTime();
});
afterEach(() => {
  vi.restoreAllMocks();
  folder[Symbol.dispose]();
});

/** A file is checked each second, and read when it has not changed for one second. */
const CHECK_MS = 1000;
const SETTLED_MS = 2 * CHECK_MS;

/** Returns a function that counts the reported changes of the targets. */
function countChanges(targets: Targets): () => number {
  const listener = vi.fn();
  targets.onChange(listener);
  return () => listener.mock.calls.length;
}

describe('a changed file', () => {
  it('is read when it is stable, and each change is reported once', async () => {
    using targets = await folder.openFile('clocks', 'a.example\nb.example x=1\nc.example');
    const changes = countChanges(targets);
    const { targets: map } = targets;
    const [a, b] = [map.get('a.example'), map.get('b.example')];
    folder.write('clocks', 'd.example\nb.example x=2\na.example');
    time.pass(CHECK_MS);
    expect([linesOf(targets), changes()]).toEqual([['a.example', 'b.example x=1', 'c.example'], 0]);
    folder.write('clocks', 'd.example\nb.example x=2\na.example\n');
    time.pass(CHECK_MS);
    expect(changes()).toBe(0);
    time.pass(CHECK_MS);
    expect([linesOf(targets), changes()]).toEqual([['a.example', 'b.example x=2', 'd.example'], 1]);
    expect([targets.targets, map.get('a.example')]).toEqual([map, a]);
    expect(map.get('a.example')).toBe(a);
    expect(b?.labels).toEqual({ x: '1' });
    time.pass(10 * CHECK_MS);
    // different bytes, the same targets
    folder.write('clocks', '# comment\na.example\nb.example x="2"\nd.example\n');
    time.pass(SETTLED_MS);
    expect([changes(), folder.warnings]).toEqual([1, []]);
  });

  it.each([
    ['missing', null, /: there is no such file; check the path; the previous content stays in use$/],
    ['emptied', '', /: it is empty; to have no targets, write \[\]; the previous content stays in use$/],
    [
      'cut off',
      '[{"targets": ["z.ex',
      /: line 1: it is not valid JSON here; correct it; the previous content stays in use$/,
    ],
    [
      'invalid',
      '[{"targets": ["z.example:"]}]',
      /: group 1: invalid address .*; the previous content stays in use$/,
    ],
  ])('keeps its targets and warns once if it is %s', async (_, content, warning) => {
    using targets = await folder.openFile('clocks.json', '[{"targets": ["a.example"]}]');
    const changes = countChanges(targets);
    if (content === null) rmSync(join(folder.path, 'clocks.json'));
    else folder.write('clocks.json', content);
    time.pass(20 * CHECK_MS);
    expect([linesOf(targets), changes()]).toEqual([['a.example'], 0]);
    expect(folder.warnings).toEqual([expect.stringMatching(warning)]);
    folder.write('clocks.json', '[{"targets": ["b.example"]}]');
    time.pass(SETTLED_MS);
    expect([linesOf(targets), changes()]).toEqual([['b.example'], 1]);
    folder.write('clocks.json', '[]');
    time.pass(SETTLED_MS);
    expect([linesOf(targets), changes(), folder.warnings.length]).toEqual([[], 2, 1]);
  });

  it('is read at once by reload(), which warns each time', async () => {
    using targets = await folder.openFile('clocks', 'a.example');
    folder.write('clocks', 'b.example');
    targets.reload();
    expect(linesOf(targets)).toEqual(['b.example']);
    folder.write('clocks', 'b.example:x');
    targets.reload();
    targets.reload();
    expect(linesOf(targets)).toEqual(['b.example']);
    expect(folder.warnings.length).toBe(2);
  });

  it('is not checked after the end, and its timer does not keep the process alive', async () => {
    const targets = await folder.openFile('clocks', 'a.example');
    const changes = countChanges(targets);
    expect(time.awake).toBe(0);
    targets[Symbol.dispose]();
    expect(time.pending).toBe(0);
    folder.write('clocks', 'b.example');
    time.pass(SETTLED_MS);
    expect([linesOf(targets), changes()]).toEqual([['a.example'], 0]);
  });

  it('is not reported to a removed listener', async () => {
    using targets = await folder.openFile('clocks', 'a.example');
    const changes = countChanges(targets);
    const listener = vi.fn();
    const end = targets.onChange(listener);
    end();
    folder.write('clocks', 'b.example');
    targets.reload();
    expect([changes(), listener.mock.calls.length]).toEqual([1, 0]);
  });
});

it('merges the labels of a target from several sources; the last one wins', async () => {
  const one = folder.write('one', 'a.example x=1 y=1\nb.example');
  const two = folder.write('two.json', '[{"targets": ["A.example:323"], "labels": {"y": "2", "z": "2"}}]');
  using targets = await folder.open({ hosts: ['c.example', 'a.example', 'c.example'], files: [one, two] });
  expect(linesOf(targets)).toEqual(['c.example', 'a.example x=1 y=2 z=2', 'b.example']);
  using others = await folder.open({ hosts: ['a.example'], files: [two, one] });
  expect(linesOf(others)).toEqual(['a.example x=1 y=1 z=2', 'b.example']);
});

it('leaves out targets above the limit, with a warning for each change', async () => {
  const half = (name: string, first: number) =>
    folder.write(name, Array.from({ length: 50_001 }, (_, i) => `h${first + i}`).join('\n'));
  using targets = await folder.open({ files: [half('one', 0), half('two', 50_001)] });
  expect(targets.targets.size).toBe(100_000);
  targets.reload();
  expect(folder.warnings).toEqual([
    '2 targets more than 100000, which are left out; divide the targets among several processes',
  ]);
  folder.write('two', 'z');
  targets.reload();
  expect([targets.targets.size, folder.warnings.length]).toEqual([50_002, 1]);
});

/** A fake DNS: the records by name, or an error code. */
class FakeDns {
  readonly a = new Map<string, string[] | string>();
  readonly aaaa = new Map<string, string[] | string>();
  readonly srv = new Map<string, { name: string; port: number }[] | string>();
  ttl = 30;
  /** The lookups so far, as record type and name. */
  readonly queries: string[] = [];
  /** The current and the highest number of concurrent lookups. */
  running = 0;
  most = 0;
  isSilent = false;

  readonly resolver = (): DnsResolver => {
    const cancels: (() => void)[] = [];
    const find = async <T>(
      type: string,
      records: ReadonlyMap<string, readonly T[] | string>,
      name: string,
    ) => {
      this.queries.push(`${type} ${name}`);
      this.most = Math.max(this.most, ++this.running);
      const fail = (code: string): Error => Object.assign(new Error(code), { code });
      try {
        if (this.isSilent) await new Promise((_, reject) => cancels.push(() => reject(fail('ECANCELLED'))));
        const found = records.get(name) ?? 'ENOTFOUND';
        if (typeof found === 'string') throw fail(found);
        return found;
      } finally {
        this.running--;
      }
    };
    const addresses = async (type: string, records: ReadonlyMap<string, string[] | string>, name: string) =>
      (await find(type, records, name)).map((address) => ({ address, ttl: this.ttl }));
    return {
      resolve4: (name) => addresses('A', this.a, name),
      resolve6: (name) => addresses('AAAA', this.aaaa, name),
      resolveSrv: (name) => find('SRV', this.srv, name),
      cancel: () => {
        for (const cancel of cancels) cancel();
      },
    };
  };

  open(...hosts: readonly string[]): Promise<Targets> {
    return folder.open({ hosts, resolver: this.resolver });
  }
}

/** Lets time pass, then lets DNS lookups continue. */
async function pass(ms: number): Promise<void> {
  time.pass(ms);
  await turn();
}

describe('names in DNS', () => {
  let dns: FakeDns;

  beforeEach(() => {
    dns = new FakeDns();
  });

  it('a: yields a target per address, with the given port and labels', async () => {
    dns.a.set('pool.example', ['192.0.2.2', '192.0.2.1']);
    dns.aaaa.set('pool.example', ['2001:DB8::1']);
    const files = [folder.write('clocks', '192.0.2.1:10323 rack=7\na:POOL.example:10323 site=a')];
    using targets = await folder.open({ hosts: ['a:pool.example'], files, resolver: dns.resolver });
    expect([...linesOf(targets)].sort()).toEqual([
      '192.0.2.1',
      '192.0.2.1:10323 rack=7 site=a',
      '192.0.2.2',
      '192.0.2.2:10323 site=a',
      '2001:db8::1',
      '[2001:db8::1]:10323 site=a',
    ]);
    expect(folder.warnings).toEqual([]);
  });

  it('srv: yields a target per record and leaves out records without a valid host and port', async () => {
    dns.srv.set('_chrony._udp.example', [
      { name: 'B.example', port: 10323 },
      { name: 'a.example', port: 323 },
      { name: '', port: 323 },
      { name: 'c.example', port: 0 },
      { name: '/run/chrony/chronyd.sock', port: 323 },
      { name: 'unix:/run/chrony/chronyd.sock', port: 323 },
      { name: 'unix', port: 323 },
      { name: 'x\u001b[2J', port: 323 },
    ]);
    using targets = await dns.open('srv:_chrony._udp.example');
    expect(linesOf(targets)).toEqual(['a.example', 'b.example:10323', 'unix']);
  });

  it.each([
    [1, 5000],
    [30, 30_000],
    [86_400, 60_000],
  ])('with a TTL of %d s, a: is looked up again after %d ms', async (ttl, ms) => {
    dns.a.set('pool.example', ['192.0.2.1']);
    dns.aaaa.set('pool.example', 'ENODATA');
    dns.ttl = ttl;
    using targets = await dns.open('a:pool.example');
    const changes = countChanges(targets);
    dns.a.set('pool.example', ['192.0.2.2']);
    await pass(ms - 1);
    expect(linesOf(targets)).toEqual(['192.0.2.1']);
    await pass(1);
    expect([linesOf(targets), changes()]).toEqual([['192.0.2.2'], 1]);
    await pass(ms);
    expect([dns.queries.length, changes(), folder.warnings]).toEqual([6, 1, []]);
  });

  it('srv: is looked up again after a minute, and by reload()', async () => {
    dns.srv.set('s.example', [{ name: 'a.example', port: 323 }]);
    using targets = await dns.open('srv:s.example');
    await pass(59_999);
    expect(dns.queries.length).toBe(1);
    await pass(1);
    expect(dns.queries.length).toBe(2);
    dns.srv.set('s.example', [{ name: 'b.example', port: 323 }]);
    targets.reload();
    await turn();
    expect([linesOf(targets), dns.queries.length]).toEqual([['b.example'], 3]);
    await pass(59_999);
    expect(dns.queries.length).toBe(3);
  });

  it.each([
    ['ENOTFOUND', 'DNS has no such name, or no SRV records for it'],
    ['ENODATA', 'DNS has no such name, or no SRV records for it'],
    ['ETIMEOUT', 'no DNS server answers'],
    ['ESERVFAIL', 'DNS fails with ESERVFAIL'],
  ])(
    '%s is reported once, at the start and later, and the last answer stays in use',
    async (code, problem) => {
      dns.srv.set('s.example', code);
      using targets = await dns.open('srv:s.example');
      const advice = "check the name and this machine's DNS";
      const first = `srv:s.example: ${problem}; it has no targets yet; ${advice}`;
      await pass(10_000);
      await pass(10_000);
      expect([linesOf(targets), folder.warnings, dns.queries.length]).toEqual([[], [first], 3]);
      dns.srv.set('s.example', [{ name: 'a.example', port: 323 }]);
      await pass(10_000);
      expect(linesOf(targets)).toEqual(['a.example']);
      dns.srv.set('s.example', code);
      await pass(60_000);
      await pass(10_000);
      expect(linesOf(targets)).toEqual(['a.example']);
      expect(folder.warnings).toEqual([
        first,
        `srv:s.example: ${problem}; its previous targets stay in use; ${advice}`,
      ]);
    },
  );

  it('updates one record type if the other fails', async () => {
    dns.a.set('pool.example', ['192.0.2.1']);
    dns.aaaa.set('pool.example', ['2001:db8::1']);
    using targets = await dns.open('a:pool.example');
    dns.aaaa.set('pool.example', 'ESERVFAIL');
    dns.a.set('pool.example', ['192.0.2.2']);
    await pass(30_000);
    expect(linesOf(targets)).toEqual(['2001:db8::1', '192.0.2.2']);
    expect(folder.warnings).toEqual([
      expect.stringContaining('DNS fails with ESERVFAIL; its previous targets stay in use'),
    ]);
    // there are no more records of this type, and the other type is unknown
    dns.a.set('pool.example', 'ENODATA');
    await pass(10_000);
    expect(linesOf(targets)).toEqual(['2001:db8::1']);
  });

  it('lookups time out after 5 s, in batches, and the start waits no longer than 10 s', async () => {
    dns.isSilent = true;
    let isOpen = false;
    const names = Array.from({ length: 300 }, (_, i) => `srv:s${i}.example`);
    const opening = dns.open('x.example', ...names).then((targets) => {
      isOpen = true;
      return targets;
    });
    await turn();
    await pass(4999);
    expect([dns.queries.length, isOpen]).toEqual([16, false]);
    await pass(1);
    await turn();
    expect(dns.queries.length).toBe(32);
    await pass(4999);
    expect(isOpen).toBe(false);
    await pass(1);
    using targets = await opening;
    expect([linesOf(targets), dns.most]).toEqual([['x.example'], 16]);
    expect(folder.warnings[0]).toMatch(/^44 names of srv: and a: more than 256, which are left out; divide/);
    expect(folder.warnings[1]).toMatch(/^srv:s0\.example: no DNS server answers; it has no targets yet/);
    targets[Symbol.dispose]();
    await turn();
    expect([time.pending, dns.running]).toEqual([0, 0]);
  });

  it('uses a limited number of records per name, always the same ones', async () => {
    const all = Array.from({ length: 1200 }, (_, i) => `10.0.${i >> 8}.${i & 255}`);
    dns.a.set('pool.example', all);
    dns.aaaa.set('pool.example', 'ENODATA');
    using targets = await dns.open('a:pool.example');
    const changes = countChanges(targets);
    expect(targets.targets.size).toBe(1000);
    dns.a.set('pool.example', all.toReversed());
    await pass(30_000);
    expect([dns.queries.length, changes()]).toEqual([4, 0]);
    const warning = 'a:pool.example: only 1000 of its records are used; divide them among several names';
    expect(folder.warnings).toEqual([warning]);
  });

  it('stops lookups of a name that was removed from its file', async () => {
    dns.srv.set('s.example', [{ name: 'a.example', port: 323 }]);
    const files = [folder.write('clocks', 'srv:s.example')];
    using targets = await folder.open({ files, resolver: dns.resolver });
    expect(linesOf(targets)).toEqual(['a.example']);
    folder.write('clocks', 'b.example');
    targets.reload();
    await pass(200_000);
    expect([linesOf(targets), dns.queries.length]).toEqual([['b.example'], 1]);
  });
});
