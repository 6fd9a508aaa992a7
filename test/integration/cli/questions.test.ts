/**
 * Clients, the manual list and source names of real chronyd processes with real clients, compared with chronyc byte for
 * byte.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ChronyConnection, ChronyDataError } from '../../../src/index.ts';
import {
  makeClientAccess,
  makeManualSample,
  ntpSource,
  scenario,
  startMockChronyd,
} from '../../../src/testing/index.ts';
import { encodeReply } from '../../../src/testing/reply.ts';
import { installedChronyc } from '../../support/chronyc.ts';
import { Chronyd } from '../../support/chronyd.ts';
import { askForTime, flood, floodWithCommands } from '../../support/clients.ts';
import { COMMANDS, compareAll } from '../../support/every-way.ts';
import { FrozenChronyd } from '../../support/frozen.ts';
import { NtsIdentity } from '../../support/nts.ts';
import { freePort } from '../../support/ports.ts';
import { CHRONYC_REPLIES, CommandLine, printed, printedLikeChronyc } from './support.ts';

const chronyc = installedChronyc();

/** An older chronyc requires a host name of the NTS server. */
const HAS_NTS = chronyc.isSince('4.3');

let server: Chronyd;
let client: Chronyd;
let identity: NtsIdentity;

/** `Nov 30, 2026 16:31:18` */
function settimeText(date: Date): string[] {
  const [, day, month, year, time] = date.toUTCString().split(' ');
  return [`${month} ${day}, ${year} ${time}`];
}

beforeAll(async () => {
  identity = new NtsIdentity();
  const ntsPort = await freePort();
  server = await Chronyd.start({
    serve: true,
    config: [
      'local stratum 1',
      'manual',
      'cmdallow 127.0.0.0/8',
      'ratelimit interval 3 burst 1 leak 16',
      'cmdratelimit interval 3 burst 4 leak 16',
      ...identity.server(ntsPort),
    ],
  });
  const nts = HAS_NTS ? `nts ntsport ${ntsPort}` : '';
  client = await Chronyd.start({
    config: [
      `server 127.0.0.1 port ${server.ntpPort} ${nts} iburst minpoll 0 maxpoll 0`,
      'server does-not-exist.invalid',
      'pool a-name-that-is-longer-than-the-column-for-names-of-any-table.invalid maxsources 1',
      'server localhost port 9 noselect',
      'refclock SOCK {dir}/clock.sock refid GPS',
      ...(HAS_NTS ? identity.client() : []),
    ],
  });
  for (let i = 0; i < 20; i++) await askForTime(server, `127.0.1.${i}`);
  await flood(server, '127.0.2.1', 40);
  await floodWithCommands(server, '127.0.2.1', 3);
  await floodWithCommands(server, '127.0.2.2', 20);
  await client.untilSynchronized();
  const now = Date.now();
  for (const seconds of [2, 5]) {
    await server.chronyc(['settime', ...settimeText(new Date(now + seconds * 1000))], []);
    await new Promise((resolve) => setTimeout(resolve, 1100));
  }
});
afterAll(async () => {
  await client?.stop();
  await server?.stop();
  identity?.[Symbol.dispose]();
});

/** Compares the output of each command, with chronyd's replies frozen. */
async function same(chronyd: Chronyd, commands: readonly (readonly string[])[]): Promise<string[]> {
  await using frozen = await FrozenChronyd.of(chronyd);
  const texts: string[] = [];
  for (const command of commands) {
    const theirs = await chronyc.printAt(frozen.port, ...command);
    const ours = await printedLikeChronyc(frozen.address, ...command);
    expect(ours, command.join(' ')).toBe(theirs);
    texts.push(ours);
  }
  return texts;
}

describe(`prints the same as chronyc ${chronyc.version}`, () => {
  it('clients of every kind', async () => {
    const [text = '', ntsKe = '', csv = ''] = await same(server, [
      ['clients'],
      ['clients', '-k'],
      ['-c', 'clients'],
      ['-c', 'clients', '-k'],
      ['clients', '-p', '2'],
      ['-c', 'clients', '-k', '-p', '21'],
      ['clients', '-p', '4294967295'],
      ...(chronyc.isSince('4.9')
        ? [
            ['-w', 'clients'],
            ['-w', 'clients', '-k', '-p', '2'],
          ]
        : []),
    ]);
    expect(text.trimEnd().split('\n').length).toBeGreaterThan(24);
    expect(text).toMatch(/^127\.0\.1\.19 +1 +0 +- +- +\d+ +0 +0 +- +-$/m);
    // requests dropped by the rate limit
    expect(csv).toMatch(/^127\.0\.2\.1,40,[1-9]\d*,-?\d+,-?\d+,\d+,3,0,-?\d+,\d+$/m);
    expect(csv).toMatch(/^127\.0\.2\.2,0,0,127,127,4294967295,20,[1-9]\d*,-?\d+,\d+$/m);
    if (HAS_NTS) expect(ntsKe).toMatch(/^127\.0\.0\.1 .* +[1-9]\d* +0 +\S+ +\d+$/m);
  });

  it('the manual list, and an empty one', async () => {
    const lists = [
      ['manual', 'list'],
      ['-c', 'manual', 'list'],
    ];
    const [text = ''] = await same(server, lists);
    expect(text).toMatch(/^210 n_samples = 2\n#.*\n=+\n 0 20\d\d-.* {7}-?\d.*\n 1 20\d\d-.*\n$/);
    const [empty = ''] = await same(client, lists);
    expect(empty).toMatch(/^210 n_samples = 0\n#.*\n=+\n$/);
  });

  it('the names of sources, resolved or unresolved', async () => {
    const [text = '', , csv = ''] = await same(client, [
      ['-N', 'sources', '-a'],
      ['-N', 'sources'],
      ['-N', '-c', 'sources', '-a'],
      ['-n', '-N', 'sourcestats', '-a'],
      ['-N', '-n', 'selectdata', '-a', '-v'],
      ['-N', 'authdata', '-a'],
      ['-N', 'tracking'],
      ['-cN', 'tracking'],
      ['-N', 'ntpdata'],
    ]);
    expect(text).toMatch(/^#\? GPS /m);
    expect(text).toContain('^? does-not-exist.invalid ');
    expect(text).toContain('^? a-name-that-is-longer-than-the-column-for-names-of-any-table.invalid   0 ');
    expect(csv).toMatch(/^\^,\S,localhost,/m);
  });

  it('every command, with and without names, of server and client', async () => {
    for (const chronyd of [server, client]) {
      const { compared } = await compareAll(chronyc, chronyd, printedLikeChronyc);
      expect(compared).toBeGreaterThan(COMMANDS.length);
    }
  });

  it('the name of a source', async () => {
    await same(client, [
      ['sourcename', '127.0.0.1'],
      ['-c', 'sourcename', '127.0.0.1'],
      // chronyc 4.0 does not accept the address of an unresolved source
      ...(chronyc.isSince('4.3') ? [['sourcename', 'ID#0000000001']] : []),
    ]);
    expect(await printed(client.socketPath, 'sourcename', 'ID#0000000001')).toBe('does-not-exist.invalid\n');
    const missing = printed(client.socketPath, 'sourcename', '192.0.2.9');
    await expect(missing).rejects.toThrow('chronyd has no NTP source 192.0.2.9; see chrony-wasm sources');
    expect((await chronyc.run('-h', client.socketPath, 'sourcename', '192.0.2.9')).status).toBe(1);
  });
});

describe('values at their limits', () => {
  const most = 2 ** 32 - 1;
  const limits = makeClientAccess({
    ntpHits: most,
    ntpDrops: 123_456,
    ntpInterval: null,
    ntpTimeoutInterval: 126,
    lastNtpHitAgo: null,
    ntsKeHits: 12_345_678,
    ntsKeDrops: 99_999,
    ntsKeInterval: -128,
    lastNtsKeHitAgo: most - 1,
    commandHits: 1_234_567,
    commandDrops: most,
    commandInterval: -7,
    lastCommandHitAgo: 100_000,
  });
  const addresses = ['2001:db8:1111:2222:3333:4444:5555:6666', '2001:db8::1', '255.255.255.255', '::'];
  const clients = addresses.map((address) => makeClientAccess({ ...limits, address }));
  const manualSamples = [0, 0.25, 951_782_399.75, 1_700_000_000, 4_102_444_800].flatMap((time) =>
    [0, -0.005, -(2 ** 24)].map((offset) =>
      makeManualSample({ time, slewedOffset: offset, originalOffset: -offset, residual: offset / 2 }),
    ),
  );

  it('are printed as chronyc prints them', async () => {
    await using mock = await startMockChronyd(
      scenario('synchronized', { ...CHRONYC_REPLIES, clients, manualSamples }),
    );
    for (const command of [['clients'], ['clients', '-k'], ['manual', 'list']]) {
      for (const flags of [[], ['-c'], ...(chronyc.isSince('4.9') ? [['-w']] : [])]) {
        const args = [...flags, ...command];
        expect(await printed(mock.address, ...args)).toBe(await chronyc.printAt(mock.port, ...args));
      }
    }
  });

  it('rounds a time a nanosecond before the next second as chronyc does', async () => {
    const nearly = { high: 0, low: 1_700_000_000, nanoseconds: 999_999_999 };
    await using mock = await startMockChronyd('synchronized', {
      intercept: (request, reply) =>
        request.code === 41
          ? [encodeReply(18, request, { samples: 1 }, [{ time: nearly }])]
          : reply && [reply],
    });
    const ours = await printed(mock.address, 'manual', 'list');
    expect(ours).toBe(await chronyc.printAt(mock.port, 'manual', 'list'));
    expect(ours).toContain(' 2023-11-14 22:13:20 ');
  });
});

describe('--json', () => {
  it('prints the data classes', async () => {
    await using frozen = await FrozenChronyd.of(server);
    await using chrony = await ChronyConnection.open(frozen.address);
    const read = async (...args: string[]): Promise<unknown> =>
      JSON.parse(await printed(frozen.address, '--json', ...args));
    expect(await read('clients')).toEqual(JSON.parse(JSON.stringify(await chrony.getClients())));
    const frequent = await chrony.getClients({ minimumHits: 20 });
    expect(await read('clients', '-k', '-p', '20')).toEqual(JSON.parse(JSON.stringify(frequent)));
    expect(await read('manual', 'list')).toEqual(JSON.parse(JSON.stringify(await chrony.getManualList())));
  });

  it('prints names with -N, and null for a reference clock', async () => {
    for (const report of ['sources', 'sourcestats', 'selectdata']) {
      const sources = JSON.parse(await printed(client.socketPath, '--json', '-N', report, '-a'));
      const names = sources.map(({ name }: { name: string | null }) => name);
      expect(names, report).toContain('does-not-exist.invalid');
      expect(names, report).toContain(null);
    }
    const tracking = JSON.parse(await printed(client.socketPath, '--json', '-N', 'tracking'));
    expect(tracking).toMatchObject({ referenceIp: '127.0.0.1', name: expect.any(String) });
    const name = JSON.parse(await printed(client.socketPath, '--json', 'sourcename', '127.0.0.1'));
    expect(name).toEqual({ address: '127.0.0.1', name: tracking.name });
  });
});

describe('-N', () => {
  const sources = [ntpSource('192.0.2.1'), ntpSource('192.0.2.2')];
  const NAME_REQUEST = 65;

  it('takes a request for each source, and commands without -N take none', async () => {
    await using mock = await startMockChronyd(scenario('synchronized', { ...CHRONYC_REPLIES, sources }));
    await printed(mock.address, 'sources');
    const without = mock.requests.length;
    expect(mock.requests.filter(({ code }) => code === NAME_REQUEST)).toHaveLength(0);
    await printed(mock.address, '-N', 'sources');
    expect(mock.requests).toHaveLength(2 * without + sources.length);
    expect(mock.requests.filter(({ code }) => code === NAME_REQUEST)).toHaveLength(sources.length);
  });

  it.each([
    ['does not support names', { unknown: ['sourcename'] }],
    ['refuses names', { unauthorized: ['sourcename'] }],
  ] as const)('shows addresses where chronyd %s', async (_, refusing) => {
    await using mock = await startMockChronyd(
      scenario('synchronized', { ...CHRONYC_REPLIES, sources, ...refusing }),
    );
    for (const command of [['sources'], ['-c', 'sourcestats'], ['tracking'], ['selectdata', '-v']]) {
      expect(await printed(mock.address, '-N', ...command)).toBe(await printed(mock.address, ...command));
    }
    const json = JSON.parse(await printed(mock.address, '--json', '-N', 'sources'));
    expect(json.map(({ name }: { name: string | null }) => name)).toEqual([null, null]);
  });

  it.each(['\x1b[31mred', 'a\nb', 'a b', '\x7f', 'b\u00fccher.example', '\u009b31m'])(
    'never lets a name reach a terminal raw: %j',
    async (name) => {
      await using mock = await startMockChronyd(scenario('synchronized', { ...CHRONYC_REPLIES, sources }), {
        intercept: (request, reply) =>
          request.code === NAME_REQUEST ? [encodeReply(19, request, { name })] : reply && [reply],
      });
      for (const command of [
        ['sources'],
        ['-c', 'sources'],
        ['sourcestats'],
        ['tracking'],
        ['-c', 'authdata'],
      ]) {
        const ours = await printed(mock.address, '-N', ...command);
        expect(ours).toBe(await chronyc.printAt(mock.port, '-N', ...command));
        expect(ours).toMatch(/^[\x20-\x7e\n]*$/);
      }
      const outcome = await printed(mock.address, 'sourcename', '192.0.2.1').catch((error: unknown) => error);
      expect(outcome).toBeInstanceOf(ChronyDataError);
      expect(String(outcome)).toMatch(/^[\x20-\x7e]*$/);
      const json = JSON.parse(await printed(mock.address, '--json', 'sourcename', '192.0.2.1'));
      expect(json.name).toMatch(/^\P{Cc}+$/u);
    },
  );
});

describe('the executable', () => {
  let commandLine: CommandLine;
  beforeAll(async () => {
    commandLine = await CommandLine.build();
  });

  it('takes -p before clients as the port, and after it as the number of packets', async () => {
    await using mock = await startMockChronyd(scenario('many sources', CHRONYC_REPLIES));
    const at = ['-h', '127.0.0.1', '-p', String(mock.port)];
    const most = String(2 ** 32 - 1);
    const ours = await commandLine.print(...at, 'clients', '-k', '-p', most);
    expect(ours).toBe(await chronyc.printAt(mock.port, 'clients', '-k', '-p', most));
    expect(await commandLine.print(...at, 'clients', '--packets', most, '-k')).toBe(ours);
    expect(ours).not.toBe(await commandLine.print(...at, 'clients', '-k'));
  });

  it('reports an error if chronyd does not log clients', async () => {
    await using chronyd = await Chronyd.start({ config: ['noclientlog'] });
    const theirs = await chronyc.run('-h', chronyd.socketPath, 'clients');
    expect(theirs.status).toBe(1);
    const { status, stdout, stderr } = await commandLine.run('-h', chronyd.socketPath, 'clients');
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toMatch(/^chrony-wasm: [^\n]*not enabled[^\n]*\n$/);
  });

  it('reports missing permission for clients over UDP', async () => {
    await using chronyd = await Chronyd.start();
    const { status, stdout, stderr } = await commandLine.run('-h', chronyd.address, 'clients');
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toMatch(/^chrony-wasm: [^\n]*opencommands [^\n]*clients\n$/);
  });
});
