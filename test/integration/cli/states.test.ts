/**
 * Every report of real chronyd processes in every state, compared with `chronyc -n` on the same process, byte for byte.
 * The replies are frozen during the comparison.
 */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { installedChronyc } from '../../support/chronyc.ts';
import { Chronyd } from '../../support/chronyd.ts';
import { COMMANDS, compareAll } from '../../support/every-way.ts';
import { FedClock } from '../../support/fed-clock.ts';
import { NtsIdentity } from '../../support/nts.ts';
import { freePort } from '../../support/ports.ts';
import { printed, printedLikeChronyc } from './support.ts';

const chronyc = installedChronyc();
const KEY = '1 SHA1 HEX:000102030405060708090A0B0C0D0E0F10111213';

/** The reports that chronyd does not give in its default configuration. */
const NO_SMOOTHING = ['rtcdata', 'smoothing'];
const NO_CLOCK = ['rtcdata'];
/** The command that fails unless chronyd has a source 127.0.0.1. */
const NO_SOURCE = 'ntpdata 127.0.0.1';

async function same(chronyd: Chronyd, without: readonly string[]): Promise<void> {
  const comparison = await compareAll(chronyc, chronyd, printedLikeChronyc);
  expect([...comparison.without].sort()).toEqual([...without].sort());
  expect(comparison.compared).toBeGreaterThan(COMMANDS.length / 2);
}

/** The mode, state and address of each source, as `sources` prints them: `^*127.0.0.1`. */
async function sourceStates(chronyd: Chronyd): Promise<string[]> {
  const lines = (await printed(chronyd.socketPath, '-c', 'sources', '-a')).trimEnd().split('\n');
  return lines.map((line) => line.split(',').slice(0, 3).join(''));
}

describe(`prints the same as chronyc ${chronyc.version}`, () => {
  it('fresh, without sources', async () => {
    await using chronyd = await Chronyd.start();
    await same(chronyd, [NO_SOURCE, ...NO_SMOOTHING]);
  });

  it('in local mode, smoothing', async () => {
    await using chronyd = await Chronyd.start({
      serve: true,
      config: ['local stratum 5', 'smoothtime 400 0.01'],
    });
    await same(chronyd, [NO_SOURCE, ...NO_CLOCK]);
  });

  it('in local mode, smoothing leap seconds only', async () => {
    const config = ['local stratum 5', 'smoothtime 400 0.01 leaponly'];
    await using chronyd = await Chronyd.start({ serve: true, config });
    await same(chronyd, [NO_SOURCE, ...NO_CLOCK]);
  });

  it('without replies from its sources: offline, unreachable, unresolved, a silent clock', async () => {
    const config = [
      'server 127.0.0.2 port 9',
      'server 2001:db8:1111:2222:3333:4444:5555:6666 offline',
      'server does-not-exist.invalid',
      'peer 127.0.0.4 port 9 offline',
      'refclock SOCK {dir}/clock.sock refid GPS',
      'refclock SOCK {dir}/other.sock refid A,B noselect prefer',
    ];
    await using chronyd = await Chronyd.start({ config });
    await same(chronyd, [NO_SOURCE, ...NO_SMOOTHING]);
    const states = await sourceStates(chronyd);
    expect(states).toEqual(expect.arrayContaining(['^?127.0.0.2', '#?GPS', '=?127.0.0.4']));
    expect(states.some((state) => state.startsWith('^?ID#'))).toBe(true);
  });

  it('with a working reference clock', async () => {
    await using chronyd = await Chronyd.start({
      config: ['refclock SOCK {dir}/clock.sock refid GPS poll -2 filter 1 delay 0.001'],
    });
    using _clock = await FedClock.start(join(chronyd.dir, 'clock.sock'), 0.0125);
    await chronyd.untilSynchronized();
    expect(await sourceStates(chronyd)).toEqual(['#*GPS']);
    await same(chronyd, [NO_SOURCE, ...NO_SMOOTHING]);
  });

  // an older chronyc requires a host name of the NTS server
  if (chronyc.isSince('4.3')) {
    it('with a source authenticated by NTS', async () => {
      using identity = new NtsIdentity();
      const ntsPort = await freePort();
      await using server = await Chronyd.start({
        serve: true,
        config: ['local stratum 1', ...identity.server(ntsPort)],
      });
      await using client = await Chronyd.start({
        config: [
          `server 127.0.0.1 port ${server.ntpPort} nts ntsport ${ntsPort} iburst minpoll -2 maxpoll -1`,
          ...identity.client(),
        ],
      });
      await client.untilSynchronized();
      expect(await printed(client.socketPath, '-c', 'authdata')).toMatch(
        /^127\.0\.0\.1,NTS,1,\d+,\d+,0,0,0,8,/,
      );
      await same(client, NO_SMOOTHING);
      await same(server, [NO_SOURCE, ...NO_SMOOTHING]);
    });
  }
});

describe(`prints the same as chronyc ${chronyc.version} with sources of every kind`, () => {
  let server: Chronyd;
  let liar: Chronyd;
  let client: Chronyd;

  beforeAll(async () => {
    const serve = { serve: true, keys: [KEY] };
    const config = ['local stratum 1'];
    server = await Chronyd.start({ ...serve, config: [...config, 'bindaddress ::1', 'allow ::1'] });
    liar = await Chronyd.start({ ...serve, config: [...config, 'bindaddress 127.0.0.3'] });
    client = await Chronyd.start({
      ...serve,
      config: [
        `server 127.0.0.1 port ${server.ntpPort} iburst minpoll -2 maxpoll -1 key 1`,
        `server ::1 port ${server.ntpPort} iburst minpoll 0 maxpoll 0`,
        `server 127.0.0.3 port ${liar.ntpPort} iburst minpoll 0 maxpoll 0 offset 5`,
        'server 127.0.0.2 port 9',
        'server 2001:db8:1111:2222:3333:4444:5555:6666 offline',
        'server does-not-exist.invalid',
        'refclock SOCK {dir}/clock.sock refid GPS noselect',
        'smoothtime 400 0.01',
      ],
    });
  });
  afterAll(async () => {
    await Promise.all([client, liar, server].map((chronyd) => chronyd?.stop()));
  });

  const following = async (): Promise<boolean> => {
    const states = await sourceStates(client);
    return states.includes('^x127.0.0.3') && states.some((state) => state.startsWith('^*'));
  };

  it('during its first requests', () => same(client, NO_CLOCK));

  it('synchronized, with a falseticker and a source authenticated by a key', async () => {
    await client.until(following);
    await same(client, NO_CLOCK);
    await same(server, [NO_SOURCE, ...NO_SMOOTHING]);
  });

  it('after the sources that it follows have stopped', async () => {
    await server.kill();
    // the source stays selected as the best one, although it is out of reach
    const outOfReach = /^\^,.,127\.0\.0\.1,1,-?\d+,0,/m;
    await client.until(async () => outOfReach.test(await printed(client.socketPath, '-c', 'sources')));
    await same(client, NO_CLOCK);
    await server.run();
    await client.until(following);
  });

  it('after all sources have been set offline', async () => {
    await client.chronyc(['offline'], []);
    await client.until(async () => (await client.chronyc(['activity'])).startsWith('0,'));
    await same(client, NO_CLOCK);
  });
});

describe('a disabled report', () => {
  it.each(['rtcdata', 'smoothing'])('is an error in text and null in JSON: %s', async (report) => {
    await using chronyd = await Chronyd.start();
    const advice = 'enable the feature in chrony.conf';
    await expect(printed(chronyd.address, report)).rejects.toThrow(advice);
    expect(await printed(chronyd.address, '--json', report)).toBe('null\n');
  });
});
