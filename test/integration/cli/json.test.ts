/** `--json`: the contents of the data classes. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ChronyConnection, getActivity, getTracking } from '../../../src/index.ts';
import {
  type MockChronyd,
  type ScenarioName,
  scenario,
  startMockChronyd,
} from '../../../src/testing/index.ts';
import { getters, names } from '../../support/getters.ts';
import { Terminal } from '../../support/terminal.ts';
import { CommandLine, printed } from './support.ts';

const SCENARIOS: readonly ScenarioName[] = ['gps', 'nts', 'no rtc', 'many sources'];

describe.concurrent.each(SCENARIOS)('%s', (name) => {
  it.each(names)('%s is the JSON of its data class, on one line', async (report) => {
    await using mock = await startMockChronyd(name);
    await using chrony = await ChronyConnection.open(mock.address);
    const data = await getters[report](chrony);
    expect(await printed(mock.address, '--json', report)).toBe(`${JSON.stringify(data)}\n`);
  });
});

it.each(['rtcdata', 'smoothing'])('%s is null if it is disabled', async (report) => {
  await using mock = await startMockChronyd(scenario('synchronized', { rtc: null, smoothing: null }));
  expect(await printed(mock.address, '--json', report)).toBe('null\n');
});

describe('sources with an unresolved name', () => {
  let mock: MockChronyd;
  beforeAll(async () => {
    mock = await startMockChronyd('unsynchronized');
  });
  afterAll(() => mock?.close());

  it.each(['sources', 'sourcestats', 'selectdata', 'authdata'])(
    '%s lists them with -a only',
    async (report) => {
      const addresses = async (...flags: string[]): Promise<string[]> =>
        JSON.parse(await printed(mock.address, '--json', report, ...flags)).map(
          ({ address }: { address: string }) => address,
        );
      expect(await addresses()).toEqual(['192.0.2.1']);
      expect(await addresses('-a')).toEqual(['192.0.2.1', 'ID#0000000001']);
    },
  );
});

it('ntpdata of one source is an array of one', async () => {
  await using mock = await startMockChronyd('synchronized');
  const [data, ...rest] = JSON.parse(await printed(mock.address, '--json', 'ntpdata', '2001:DB8::2'));
  expect(data).toMatchObject({ remoteAddress: '2001:db8::2' });
  expect(rest).toEqual([]);
});

it('accepts a reference clock with the name of an unresolved source', async () => {
  const { sources } = scenario('gps');
  const [clock] = sources;
  if (clock === undefined) throw new Error('gps has a clock');
  const odd = { ...clock, source: { ...clock.source, address: 'ID#1' } };
  await using mock = await startMockChronyd(scenario('gps', { sources: [odd] }));
  expect(await printed(mock.address, '-c', 'sources')).toMatch(/^#,\*,ID#1,/);
});

it('is indented on a terminal', async () => {
  await using mock = await startMockChronyd('gps');
  const status = await getTracking(mock.address);
  const commandLine = await CommandLine.build();
  const command = [process.execPath, commandLine.program, '-h', mock.address, '--json', 'tracking'];
  await using terminal = await Terminal.start(command);
  expect(await terminal.ended()).toBe(0);
  expect(await terminal.screen()).toContain(JSON.stringify(status, null, 2));
});

it('is on one line in a pipe', async () => {
  const commandLine = await CommandLine.build();
  await using mock = await startMockChronyd('gps');
  const expected = `${JSON.stringify(await getActivity(mock.address))}\n`;
  expect(await commandLine.print('-h', mock.address, '--json', 'activity')).toBe(expected);
});
