/** The command `check` when no check takes place: invalid arguments, help, and output that cannot be written. */
import { beforeAll, describe, expect, it } from 'vitest';
import { startMockChronyd } from '../../../src/testing/index.ts';
import { readPluginOutput } from '../../support/plugin-output.ts';
import { run } from '../../system/package/support/run.ts';
import { CommandLine } from './support.ts';

let commandLine: CommandLine;

beforeAll(async () => {
  commandLine = await CommandLine.build();
});

describe('invalid arguments are UNKNOWN, with the message on standard output', () => {
  it.each<[string[], string]>([
    [['check', 'more'], "unexpected argument 'more' after check"],
    [['check', '--warning'], '--warning needs a value (S)'],
    [['check', '--warning', 'NaN'], "--warning needs seconds from 0 to 86400, not 'NaN'"],
    [['check', '--warning=-1'], "--warning needs seconds from 0 to 86400, not '-1'"],
    [['check', '--warning', '-1'], "--warning needs seconds from 0 to 86400, not '-1'"],
    [['check', '--critical', '1e3'], "--critical needs seconds from 0 to 86400, not '1e3'"],
    [['check', '--critical', '10:20'], "--critical needs seconds from 0 to 86400, not '10:20'"],
    [['check', '--critical', '86401'], "--critical needs seconds from 0 to 86400, not '86401'"],
    [['check', '--offset-warning', '0,1'], "--offset-warning needs seconds from 0 to 86400, not '0,1'"],
    [
      ['check', '--warning', '2', '--critical', '1'],
      '--warning (2) is above --critical (1); set both, so that the warning comes first',
    ],
    [['check', '--warning', '2'], '--warning (2) is above --critical (0.5); set both'],
    [
      ['check', '--offset-critical', '1', '--offset-warning', '2'],
      '--offset-warning (2) is above --offset-critical (1); set both',
    ],
    [['check', '--max-stratum', '16'], "--max-stratum needs a whole number from 1 to 15, not '16'"],
    [['check', '--min-sources', '65536'], "--min-sources needs a whole number from 0 to 65535, not '65536'"],
    [
      ['check', '--min-selectable', '1.5'],
      "--min-selectable needs a whole number from 0 to 65535, not '1.5'",
    ],
    [['check', '--max-age', '1h'], "--max-age needs seconds from 0 to 31622400, not '1h'"],
    [['check', '--max-skew', 'x'], "--max-skew needs a number from 0 to 1000000, not 'x'"],
    [['check', '--min-cookies', '9'], "--min-cookies needs a whole number from 0 to 8, not '9'"],
    [['check', '--leap', 'unknown'], "--leap needs one of: ok, warning, critical, not 'unknown'"],
    [['check', '--interval', '5'], '--interval cannot be used with check; it is for watch'],
    [['check', '-c', '5'], 'check cannot print CSV; use --json'],
    [['check', '-w', '5'], 'check prints no tables'],
    [['--warnin', '5', 'check'], "Unknown option '--warnin'; did you mean '--warning'?"],
    [['-h', '::1', '--json', '--csv', 'check'], '--json and --csv exclude each other'],
    [['check', '-h', '/run/x', '-p', '1'], '--port cannot be used with a Unix socket'],
  ])('%j', async (args, complaint) => {
    const { status, stdout, stderr } = await commandLine.run(...args);
    expect({ status, stderr }).toEqual({ status: 3, stderr: '' });
    const output = readPluginOutput(stdout);
    expect([output.status, output.long]).toEqual([
      'UNKNOWN',
      ['Usage: chrony-wasm [options] check (see chrony-wasm check --help)'],
    ]);
    expect(output.text.startsWith(complaint), output.text).toBe(true);
  });

  it('applies to the command check only', async () => {
    for (const args of [['report', 'check'], ['watch', 'check'], ['chek'], ['help', 'me', 'check', '--no']]) {
      expect(await commandLine.run(...args)).toMatchObject({ status: 2, stdout: '' });
    }
  });
});

describe('output that is not the result of a check', () => {
  it.each([['--help'], ['--version']])('%s is UNKNOWN', async (option) => {
    const { status, stdout } = await commandLine.run('check', option);
    expect(status).toBe(3);
    expect(await commandLine.run(option, 'check')).toMatchObject({ status: 3, stdout });
  });

  it('help check exits with 0', async () => {
    expect(await commandLine.run('help', 'check')).toMatchObject({ status: 0, stderr: '' });
  });

  it('output that cannot be written is UNKNOWN', async () => {
    await using mock = await startMockChronyd('synchronized');
    const script = '"$0" "$1" check -h "$2" >/dev/full';
    const { status } = await run('sh', ['-c', script, process.execPath, commandLine.program, mock.address]);
    expect(status).toBe(3);
  });
});
