/** The command `check` as a runner of monitoring plugins sees it: exit status and standard output. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkHealth } from '../../../src/index.ts';
import { scenario, startMockChronyd } from '../../../src/testing/index.ts';
import { Chronyd } from '../../support/chronyd.ts';
import { FedClock } from '../../support/fed-clock.ts';
import { FrozenChronyd } from '../../support/frozen.ts';
import { type Pair, startPair } from '../../support/pair.ts';
import { type PluginOutput, readPluginOutput } from '../../support/plugin-output.ts';
import { freePort } from '../../support/ports.ts';
import { CommandLine } from './support.ts';

const STATUSES = ['OK', 'WARNING', 'CRITICAL', 'UNKNOWN'];

let commandLine: CommandLine;

beforeAll(async () => {
  commandLine = await CommandLine.build();
});

/** Returns the parsed output, after checking that it follows the plugin guidelines and agrees with the exit status. */
async function check(...args: readonly string[]): Promise<PluginOutput & { readonly code: number | null }> {
  const { status, signal, stdout, stderr } = await commandLine.run('check', ...args);
  expect({ signal, stderr }).toEqual({ signal: null, stderr: '' });
  const output = readPluginOutput(stdout);
  expect(output.service).toBe('CHRONY');
  expect(STATUSES[status ?? -1]).toBe(output.status);
  return { ...output, code: status };
}

function value(output: PluginOutput, label: string): number {
  return output.metrics.get(label)?.value ?? Number.NaN;
}

describe('a chronyd that follows another chronyd', () => {
  let pair: Pair;
  let here: string[];
  beforeAll(async () => {
    pair = await startPair();
    // well below the limit: just below it, the next measurement may raise the error above it
    await pair.client.until(async () => {
      const { state, figures } = await checkHealth(pair.client.address);
      return state === 'ok' && (figures?.maxError ?? 1) < 0.1;
    });
    here = ['-h', '127.0.0.1', '-p', String(pair.client.commandPort)];
  });
  afterAll(() => pair?.[Symbol.asyncDispose]());

  it('is OK', async () => {
    const output = await check(...here, '-n');
    expect(output.code).toBe(0);
    expect(output.text).toMatch(
      /^follows 127\.0\.0\.1, stratum 2, within 0\.\d{1,9} s of true time, 1 of 3 sources reachable$/,
    );
    expect(output.long).toEqual([]);
    expect(output.metrics.get('max_error')).toMatchObject({
      unit: 's',
      warning: { start: 0, end: 0.25 },
      critical: { start: 0, end: 0.5 },
      least: 0,
    });
    expect(output.metrics.get('reachable_sources')).toMatchObject({ value: 1, unit: '', most: 3 });
  });

  it('prints the same figures as the library', async () => {
    await using frozen = await FrozenChronyd.of(pair.client);
    const { figures } = await checkHealth(frozen.address);
    const output = await check('-h', frozen.address);
    // the maximum error grows with the time since the last measurement
    const more = value(output, 'max_error') - (figures?.maxError ?? Number.NaN);
    expect(more).toBeGreaterThan(-1e-9);
    expect(more).toBeLessThan(50e-6 * 60);
    expect(value(output, 'offset')).toBeCloseTo(figures?.offset ?? Number.NaN, 9);
    expect(value(output, 'stratum')).toBe(2);
    expect(value(output, 'selectable_sources')).toBe(1);
    expect(value(output, 'skew_ppm')).toBeCloseTo(figures?.skew ?? Number.NaN, 9);
    // the second request was sent later
    expect(value(output, 'measurement_age')).toBeGreaterThanOrEqual(
      Math.floor(1000 * (figures?.measurementAge ?? Number.NaN)) / 1000,
    );
  });

  it.each<[string[], number, string]>([
    [['--warning', '0'], 1, 'more than 0 s'],
    [['--warning', '0', '--critical', '0'], 2, 'more than 0 s'],
    [['--warning', '.3', '--critical', '0.4'], 0, 'follows'],
    [['--critical', '0.05'], 0, 'follows'],
    [['--critical', '0.000000001'], 2, 'more than 0.000000001 s'],
    [['--max-stratum', '1'], 1, 'stratum 2, above 1'],
    [['--max-stratum', '2'], 0, 'follows'],
    [['--min-sources', '2'], 1, '1 of 3 sources reachable, fewer than 2'],
    [['--min-sources', '1'], 0, 'follows'],
    [['--min-selectable', '2'], 1, '1 of 3 sources selectable, fewer than 2 (chronyc selectdata says why)'],
    [['--min-selectable', '1'], 0, 'follows'],
    [['--max-age', '0'], 1, ' s ago, more than 0 s (check that its sources answer: chronyc sources)'],
    [['--max-age', '60'], 0, 'follows'],
    [['--max-skew', '0'], 1, ' ppm, more than 0 ppm (wait until it has settled)'],
    [['--max-skew', '5000.5'], 0, 'follows'],
    [['--min-cookies', '8'], 0, 'follows'],
    [
      ['--max-stratum', '1', '--min-sources', '2'],
      1,
      'stratum 2, above 1 (use sources nearer to a reference clock); 1 of 3 sources reachable',
    ],
  ])('%j: status %d', async (args, code, text) => {
    const output = await check(...here, ...args);
    expect(output.code).toBe(code);
    expect(output.text).toContain(text);
  });

  it('prints details with -v', async () => {
    const { long } = await check(...here, '-v', '--max-stratum', '3');
    expect(long).toEqual([
      'reference: 127.0.0.1',
      'leap status: normal',
      expect.stringMatching(/^maximum error: 0\.\d{1,9} s \(warning above 0\.25 s, critical above 0\.5 s\)$/),
      expect.stringMatching(/^offset, positive if slow: -?[\d.]+ s$/),
      'stratum: 2 (warning above 3)',
      '1 of 3 sources reachable (warning below 1), falsetickers: 0',
      '1 of 3 sources selectable (warning below 0), selected: 127.0.0.1',
      expect.stringMatching(/^last measurement: \d+(\.\d{1,3})? s ago \(warning above 1025 s\)$/),
      expect.stringMatching(/^skew: \d+\.\d+ ppm$/),
      'NTS cookies: unknown (warning below 3)',
    ]);
  });

  it('prints the result of the library with --json, with the same exit status', async () => {
    await using frozen = await FrozenChronyd.of(pair.client);
    for (const [args, thresholds, code] of [
      [[], {}, 0],
      [['--min-sources', '2'], { minSources: 2 }, 1],
    ] as const) {
      const outcome = await commandLine.run('check', '-h', frozen.address, '--json', ...args);
      const expected = await checkHealth({ address: frozen.address, ...thresholds });
      expect(outcome).toMatchObject({ status: code, signal: null, stderr: '' });
      expect(outcome.stdout).toMatch(/^\{.*\}\n$/);
      // both grow with the time since the last measurement
      const growing = { measurementAge: expect.any(Number), maxError: expect.any(Number) };
      expect(JSON.parse(outcome.stdout)).toEqual({
        ...expected,
        figures: { ...expected.figures, ...growing },
      });
    }
  });

  it('is CRITICAL while it is frozen, within the timeout', async () => {
    pair.client.freeze();
    try {
      const limits = ['--timeout', '100', '--retries', '1'];
      const output = await check(...here, ...limits, '-v');
      expect(output.text).toContain('no answer in 300 ms (2 tries)');
      expect([output.code, output.metrics.size, output.long]).toEqual([2, 0, []]);
      const { status, stdout } = await commandLine.run('check', ...here, ...limits, '--json');
      expect([status, JSON.parse(stdout)]).toMatchObject([2, { state: 'critical', figures: null }]);
    } finally {
      pair.client.thaw();
    }
  });

  it('is CRITICAL after it has been killed', async () => {
    await pair.client.kill('SIGKILL');
    const output = await check(...here);
    expect(output.code).toBe(2);
    expect(output.text).toContain(`127.0.0.1:${pair.client.commandPort}: ECONNREFUSED`);
    await pair.client.run();
  });
});

describe('a chronyd that follows no source', () => {
  it('is CRITICAL, and its figures are undetermined', async () => {
    await using chronyd = await Chronyd.start({ config: ['server 127.0.0.2 port 9'] });
    const output = await check('-h', chronyd.address);
    expect(output.code).toBe(2);
    expect(output.text).toMatch(/^not synchronized: .*; 0 of 1 source reachable, fewer than 1 \(.*\)$/);
    expect(['max_error', 'offset', 'stratum'].map((label) => output.metrics.get(label)?.value)).toEqual([
      null,
      null,
      null,
    ]);
  });

  it('is CRITICAL in local mode, and OK with --allow-local', async () => {
    await using chronyd = await Chronyd.start({ config: ['local stratum 5'] });
    const strict = await check('-h', chronyd.address);
    expect([strict.code, strict.text]).toEqual([
      2,
      expect.stringMatching(/^in local mode .* not allowed \(.*\);/),
    ]);
    const allowed = await check('-h', chronyd.address, '--allow-local');
    expect([allowed.code, allowed.text]).toEqual([0, 'in local mode, stratum 5, 0 of 0 sources reachable']);
    expect(allowed.metrics.get('max_error')?.value).toBeNull();
  });
});

it('reports a slow clock whose reference name contains the separator of performance data', async () => {
  await using chronyd = await Chronyd.start({
    config: ['refclock SOCK {dir}/clock.sock refid A|B poll -2 filter 1 delay 0.001'],
  });
  using _clock = await FedClock.start(join(chronyd.dir, 'clock.sock'), 0.25);
  await chronyd.untilSynchronized();
  const here = ['-h', chronyd.address];
  const critical = await check(...here, '--offset-warning', '0.1', '--offset-critical', '0.2');
  expect(critical.code).toBe(2);
  expect(critical.text).toMatch(
    /^0\.2\d* s slow of true time, more than 0\.2 s \(.+\); may be 0\.\d+ s from true time/,
  );
  expect(critical.metrics.get('offset')).toMatchObject({
    value: expect.closeTo(0.25, 2),
    warning: { start: -0.1, end: 0.1 },
    critical: { start: -0.2, end: 0.2 },
  });
  expect((await check(...here, '--offset-warning', '0.1')).code).toBe(1);
  const { code, text, long } = await check(...here, '--warning', '0.4', '-v');
  expect([code, text]).toEqual([0, expect.stringMatching(/^follows A\/B, stratum 1, /)]);
  expect(long[0]).toBe('reference: A/B');
});

describe('a leap second', () => {
  it.each<[string[], number]>([
    [[], 1],
    [['--leap', 'ok'], 0],
    [['--leap', 'warning'], 1],
    [['--leap', 'critical'], 2],
  ])('%j: status %d', async (args, code) => {
    await using mock = await startMockChronyd('leap insert');
    const output = await check('-h', mock.address, ...args);
    expect(output.code).toBe(code);
    if (code > 0)
      expect(output.text).toMatch(/^a leap second will be inserted at the end of the UTC day \(.+\)$/);
  });
});

describe('a chronyd that cannot be queried', () => {
  it('is CRITICAL when nothing listens', async () => {
    const port = await freePort();
    expect((await check('-h', `127.0.0.1:${port}`)).code).toBe(2);
  });

  it('is UNKNOWN when permission is denied', async () => {
    await using denied = await startMockChronyd(scenario('synchronized', { unauthorized: ['sources'] }));
    const { code, text } = await check('-h', denied.address);
    expect(code).toBe(3);
    expect(text).toContain('opencommands');
  });

  it('is reported in one line that names the failure', async () => {
    const { text, long } = await check('-p', String(await freePort()));
    expect(text).toMatch(/ECONNREFUSED/);
    expect(long).toEqual([]);
  });
});
