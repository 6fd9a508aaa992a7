/** The command line taken at its word: help, version, and arguments that make no sense. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ROOT } from '../package/support/build.ts';
import { CommandLine } from './support.ts';

let commandLine: CommandLine;

beforeAll(async () => {
  commandLine = await CommandLine.build();
});
afterAll(() => commandLine?.[Symbol.asyncDispose]());

it.concurrent.each([[['--help']], [['--help', 'tracking', '--json']], [['--version', '--help']]])(
  'helps: %j',
  async (args) => {
    const { status, stdout, stderr } = await commandLine.run(...args);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/^chrony-wasm: .*\n\nUsage: chrony-wasm \[options\] <command>\n/);
    for (const word of ['tracking', 'report NAME', '--host', '--port', '--json', '--csv', '--timeout']) {
      expect(stdout).toContain(word);
    }
    // a terminal is 80 characters wide
    expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([]);
  },
);

it('tells its version', async () => {
  const { version } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8'));
  expect(await commandLine.print('--version')).toBe(`chrony-wasm ${version}\n`);
});

it.concurrent.each<[args: string[], complaint: string]>([
  [[], 'a command is missing'],
  [['--json'], 'a command is missing'],
  [['frobnicate'], "there is no command 'frobnicate'; the commands are: "],
  [['constructor'], "there is no command 'constructor'; the commands are: "],
  [['__proto__'], "there is no command '__proto__'; the commands are: "],
  [[''], "there is no command ''; the commands are: "],
  [['tracking', 'more'], "'more' is too much after tracking"],
  [['report'], 'report needs the name of a report, e.g. report sources'],
  [['report', 'sources', 'and', 'more'], "'and more' is too much after report"],
  [['-c', 'report', 'sources'], 'report has no CSV; use --json'],
  [['--json', '-c', 'tracking'], '--json and --csv exclude each other'],
  [['-p', '0', 'tracking'], "--port needs a whole number from 1 to 65535, not '0'"],
  [['-p', '65536', 'tracking'], "--port needs a whole number from 1 to 65535, not '65536'"],
  [['-p', '1e3', 'tracking'], "--port needs a whole number from 1 to 65535, not '1e3'"],
  [['--port=', 'tracking'], "--port needs a whole number from 1 to 65535, not ''"],
  [['--timeout', '0', 'tracking'], "--timeout needs a whole number from 1 to 2147483647, not '0'"],
  [['--timeout', 'soon', 'tracking'], "--timeout needs a whole number from 1 to 2147483647, not 'soon'"],
  [['--retries', '101', 'tracking'], "--retries needs a whole number from 0 to 100, not '101'"],
  [['--retries=-1', 'tracking'], "--retries needs a whole number from 0 to 100, not '-1'"],
  [['--retries', '-1', 'tracking'], "Option '--retries' argument is ambiguous (see "],
  [['-h', '-p', 'tracking'], "Option '-h' argument is ambiguous (see "],
  [['--nonsense', 'tracking'], "Unknown option '--nonsense'"],
  [['-x', 'tracking'], "Unknown option '-x'"],
  [['--json=yes', 'tracking'], "Option '--json' does not take an argument"],
  [['--host'], "Option '-h, --host <value>' argument missing"],
  [['-h', '/run/chrony/chronyd.sock', '-p', '1', 'tracking'], '--port makes no sense with a Unix socket'],
  [['-h', '127.0.0.1:1', '-p', '2', 'tracking'], 'the port is given twice: --host 127.0.0.1:1 and --port 2'],
  [['-h', '[::1]:1', '-p', '2', 'tracking'], 'the port is given twice: --host [::1]:1 and --port 2'],
])('refuses %j', async (args, complaint) => {
  const { status, stdout, stderr } = await commandLine.run(...args);
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  expect(stderr.startsWith(`chrony-wasm: ${complaint}`), stderr).toBe(true);
  expect(stderr).toMatch(/^[^\n]* \(see chrony-wasm --help\)\n$/);
});
