/** Reports of real chronyd processes, against `chronyc -n` on the same one, byte for byte. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Chronyd } from '../support/chronyd.ts';
import { chronyc, printed, printedItsWay } from './support.ts';

const KEY = '1 SHA1 HEX:000102030405060708090A0B0C0D0E0F10111213';

const DEAD_SOURCES = [
  'server 127.0.0.2 port 9',
  'server 2001:db8:1111:2222:3333:4444:5555:6666 offline',
  'server does-not-exist.invalid',
  'refclock SOCK {dir}/clock.sock refid GPS noselect',
];

const KINDS = {
  'a fresh one': [],
  'one in local mode': ['local stratum 5'],
  'one whose sources do not answer': DEAD_SOURCES,
};

describe.each(Object.entries(KINDS))('chronyd: %s', (_, config) => {
  let chronyd: Chronyd;
  beforeAll(async () => {
    chronyd = await Chronyd.start({ config });
  });
  afterAll(() => chronyd?.stop());

  it.each(
    [['tracking'], ['activity'], ['sourcestats'], ['sourcestats', '-a']].flatMap((command) => [
      command,
      ['-c', ...command],
    ]),
  )('the same with %s %s %s', async (...given) => {
    const args = given.filter((flag) => flag !== undefined);
    expect(await printedItsWay(chronyd.address, ...args)).toBe(await chronyc(chronyd.commandPort, ...args));
  });

  it.each(['rtcdata', 'smoothing'])('%s is disabled', async (report) => {
    await expect(chronyc(chronyd.commandPort, report)).rejects.toThrow();
    const advice = 'enable the feature in chrony.conf';
    await expect(printed(chronyd.address, report)).rejects.toThrow(advice);
    expect(await printed(chronyd.address, '--json', report)).toBe('null\n');
  });
});

it('smoothing is enabled', async () => {
  await using chronyd = await Chronyd.start({ config: ['smoothtime 400 0.01'] });
  for (const args of [['smoothing'], ['-c', 'smoothing']]) {
    expect(await printedItsWay(chronyd.address, ...args)).toBe(await chronyc(chronyd.commandPort, ...args));
  }
});

describe('sources of every kind', () => {
  let server: Chronyd;
  let liar: Chronyd;
  let client: Chronyd;

  beforeAll(async () => {
    const serve = { serve: true, keys: [KEY] };
    const config = ['local stratum 1'];
    server = await Chronyd.start({ ...serve, config: [...config, 'bindaddress ::1', 'allow ::1'] });
    liar = await Chronyd.start({ ...serve, config: [...config, 'bindaddress 127.0.0.3'] });
    client = await Chronyd.start({
      serve: true,
      keys: [KEY],
      config: [
        `server 127.0.0.1 port ${server.ntpPort} iburst minpoll -2 maxpoll -1 key 1`,
        `server ::1 port ${server.ntpPort} iburst minpoll 0 maxpoll 0`,
        `server 127.0.0.3 port ${liar.ntpPort} iburst minpoll 0 maxpoll 0 offset 5`,
        ...DEAD_SOURCES,
      ],
    });
    await client.until(async () => {
      const states = await client.chronyc(['sources']);
      return states.includes('^,*,') && states.includes('^,x,127.0.0.3');
    });
  });
  afterAll(async () => {
    await Promise.all([client, liar, server].map((chronyd) => chronyd?.stop()));
  });

  /** An age may go on between the two, so chronyc is asked before and after. */
  async function same(flags: readonly string[], command: readonly string[]): Promise<void> {
    for (let attempt = 0; attempt < 50; attempt++) {
      const theirs = await client.chronyc(command, flags);
      const ours = await printedItsWay(client.socketPath, ...flags, ...command);
      if (theirs !== (await client.chronyc(command, flags))) continue;
      expect(ours).toBe(theirs);
      return;
    }
    throw new Error(`${command.join(' ')} would not stand still`);
  }

  it('has every kind', async () => {
    const lines = (await printed(client.socketPath, '-c', 'sources', '-a')).trimEnd().split('\n');
    const kinds = lines.map((line) =>
      line
        .split(',')
        .slice(0, 3)
        .join(' ')
        .replace(/\d{10}/, ''),
    );
    const expected = ['^ x 127.0.0.3', '^ ? 127.0.0.2', '^ ? ID#', '# ? GPS'];
    expect(kinds).toEqual(expect.arrayContaining(expected));
    expect(kinds.filter((kind) => kind.startsWith('^ *'))).toHaveLength(1);
  });

  const PER_SOURCE = ['sources', 'selectdata', 'authdata'];
  const COMMANDS = [
    ...PER_SOURCE.flatMap((name) => [[name], [name, '-a'], [name, '-v']]),
    ['activity'],
    ['ntpdata'],
    ['ntpdata', '127.0.0.1'],
    ['ntpdata', '::1'],
  ];

  async function sameTextAndCsv(given: readonly (string | undefined)[]): Promise<void> {
    const command = given.filter((word) => word !== undefined);
    await same([], command);
    await same(['-c'], command);
  }

  it.each(COMMANDS)('the same while they are polled: %s %s', (...given) => sameTextAndCsv(given));

  describe('offline', () => {
    beforeAll(async () => {
      await client.chronyc(['offline'], []);
      await client.until(async () => (await client.chronyc(['activity'])).startsWith('0,'));
    });

    it.each(COMMANDS)('the same: %s %s', (...given) => sameTextAndCsv(given));
  });
});
