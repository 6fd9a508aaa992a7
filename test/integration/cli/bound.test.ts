/** `bound`: the time as an interval, printed once or repeatedly. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LeapStatus } from '../../../src/index.ts';
import { type MockChronyd, scenario, startMockChronyd } from '../../../src/testing/index.ts';
import { Chronyd } from '../../support/chronyd.ts';
import { CommandLine, printed } from './support.ts';

let commandLine: CommandLine;
let mock: MockChronyd;

beforeAll(async () => {
  commandLine = await CommandLine.build();
  mock = await startMockChronyd(
    scenario('synchronized', {
      tracking: { offset: -0.002, rootDispersion: 0.001, rootDelay: 0.018, refTime: Date.now() / 1000 },
    }),
  );
});
afterAll(async () => {
  await mock?.close();
});

const MOMENT = '\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{9}Z';
const AGE = '\\d+(?:ns|us|ms)';

/** Validates a line of `--json` output and returns its numbers. */
function record(line: string): Record<'earliest' | 'latest' | 'midpoint' | 'errorBoundNs', bigint> {
  const { earliest, latest, midpoint, errorBoundNs, ...rest } = JSON.parse(line);
  expect(rest).toEqual({ status: 'synchronized', asOfAgeMs: expect.any(Number) });
  for (const digits of [earliest, latest, midpoint, errorBoundNs]) expect(digits).toMatch(/^\d+$/);
  return {
    earliest: BigInt(earliest),
    latest: BigInt(latest),
    midpoint: BigInt(midpoint),
    errorBoundNs: BigInt(errorBoundNs),
  };
}

describe('once', () => {
  it('prints a description', async () => {
    const text = await printed(mock.address, 'bound');
    expect(text).toMatch(
      new RegExp(
        `^Earliest        : ${MOMENT}\nLatest          : ${MOMENT}\nHalf-width      : 1[2-6]ms\n` +
          `Status          : synchronized: chronyd follows 192\\.0\\.2\\.1\nAsked           : ${AGE} ago\n$`,
      ),
    );
    const [earliest = 0, latest = 0] = [...text.matchAll(/\d{4}-\S+Z/g)].map(([moment]) =>
      Date.parse(moment),
    );
    expect(latest - earliest).toBeGreaterThanOrEqual(24);
    expect(Math.abs((earliest + latest) / 2 - Date.now())).toBeLessThan(10_000);
  });

  it.each([
    ['before 1970', 3e9, `19\\d\\d${MOMENT.slice(5)}`],
    ['beyond the range of JavaScript dates', 1e18, '-\\d{28}ns'],
  ])('prints an earliest time %s', async (_, rootDispersion, earliest) => {
    await using vague = await startMockChronyd(scenario('synchronized', { tracking: { rootDispersion } }));
    expect(await printed(vague.address, 'bound')).toMatch(new RegExp(`^Earliest        : ${earliest}\n`));
  });

  it('prints strings of digits with --json', async () => {
    const { earliest, latest, midpoint, errorBoundNs } = record(
      await printed(mock.address, '--json', 'bound'),
    );
    expect(errorBoundNs).toBeGreaterThanOrEqual(12_000_000n);
    expect(latest - midpoint).toBeGreaterThanOrEqual(errorBoundNs);
    expect(midpoint - earliest).toBe(latest - midpoint);
  });
});

describe('the hint', () => {
  it.each([
    [[], /\nHint {12}: chronyd allows for a drift of 1 ppm only; .*"maxclockerror 50" in chrony\.conf.*\n$/],
    [['maxclockerror 20'], /\nHint {12}: chronyd allows for a drift of (?:20|19\.9|20\.1) ppm only; /],
    [['maxclockerror 50'], /\nAsked {11}: \S+ ago\n$/],
  ])('names the configured drift if it is too low: %j', async (config, end) => {
    await using server = await Chronyd.start({ config: ['local stratum 1'], serve: true });
    await using chronyd = await Chronyd.start({
      config: [`server 127.0.0.1 port ${server.ntpPort} iburst`, ...config],
    });
    await chronyd.untilSynchronized();
    // the hint needs two replies about the same measurement
    await expect.poll(() => printed(chronyd.address, 'bound')).toMatch(end);
  });
});

describe('with --watch', () => {
  const QUICK = ['--watch', '--interval', '0.05'];

  it('prints a line per update', async () => {
    const line = `${MOMENT} ${MOMENT} 1[2-6]ms synchronized ${AGE}\n`;
    expect(await printed(mock.address, 'bound', ...QUICK, '--count', '3')).toMatch(
      new RegExp(`^(?:${line}){3}$`),
    );
  });

  it('prints a record per line with --json, in chronological order', async () => {
    const lines = await printed(mock.address, '--json', 'bound', ...QUICK, '--count', '3');
    const moments = lines
      .trimEnd()
      .split('\n')
      .map((line) => record(line).midpoint);
    expect(moments).toHaveLength(3);
    expect(moments).toEqual(moments.toSorted((a, b) => Number(a - b)));
  });

  it('reports that the time has become unknown and continues', async () => {
    await using changing = await startMockChronyd('synchronized');
    const running = commandLine.run(
      '-h',
      changing.address,
      'bound',
      '--watch',
      '--interval',
      '0.5',
      '--count',
      '6',
    );
    await expect.poll(() => changing.requests.length).toBeGreaterThan(0);
    changing.scenario = scenario('synchronized', {
      tracking: { referenceId: 0x7f7f0101, referenceIp: null },
    });
    const { status, stdout, stderr } = await running;
    expect(status).toBe(1);
    expect(stdout).toMatch(/^\S+ \S+ \S+ synchronized /);
    expect(stderr).toMatch(/^(chrony-wasm: the time is unknown: chronyd is in local mode [^\n]*\n)+$/);
  });
});

describe('an unknown time', () => {
  it.each([
    ['not synchronized', { referenceId: 0, leapStatus: LeapStatus.UNSYNC }],
    ['in local mode', { referenceId: 0x7f7f0101, referenceIp: null }],
  ])('is an error of one line: %s', async (why, tracking) => {
    await using without = await startMockChronyd(scenario('synchronized', { tracking }));
    for (const args of [['bound'], ['--json', 'bound'], ['bound', '--watch']]) {
      const { status, stdout, stderr } = await commandLine.run('-h', without.address, ...args);
      expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
      expect(stderr).toMatch(/^chrony-wasm: the time is unknown: [^\n]+\n$/);
      expect(stderr).toContain(why);
    }
  });

  it('is known in local mode with --allow-local', async () => {
    const tracking = { referenceId: 0x7f7f0101, referenceIp: null };
    await using local = await startMockChronyd(scenario('synchronized', { tracking }));
    for (const args of [['bound'], ['bound', '--watch', '--count', '1']]) {
      const { status, stdout } = await commandLine.run('-h', local.address, ...args, '--allow-local');
      expect(status).toBe(0);
      expect(stdout).toContain('synchronized');
    }
  });
});
