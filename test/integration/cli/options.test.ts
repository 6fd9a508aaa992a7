/** chronyc's options: several commands, one IP version, wide tables, and options that are not supported. */
import { beforeAll, describe, expect, it } from 'vitest';
import { type MockChronyd, ntpSource, scenario, startMockChronyd } from '../../../src/testing/index.ts';
import { installedChronyc } from '../../support/chronyc.ts';
import { CHRONYC_REPLIES, CommandLine, printed } from './support.ts';

const chronyc = installedChronyc();
let commandLine: CommandLine;
beforeAll(async () => {
  commandLine = await CommandLine.build();
});

function at({ port }: MockChronyd, host = '127.0.0.1'): string[] {
  return ['-h', host, '-p', String(port)];
}

describe('-m', () => {
  it.each([
    [['-m', 'tracking', 'sources -v -a', 'activity']],
    [['-c', '-m', 'sources', 'clients -k -p 2', 'manual list', 'sourcename 192.0.2.1']],
    [['-N', '-m', 'sources', 'waitsync 1', 'sourcestats -a']],
    [['-m', '', '   ', '# comment', '! tracking', '; tracking', '% tracking', '  activity  ']],
    [['-m', 'activity', 'exit', 'tracking']],
    [['-m', 'activity', 'quit', 'nonsense']],
    [['activity', '-m']],
  ])('prints the same as chronyc: %j', async (args) => {
    await using mock = await startMockChronyd(
      scenario('synchronized', { ...CHRONYC_REPLIES, sources: [ntpSource('192.0.2.1')] }),
    );
    expect(await commandLine.run(...at(mock), ...args)).toEqual(await chronyc.run(...at(mock), ...args));
  });

  it.each([
    ['ends with the first command that fails', ['activity', 'rtcdata', 'tracking'], 1, 'not enabled'],
    [
      'ends with the first invalid command',
      ['activity', 'nonsense', 'tracking'],
      2,
      "unknown command 'nonsense'",
    ],
    ['ends with the first command that is denied', ['activity', 'ntpdata', 'tracking'], 1, 'opencommands'],
    ['accepts chronyc commands only', ['activity', 'serve'], 2, '-m cannot be used with serve'],
    [
      'accepts only options of the command in its line',
      ['activity', 'tracking -h 192.0.2.1'],
      2,
      "--host in 'tracking -h 192.0.2.1' applies to all commands",
    ],
    [
      'rejects options of other commands',
      ['activity', 'tracking -k'],
      2,
      '--nts-ke cannot be used with tracking',
    ],
  ])('%s', async (_, lines, status, complaint) => {
    await using mock = await startMockChronyd(scenario('permission denied', { rtc: null }));
    const ours = await commandLine.run(...at(mock), '-m', ...lines);
    const theirs = await chronyc.run(...at(mock), '-m', 'activity');
    expect([ours.status, ours.stdout]).toEqual([status, theirs.stdout]);
    expect(ours.stderr).toMatch(/^chrony-wasm: [^\n]+\n$/);
    expect(ours.stderr).toContain(complaint);
  });

  it('applies options outside of the commands to all commands', async () => {
    await using mock = await startMockChronyd(scenario('many sources', CHRONYC_REPLIES));
    const port = String(mock.port);
    const clients = await commandLine.run('-h', '127.0.0.1', '-p', port, 'clients');
    expect(clients.status).toBe(0);
    for (const args of [
      ['-m', 'clients', '-p', port, '-h', '127.0.0.1'],
      ['clients', '-p', port, '-h', '127.0.0.1', '-m'],
    ]) {
      expect(await commandLine.run(...args)).toEqual(clients);
    }
  });

  it('sends all requests over one socket', async () => {
    await using mock = await startMockChronyd('synchronized');
    await printed(mock.address, '-m', 'tracking', 'activity', 'manual list');
    expect(new Set(mock.requests.map(({ client }) => client)).size).toBe(1);
  });

  it('prints a line of JSON per command', async () => {
    await using mock = await startMockChronyd('synchronized');
    const lines = (await printed(mock.address, '--json', '-m', 'activity', 'clients')).trimEnd().split('\n');
    expect(lines.map((line) => Array.isArray(JSON.parse(line)))).toEqual([false, true]);
  });
});

describe('-4 and -6', () => {
  it.each([
    ['localhost', ['-4'], 0],
    ['127.0.0.1', ['-4'], 0],
    ['127.0.0.1', ['-6'], 1],
    ['::1', ['-4'], 1],
    ['localhost', ['-6', '-4'], 0],
    ['127.0.0.1', ['-46'], 1],
    ['127.0.0.1', ['-64'], 0],
  ])('%s %j', async (host, flags, status) => {
    await using mock = await startMockChronyd('synchronized');
    const theirs = await chronyc.run(...at(mock, host), ...flags, 'activity');
    const ours = await commandLine.run(...at(mock, host), ...flags, 'activity');
    expect([ours.status, ours.stdout]).toEqual([theirs.status, theirs.stdout]);
    expect(ours.status).toBe(status);
    if (status !== 0)
      expect(ours.stderr).toMatch(/^chrony-wasm: [^\n]* is not an IPv[46] address, but only IPv[46] /);
  });

  it('apply to every command that queries chronyd', async () => {
    await using mock = await startMockChronyd(
      scenario('synchronized', { tracking: { refTime: Date.now() / 1000 } }),
    );
    for (const command of [
      ['watch', 'tracking', '--count', '1'],
      ['bound'],
      ['report', 'activity'],
      ['check'],
    ]) {
      const args = ['--timeout', '200', '--retries', '0', ...command];
      expect((await commandLine.run(...at(mock), '-4', ...args)).stdout, command[0]).not.toBe('');
      const { status, stdout, stderr } = await commandLine.run(...at(mock), '-6', ...args);
      expect(status, command[0]).toBeGreaterThan(0);
      expect(stdout + stderr, command[0]).toContain('is not an IPv6 address');
    }
  });
});

// chronyc has wide tables since 4.9
if (chronyc.isSince('4.9')) {
  it.each(['sources', 'sourcestats', 'selectdata', 'authdata', 'clients', 'tracking', 'manual list'])(
    '-w %s prints the same as chronyc',
    async (command) => {
      await using mock = await startMockChronyd(scenario('many sources', CHRONYC_REPLIES));
      const verbose = ['clients', 'manual list', 'tracking'].includes(command) ? [] : ['-v'];
      const args = ['-w', ...command.split(' '), ...verbose];
      expect(await printed(mock.address, ...args)).toBe(await chronyc.printAt(mock.port, ...args));
    },
  );
}

it('-w makes the column of names 14 characters wider, and does not change CSV', async () => {
  await using mock = await startMockChronyd('synchronized');
  for (const command of [
    ['sources'],
    ['sourcestats'],
    ['selectdata'],
    ['authdata'],
    ['clients'],
    ['clients', '-k'],
  ]) {
    const narrow = (await printed(mock.address, ...command)).split('\n');
    const wide = (await printed(mock.address, '-w', ...command)).split('\n');
    expect(wide.map(({ length }) => length)).toEqual(narrow.map(({ length }) => length && length + 14));
    expect(await printed(mock.address, '-w', '-c', ...command)).toBe(
      await printed(mock.address, '-c', ...command),
    );
  }
});

describe('unsupported or invalid arguments', () => {
  it.each([
    [['-e', 'tracking'], "Unknown option '-e': "],
    [['-u', 'root', 'tracking'], "Unknown option '-u': "],
    [['-d', 'tracking'], "Unknown option '-d': "],
    [['-f', 'file', 'tracking'], "Unknown option '-f': "],
    [['clients', '-r'], "Unknown option '-r': "],
    [['manual'], "the only subcommand of manual is 'manual list'"],
    [['manual', 'reset'], "manual reset: not supported; the only subcommand of manual is 'manual list'"],
    [['manual', 'list', '1'], "unexpected argument '1' after manual list"],
    [['clients', '192.0.2.1'], "unexpected argument '192.0.2.1' after clients"],
    [['clients', '-p', 'many'], "--packets needs a whole number from 0 to 4294967295, not 'many'"],
    [['clients', '-p'], '-p needs a value (N)'],
    [['tracking', '-k'], '--nts-ke cannot be used with tracking; it is for clients'],
    [['sourcename'], 'sourcename needs the IP address of a source; see chrony-wasm sources -a'],
    [['sourcename', 'GPS'], "sourcename needs the IP address of a source, not 'GPS'; see "],
    [['sourcename', '192.0.2.1', '192.0.2.2'], "unexpected argument '192.0.2.2' after sourcename"],
    [['waitsync', 'soon'], "waitsync: TRIES needs a whole number from 0 to 2147483647, not 'soon'"],
    [['waitsync', '1.5'], "waitsync: TRIES needs a whole number from 0 to 2147483647, not '1.5'"],
    [
      ['waitsync', '2147483648'],
      "waitsync: TRIES needs a whole number from 0 to 2147483647, not '2147483648'",
    ],
    [['waitsync', '1', 'x'], "waitsync: CORRECTION needs seconds from 0 to 1000000000, not 'x'"],
    [['waitsync', '1', 'nan'], "waitsync: CORRECTION needs seconds from 0 to 1000000000, not 'nan'"],
    [['waitsync', '1', '0', '1ppm'], "waitsync: SKEW needs ppm from 0 to 1000000000, not '1ppm'"],
    [['waitsync', '1', '0', '0', '1d'], "waitsync: INTERVAL needs seconds from 0 to 86400, not '1d'"],
    [['waitsync', '1', '0', '0', '1', '2'], "unexpected argument '2' after waitsync"],
    [['waitsync', '--max-error', '-1'], "--max-error needs seconds from 0 to 86400, not '-1'"],
    [['tracking', '--max-error', '1'], '--max-error cannot be used with tracking; it is for waitsync'],
    [['watch', 'clients'], "unknown report 'clients'"],
    [['-m'], 'a command is missing'],
  ])('rejects %j', async (args, complaint) => {
    const { status, stdout, stderr } = await commandLine.run(...args);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr.startsWith(`chrony-wasm: ${complaint}`), stderr).toBe(true);
    expect(stderr).toMatch(/^[^\n]*\n$/);
  });
});
