/** `chrony-wasm tracking` against `chronyc -n tracking`, byte for byte, on the same server. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ScenarioName, scenarios, startMockChronyd } from '../../src/testing/index.ts';
import { Chronyd } from '../support/chronyd.ts';
import { CommandLine, chronyc } from './support.ts';

let commandLine: CommandLine;

beforeAll(async () => {
  commandLine = await CommandLine.build();
});
afterAll(() => commandLine?.[Symbol.asyncDispose]());

const FLAGS = [[], ['-c'], ['-n'], ['-n', '-c']];

/** Those that do not answer have nothing to compare. */
const answering = (Object.keys(scenarios) as ScenarioName[]).filter(
  (name) => name !== 'silence' && name !== 'garbage',
);

describe.concurrent.each(answering)('mock: %s', (name) => {
  it('text and CSV are the same', async () => {
    await using mock = await startMockChronyd(name);
    for (const flags of [[], ['-c']]) {
      const ours = await commandLine.print('-h', '127.0.0.1', '-p', String(mock.port), ...flags, 'tracking');
      expect(ours).toBe(await chronyc(mock.port, ...flags, 'tracking'));
    }
  });
});

it('IPv6', async () => {
  await using mock = await startMockChronyd('synchronised', { host: '::1' });
  expect(await commandLine.print('-h', '::1', '-p', String(mock.port), 'tracking')).toBe(
    await chronyc(mock.port, '-h', '::1', 'tracking'),
  );
});

const KINDS = { 'a fresh one': [], 'one in local mode': ['local stratum 5'] };

describe.each(Object.entries(KINDS))('chronyd: %s', (_, config) => {
  let chronyd: Chronyd;
  beforeAll(async () => {
    chronyd = await Chronyd.start({ config });
  });
  afterAll(() => chronyd?.stop());

  it.each(FLAGS)('the same with %s %s', async (...flags) => {
    const args = flags.filter((flag) => flag !== undefined);
    const ours = await commandLine.print('-h', chronyd.address, ...args, 'tracking');
    expect(ours).toBe(await chronyc(chronyd.commandPort, ...args, 'tracking'));
  });
});
