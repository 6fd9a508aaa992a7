/** The command line: help, version, and invalid arguments. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { readArguments, UsageError } from '../../../src/cli/arguments.ts';
import { healthThresholds } from '../../../src/cli/check.ts';
import { commandNames, commandsAccepting } from '../../../src/cli/manual/commands.ts';
import { helpFor } from '../../../src/cli/manual/help.ts';
import { allOptions } from '../../../src/cli/manual/options.ts';
import { ROOT } from '../../system/package/support/build.ts';
import { CommandLine } from './support.ts';

let commandLine: CommandLine;

beforeAll(async () => {
  commandLine = await CommandLine.build();
});

it.concurrent.each([[['--help']], [['help']], [['--version', '--help']]])('prints help: %j', async (args) => {
  const { status, stdout, stderr } = await commandLine.run(...args);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout).toMatch(/^chrony-wasm: .*\n\nUsage: chrony-wasm \[options\] <command>\n/);
  for (const word of [...commandNames, '--host', '--port', '--json', '--csv', '--timeout']) {
    expect(stdout).toContain(word);
  }
  // a terminal is 80 characters wide
  expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([]);
});

it.each(commandNames)('prints help for %s', (command) => {
  const help = helpFor(command);
  expect(help.startsWith(`chrony-wasm ${command}: `)).toBe(true);
  expect(help).toContain(`\n\nUsage: chrony-wasm [options] ${command}`);
  expect(help).toMatch(/\n\nExample: chrony-wasm .*\n$/);
  expect(/^Example: .*$/m.exec(help)?.[0]).toContain(command);
  expect(help.split('\n').filter((line) => line.length > 80)).toEqual([]);
  expect(help).not.toContain('\n\n\n');
});

it('prints the help for a command with --help', async () => {
  expect(await commandLine.print('sources', '--help')).toBe(helpFor('sources'));
  expect(await commandLine.print('--help', 'ntpdata')).toBe(helpFor('ntpdata'));
  expect(await commandLine.print('help', 'watch')).toBe(helpFor('watch'));
});

it('prints its version', async () => {
  const { version } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8'));
  expect(await commandLine.print('--version')).toBe(`chrony-wasm ${version}\n`);
});

it.concurrent.each<[args: string[], complaint: string]>([
  [[], 'a command is missing'],
  [['--json'], 'a command is missing'],
  [['frobnicate'], "unknown command 'frobnicate'; the commands are: "],
  [['constructor'], "unknown command 'constructor'; the commands are: "],
  [['__proto__'], "unknown command '__proto__'; the commands are: "],
  [[''], "unknown command ''; the commands are: "],
  [['source'], "unknown command 'source'; did you mean 'sources'?"],
  [['trakcing'], "unknown command 'trakcing'; did you mean 'tracking'?"],
  [['ntpdta', '192.0.2.1'], "unknown command 'ntpdta'; did you mean 'ntpdata'?"],
  [['report', 'activty'], "unknown report 'activty'; did you mean 'activity'?"],
  [['--jsn', 'tracking'], "Unknown option '--jsn'; did you mean '--json'?"],
  [['--verbos', 'sources'], "Unknown option '--verbos'; did you mean '--verbose'?"],
  [['-a', 'tracking'], '--all cannot be used with tracking; it is for sources, sourcestats, '],
  [['-a', 'ntpdata'], '--all cannot be used with ntpdata; it is for sources, sourcestats, '],
  [['-a', 'report', 'sources'], '--all cannot be used with report; it is for sources, sourcestats, '],
  [['sources', '192.0.2.1'], "unexpected argument '192.0.2.1' after sources"],
  [['ntpdata', '192.0.2.1', '192.0.2.2'], "unexpected argument '192.0.2.2' after ntpdata"],
  [['ntpdata', 'ntp.example.net'], "ntpdata needs the IP address of a source, not 'ntp.example.net'; see "],
  [['ntpdata', 'fe80::1%lo'], "ntpdata needs the IP address of a source, not 'fe80::1%lo'; see "],
  [['tracking', 'more'], "unexpected argument 'more' after tracking"],
  [['report'], 'report needs the name of a report, e.g. report sources'],
  [['report', 'sources', 'and', 'more'], "unexpected argument 'and more' after report"],
  [['-c', 'report', 'sources'], 'report cannot print CSV; use --json'],
  [['--help', 'nonsense'], "unknown command 'nonsense'; the commands are: "],
  [['help', 'trakcing'], "unknown command 'trakcing'; did you mean 'tracking'?"],
  [['watch'], 'watch needs the name of a report, e.g. watch tracking'],
  [['watch', 'source'], "unknown report 'source'; did you mean 'sources'?"],
  [['watch', 'tracking', 'more'], "unexpected argument 'more' after tracking"],
  [['watch', 'ntpdata', 'name'], "ntpdata needs the IP address of a source, not 'name'; see "],
  [['watch', '-a', 'tracking'], '--all cannot be used with tracking; it is for sources, '],
  [['--interval', '5', 'tracking'], '--interval cannot be used with tracking; it is for watch'],
  [['--count', '5', 'report', 'tracking'], '--count cannot be used with report; it is for watch'],
  [['--time', 'sources'], '--time cannot be used with sources; it is for watch'],
  [['tracking', '--leap', 'ok'], '--leap cannot be used with tracking; it is for check'],
  [['tracking', '--warning', '2'], '--warning cannot be used with tracking; it is for check'],
  [['--allow-local', 'watch', 'tracking'], '--allow-local cannot be used with watch; it is for check'],
  [['watch', 'tracking', '--interval', '0'], "--interval needs seconds from 0.01 to 86400, not '0'"],
  [['watch', 'tracking', '--interval', '1e3'], "--interval needs seconds from 0.01 to 86400, not '1e3'"],
  [['watch', 'tracking', '--interval', '1s'], "--interval needs seconds from 0.01 to 86400, not '1s'"],
  [['watch', 'tracking', '--count', '0'], "--count needs a whole number from 1 to 9999999999, not '0'"],
  [['bound', 'tracking'], "unexpected argument 'tracking' after bound"],
  [['-c', 'bound'], 'bound cannot print CSV; use --json'],
  [['bound', '--count', '2'], '--count cannot be used with bound alone; add --watch'],
  [['bound', '--interval', '2'], '--interval cannot be used with bound alone; add --watch'],
  [['tracking', '--watch'], '--watch cannot be used with tracking; it is for bound'],
  [['completion'], 'completion needs the name of a shell: bash, zsh, fish'],
  [['completion', 'tcsh'], "unknown shell 'tcsh'; the shells are: bash, zsh, fish"],
  [['completion', 'zhs'], "unknown shell 'zhs'; did you mean 'zsh'?"],
  [['completion', 'bash', 'zsh'], "unexpected argument 'zsh' after completion"],
  [['man', 'watch'], "unexpected argument 'watch' after man"],
  [['--json', '-c', 'tracking'], '--json and --csv exclude each other'],
  [['-p', '0', 'tracking'], "--port needs a whole number from 1 to 65535, not '0'"],
  [['-p', '65536', 'tracking'], "--port needs a whole number from 1 to 65535, not '65536'"],
  [['-p', '1e3', 'tracking'], "--port needs a whole number from 1 to 65535, not '1e3'"],
  [['--port=', 'tracking'], "--port needs a whole number from 1 to 65535, not ''"],
  [['--timeout', '0', 'tracking'], "--timeout needs a whole number from 1 to 2147483647, not '0'"],
  [['--timeout', 'soon', 'tracking'], "--timeout needs a whole number from 1 to 2147483647, not 'soon'"],
  [['--retries', '101', 'tracking'], "--retries needs a whole number from 0 to 100, not '101'"],
  [['--retries=-1', 'tracking'], "--retries needs a whole number from 0 to 100, not '-1'"],
  [['--retries', '-1', 'tracking'], "--retries needs a whole number from 0 to 100, not '-1'"],
  [['--retries', '-1s', 'tracking'], "--retries needs a whole number from 0 to 100, not '-1s'"],
  [['-p', '-1', 'tracking'], "--port needs a whole number from 1 to 65535, not '-1'"],
  [['-p', '-.5', 'tracking'], "--port needs a whole number from 1 to 65535, not '-.5'"],
  [
    ['-h', '-p', 'tracking'],
    "-h needs a value (ADDRESS) before '-p'; write --host=-p if that is the value (see ",
  ],
  [
    ['tracking', '--host', '--json'],
    "--host needs a value (ADDRESS) before '--json'; write --host=--json if ",
  ],
  [['-h', '', 'tracking'], "-h needs a value (ADDRESS), not ''; remove the option "],
  [['--host=', 'tracking'], "--host needs a value (ADDRESS), not ''; remove the option "],
  [['serve', '--tls-cert='], "--tls-cert needs a value (FILE), not ''; "],
  [['serve', '--basic-auth', ''], "--basic-auth needs a value (FILE), not ''; "],
  [['--nonsense', 'tracking'], "Unknown option '--nonsense'"],
  [['--nonsense=1', 'tracking'], "Unknown option '--nonsense'"],
  [['--no-json', 'tracking'], "Unknown option '--no-json'"],
  [['--__proto__', 'tracking'], "Unknown option '--__proto__'"],
  [['-x', 'tracking'], "Unknown option '-x'"],
  [['-cx', 'tracking'], "Unknown option '-x'"],
  [['-1', 'tracking'], "Unknown option '-1'"],
  [['--json=yes', 'tracking'], "--json takes no value; remove 'yes'"],
  [['--json=', 'tracking'], "--json takes no value; remove ''"],
  [['--host'], '--host needs a value (ADDRESS) (see '],
  [['tracking', '-p'], '-p needs a value (N) (see '],
  [['-h', '/run/chrony/chronyd.sock', '-p', '1', 'tracking'], '--port cannot be used with a Unix socket'],
  [['-h', '127.0.0.1:1', '-p', '2', 'tracking'], 'the port is given twice: --host 127.0.0.1:1 and --port 2'],
  [['-h', '[::1]:1', '-p', '2', 'tracking'], 'the port is given twice: --host [::1]:1 and --port 2'],
])('rejects %j', async (args, complaint) => {
  const { status, stdout, stderr } = await commandLine.run(...args);
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  expect(stderr.startsWith(`chrony-wasm: ${complaint}`), stderr).toBe(true);
  expect(stderr).toMatch(/^[^\n]* \(see chrony-wasm --help\)\n$/);
});

describe('a negative number', () => {
  const numbers = allOptions.filter(({ value }) => /^(?:N|S|MS|PPM)$/.test(value ?? ''));

  it('is tested with every option that has a number', () => {
    expect(numbers.length).toBeGreaterThan(10);
  });

  it.each(numbers)('is rejected by --$name, which names the valid range', ({ name, isCommandSpecific }) => {
    const [taker = 'tracking'] = isCommandSpecific ? commandsAccepting(name) : [];
    const command = taker === 'watch' ? ['watch', 'tracking'] : [taker];
    for (const value of [[`--${name}`, '-1'], [`--${name}=-1`], [`--${name}`, ''], [`--${name}=`]]) {
      const read = (): unknown => {
        const request = readArguments([...command, ...value]);
        return request.kind === 'command' && healthThresholds(request.options.values);
      };
      const shown = value.join(' ').includes('-1') ? '-1' : '';
      expect(read).toThrow(
        new RegExp(`^--${name} needs (?:a (?:whole )?number|seconds) from [\\d.]+ to \\d+, not '${shown}'$`),
      );
      expect(read).toThrow(UsageError);
    }
  });
});
