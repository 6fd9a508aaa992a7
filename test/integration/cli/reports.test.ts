/** `report NAME`: the contents of the generic view. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ChronyConnection } from '../../../src/index.ts';
import { type MockChronyd, scenario, startMockChronyd } from '../../../src/testing/index.ts';
import { encodeReply } from '../../../src/testing/reply.ts';
import { REPORTS } from '../../support/reports.ts';
import { CommandLine } from './support.ts';

let commandLine: CommandLine;
let mock: MockChronyd;

beforeAll(async () => {
  commandLine = await CommandLine.build();
  mock = await startMockChronyd('gps');
});
afterAll(async () => {
  await mock?.close();
});

/** A replacer for `JSON.stringify` that turns the integers of the generic view into numbers. */
function integers(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? Number(value) : value;
}

describe.concurrent.each(REPORTS)('report %s', (name) => {
  it('--json is the generic view', async () => {
    await using chrony = await ChronyConnection.open(mock.address);
    const records = await chrony.getReport(name);
    const printed = await commandLine.print('-h', mock.address, '--json', 'report', name);
    expect(printed).toBe(`${JSON.stringify(records, integers)}\n`);
  });

  it('has a line for every field of every record', async () => {
    await using chrony = await ChronyConnection.open(mock.address);
    const records = await chrony.getReport(name);
    const printed = await commandLine.print('-h', mock.address, 'report', name);
    const blocks = printed.trimEnd().split('\n\n');
    const names = blocks.map((block) => block.split('\n').map((line) => line.split(/ *: /)[0]));
    // an empty record is printed as a note
    const expected = records.map((record) =>
      record.length === 0 ? ['(nothing about this source)'] : record.map((field) => field.name),
    );
    expect(names).toEqual(expected);
  });
});

it('is a table of names and values', async () => {
  expect(await commandLine.print('-h', mock.address, 'report', 'activity')).toBe(
    [
      'online sources               : 2',
      'offline sources              : 0',
      'burst online-return sources  : 0',
      'burst offline-return sources : 0',
      'unresolved sources           : 0',
      '',
    ].join('\n'),
  );
});

/** The lines of a report, without the spaces between names and values. */
async function lines(address: string, report: string): Promise<string[]> {
  const printed = await commandLine.print('-h', address, 'report', report);
  return printed.split('\n').map((line) => line.replace(/ +: /, ': '));
}

it.concurrent.each([
  ['tracking', 'reference ID: 47505300'],
  ['tracking', 'address: -'],
  ['tracking', 'leap status: normal (0)'],
  ['tracking', 'last update interval: 16 s'],
  ['sources', 'mode: reference clock (2)'],
  ['sources', 'poll: 4 log2 s'],
  ['sources', 'reachability: 0b11111111'],
  ['sources', 'last sample ago: 9 s'],
  ['selectdata', 'authentication: no'],
  ['selectdata', 'effective options: none (0)'],
  ['authdata', 'key type: unknown (0)'],
  ['authdata', 'key length: 0 bits'],
  ['authdata', 'last key establishment ago: never'],
  ['smoothing', 'frequency offset: 0.012299999594688416 ppm'],
])('%s has the line: %s', async (report, line) => {
  expect(await lines(mock.address, report)).toContain(line);
});

it('shows a time as a date and as exact seconds', async () => {
  await using old = await startMockChronyd(
    scenario('synchronized', { tracking: { refTime: 951_782_400.5 } }),
  );
  expect(await lines(old.address, 'tracking')).toContain(
    'reference time: Tue Feb 29 00:00:00 2000 UTC (951782400.500000000)',
  );
});

it('names flags, and shows the number of unknown flags', async () => {
  await using flags = await startMockChronyd('synchronized', {
    intercept: (request, reply) =>
      request.code === 69
        ? [encodeReply(23, request, { state: 63, 'configured options': 0b101, 'effective options': 64 })]
        : reply && [reply],
  });
  const printed = await lines(flags.address, 'selectdata');
  expect(printed).toContain('state: unknown (63)');
  expect(printed).toContain('configured options: noselect, trust (5)');
  expect(printed).toContain('effective options: unknown (64)');
});

it('JSON keeps the exact value of integers beyond the precision of a double', async () => {
  await using huge = await startMockChronyd('synchronized', {
    intercept: (request) => [encodeReply(25, request, { 'received NTP requests': 2n ** 63n + 1n })],
  });
  const printed = await commandLine.print('-h', huge.address, '--json', 'report', 'serverstats');
  const [record] = JSON.parse(printed);
  expect(record[0]).toMatchObject({ name: 'received NTP requests', value: '9223372036854775809' });
});

it('an unknown report is a usage error that lists the reports', async () => {
  expect(await commandLine.run('-h', mock.address, 'report', 'nonsense')).toEqual({
    status: 2,
    signal: null,
    stdout: '',
    stderr: `chrony-wasm: unknown report 'nonsense'; the reports are: ${REPORTS.join(', ')} (see chrony-wasm --help)\n`,
  });
});
