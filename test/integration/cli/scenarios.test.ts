/** Every report of every named scenario, compared with `chronyc -n` on the same server, byte for byte. */
import { beforeAll, describe, expect, it } from 'vitest';
import { ntpSource, type ScenarioName, scenario, startMockChronyd } from '../../../src/testing/index.ts';
import { scenarios } from '../../../src/testing/scenarios.ts';
import { installedChronyc } from '../../support/chronyc.ts';
import { tellCompared } from '../../support/compared.ts';
import { asPrintedBy } from '../../support/differences.ts';
import { COMMANDS, everyCommand, groups, PER_SOURCE, printedBy } from '../../support/every-way.ts';
import {
  CHRONYC_REPLIES,
  CHRONYC_VERSION,
  CommandLine,
  chronyc,
  printed,
  printedLikeChronyc,
} from './support.ts';

/** The scenarios with replies to compare. */
const answering = (Object.keys(scenarios) as ScenarioName[]).filter(
  (name) => name !== 'silence' && name !== 'garbage' && name !== 'loss',
);

describe.concurrent.each(answering)(`against chronyc ${CHRONYC_VERSION}: %s`, (name) => {
  it('prints the same reports', async (context) => {
    await using mock = await startMockChronyd(scenario(name, CHRONYC_REPLIES));
    let compared = 0;
    // if names are unsupported, chronyc prints errors between the lines, and chrony-wasm prints addresses instead
    const hasNames = !scenario(name).unknown.includes('sourcename');
    for (const group of groups(hasNames ? everyCommand(installedChronyc()) : COMMANDS)) {
      const theirs = await printedBy(installedChronyc(), mock.port, group);
      if (theirs === null) {
        // reports that fail in chronyc (disabled, denied, unknown) fail in chrony-wasm, too
        for (const command of group)
          await expect(printed(mock.address, ...command), command.join(' ')).rejects.toThrow();
        continue;
      }
      const ours: string[] = [];
      for (const command of group) ours.push(await printedLikeChronyc(mock.address, ...command));
      expect(ours.join('')).toBe(theirs);
      compared += group.length;
    }
    expect(compared).toBeGreaterThan(20);
    tellCompared(context, CHRONYC_VERSION, compared);
  });
});

describe('the executable', () => {
  let commandLine: CommandLine;
  beforeAll(async () => {
    commandLine = await CommandLine.build();
  });

  it.concurrent.each([
    [['-n', '-c', 'tracking']],
    [['-v', 'sources']],
    [['sources', '-a', '-v']],
    [['-cn', 'sourcestats', '--all']],
    [['--verbose', 'selectdata', '--all']],
    [['authdata', '-va']],
  ])('takes options anywhere: %j', async (args) => {
    await using mock = await startMockChronyd(scenario('unsynchronized', CHRONYC_REPLIES));
    const ours = await commandLine.print('-h', '127.0.0.1', '-p', String(mock.port), ...args);
    const [command = ''] = args.filter((word) => !word.startsWith('-'));
    const flags = args.join(' ');
    const theirs = [
      ...(/-\w*c/.test(flags) && !flags.includes('--v') ? ['-c'] : []),
      command,
      ...(/ --all|-\w*a/.test(flags) ? ['-a'] : []),
      ...(/-\w*v/.test(flags) ? ['-v'] : []),
    ];
    expect(asPrintedBy(CHRONYC_VERSION, theirs, ours)).toBe(await chronyc(mock.port, ...theirs));
  });

  it('supports IPv6', async () => {
    await using mock = await startMockChronyd('synchronized', { host: '::1' });
    for (const command of ['tracking', 'sources']) {
      expect(await commandLine.print('-h', '::1', '-p', String(mock.port), command)).toBe(
        await chronyc(mock.port, '-h', '::1', command),
      );
    }
  });
});

it('prints empty reports as chronyc does', async () => {
  await using mock = await startMockChronyd(scenario('synchronized', { ...CHRONYC_REPLIES, sources: [] }));
  for (const command of [...PER_SOURCE, 'ntpdata'].flatMap((name) => [[name], ['-c', name]])) {
    expect(await printedLikeChronyc(mock.address, ...command)).toBe(await chronyc(mock.port, ...command));
  }
});

describe('ntpdata of one source', () => {
  const sources = [ntpSource('192.0.2.1'), ntpSource('2001:db8::2'), ntpSource('ID#0000000007')];

  it.each(['192.0.2.1', '2001:db8::2', '2001:DB8:0:0::0.0.0.2', 'ID#0000000007'])('%s', async (address) => {
    await using mock = await startMockChronyd(scenario('synchronized', { ...CHRONYC_REPLIES, sources }));
    for (const flags of [[], ['-c']]) {
      const command = [...flags, 'ntpdata', address];
      expect(await printedLikeChronyc(mock.address, ...command)).toBe(await chronyc(mock.port, ...command));
    }
  });
});

describe('servers newer than chronyc 4.3', () => {
  it('serverstats has six more lines and columns', async () => {
    await using mock = await startMockChronyd('synchronized');
    expect(await printed(mock.address, '-c', 'serverstats')).toBe(
      '52318,17,904,3,0,41,2,1877,612,1024,97,12,51980,52289,321,0,0\n',
    );
    const lines = (await printed(mock.address, 'serverstats')).split('\n');
    expect(lines.slice(10)).toEqual([
      'NTP timestamp span         : 97',
      'NTP daemon RX timestamps   : 12',
      'NTP daemon TX timestamps   : 51980',
      'NTP kernel RX timestamps   : 52289',
      'NTP kernel TX timestamps   : 321',
      'NTP hardware RX timestamps : 0',
      'NTP hardware TX timestamps : 0',
      '',
    ]);
  });

  it('ntpdata has four more lines and columns', async () => {
    await using mock = await startMockChronyd('synchronized');
    const cells = (await printed(mock.address, '-c', 'ntpdata', '192.0.2.1')).trimEnd().split(',');
    expect(cells).toHaveLength(38);
    expect(cells.slice(30)).toEqual(['14', '13', '13', '12', '14', '13', '0', '0']);
    const lines = (await printed(mock.address, 'ntpdata', '192.0.2.1')).split('\n');
    expect(lines.slice(26)).toEqual([
      'Total good RX   : 12',
      'Total kernel TX : 14',
      'Total kernel RX : 13',
      'Total HW TX     : 0',
      'Total HW RX     : 0',
      '',
    ]);
  });
});

it.each([
  [14, 5],
  [22, 8],
] as const)('serverstats of an older server, reply %i, has %i lines', async (serverStatsReply, lines) => {
  await using mock = await startMockChronyd(scenario('synchronized', { serverStatsReply }));
  expect((await printed(mock.address, 'serverstats')).trimEnd().split('\n')).toHaveLength(lines);
  expect((await printed(mock.address, '-c', 'serverstats')).split(',')).toHaveLength(lines);
});
