/**
 * `fleet` with a chain of real chronyd processes and with servers that do not answer: the table, JSON, CSV and the
 * live view.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type MockChronyd, scenario, startMockChronyd } from '../../../src/testing/index.ts';
import { CHAIN, type Chain, startChain, targetOf } from '../../support/chain.ts';
import { freePort } from '../../support/ports.ts';
import { Terminal } from '../../support/terminal.ts';
import { CommandLine } from './support.ts';

let commandLine: CommandLine;
let chain: Chain;
let folder: string;
/** The targets of the chain, by their roles in it. */
let top: string;
let middle: string;
let wrong: string;
let leaves: readonly [string, string];
/** An address at which nothing listens. */
let dead: string;
/** A server that does not answer. */
let silent: MockChronyd;
/** A server that refuses all requests for the tracking report. */
let refusing: MockChronyd;

beforeAll(async () => {
  commandLine = await CommandLine.build();
  chain = await startChain();
  top = targetOf(CHAIN.top, chain.top);
  middle = targetOf(CHAIN.middle, chain.middle);
  wrong = targetOf(CHAIN.wrong, chain.wrong);
  leaves = [targetOf(CHAIN.leaves[0], chain.leaves[0]), targetOf(CHAIN.leaves[1], chain.leaves[1])];
  dead = `127.0.0.1:${await freePort()}`;
  silent = await startMockChronyd('silence');
  refusing = await startMockChronyd(scenario('synchronized', { unauthorized: ['tracking'] }));
  folder = await mkdtemp(join(tmpdir(), 'fleet-'));
});
afterAll(async () => {
  await Promise.all([chain, silent, refusing].map((each) => each[Symbol.asyncDispose]()));
  await rm(folder, { recursive: true });
});

/** Limits that keep the wait for silent servers short. */
const QUICK = ['--timeout', '300', '--retries', '1'];

const once = (...args: readonly string[]) => commandLine.run(...QUICK, 'fleet', '--once', ...args);

/** The beginning of each line: state and target. */
function statesIn(output: string): string[][] {
  return output.split('\n').flatMap((line) => {
    const [state = '', target = ''] = line.split(/ +/);
    return /^(?:ok|warning|critical|unknown)$/.test(state) ? [[state, target]] : [];
  });
}

describe('once', () => {
  it('prints a table with the worst clocks first, notable findings, and a summary', async () => {
    const { status, stdout, stderr } = await once(
      middle,
      dead,
      refusing.address,
      ...leaves,
      top,
      silent.address,
      wrong,
    );
    expect({ status, stderr }).toEqual({ status: 2, stderr: '' });
    const states = statesIn(stdout);
    expect(states.map(([state]) => state)).toEqual([
      ...Array(4).fill('critical'),
      'unknown',
      ...Array(3).fill('ok'),
    ]);
    expect(new Set(states.slice(0, 4).map(([, target]) => target))).toEqual(
      new Set([dead, silent.address, top, wrong]),
    );
    expect(states[4]).toEqual(['unknown', refusing.address]);
    const lines = stdout.trimEnd().split('\n');
    expect(lines[0]).toMatch(/^State +Target +Bound +Offset +Stratum +Follows +Why, or last measurement$/);
    const leaf = lines.find((line) => line.includes(leaves[0]));
    expect(leaf).toMatch(
      new RegExp(`^ok +${leaves[0]} +\\d+[num]?s +[+-]\\d+[num]?s +3 +${CHAIN.middle} +\\d+ s ago$`),
    );
    expect(lines.find((line) => line.includes(silent.address))).toContain('no answer in 900 ms (2 tries)');
    expect(lines.slice(-3)).toEqual([
      `suspected source ${CHAIN.wrong}: 2 of 2 clocks call it a falseticker`,
      `island: ${[middle, ...leaves, top].join(', ')} follow nothing outside`,
      '5 of 8 need attention: 4 critical, 1 unknown',
    ]);
  });

  it('gives rows and topology as JSON', async () => {
    const { status, stdout } = await once('-h', middle, '--json', ...leaves);
    expect(status).toBe(0);
    expect(stdout.trimEnd()).not.toContain('\n');
    const { rows, topology } = JSON.parse(stdout);
    expect(rows).toHaveLength(3);
    expect(rows.find(({ address }: { address: string }) => address === leaves[0])).toMatchObject({
      labels: {},
      state: 'ok',
      reasons: [],
      stratum: 3,
      reference: CHAIN.middle,
      referenceAddress: CHAIN.middle,
      ip: CHAIN.leaves[0],
      sourceCount: 3,
    });
    expect(topology.sources[0]).toMatchObject({ target: middle, followers: leaves });
  });

  it('gives a line of CSV for each clock', async () => {
    const { status, stdout } = await once('-c', middle, dead);
    expect(status).toBe(2);
    const [first, second, ...rest] = stdout.split('\n');
    expect(first).toMatch(new RegExp(`^critical,${dead},,,,,,,,"?${dead}: ECONNREFUSED; .*$`));
    expect(second).toMatch(
      new RegExp(`^ok,${middle},[\\d.e-]+,[\\d.e-]+,2,${CHAIN.top},${CHAIN.top},[\\d.]+,\\d+\\.\\d+,$`),
    );
    expect(rest).toEqual(['']);
  });

  it('takes targets from a file, with labels', async () => {
    const file = join(folder, 'targets');
    await writeFile(file, `# the fleet\n${middle} site=here\n${leaves[0]}  # a leaf\n`);
    const { status, stdout } = await once('--json', '--targets', file, leaves[1]);
    expect(status).toBe(0);
    const { rows } = JSON.parse(stdout);
    expect(rows.map(({ address }: { address: string }) => address).sort()).toEqual(
      [middle, ...leaves].sort(),
    );
    expect(rows.find(({ address }: { address: string }) => address === middle).labels).toEqual({
      site: 'here',
    });
  });

  it.each<[number, string, () => readonly string[]]>([
    [0, 'all are ok', () => [middle, leaves[0]]],
    [1, 'one is a warning', () => [middle, '--max-stratum', '1']],
    [2, 'one is critical', () => [middle, top]],
    [0, 'one is critical, as --max-bad allows', () => [middle, top, '--max-bad', '1']],
    [2, 'two are critical, but --max-bad allows one', () => [middle, top, dead, '--max-bad', '1']],
    [0, 'local mode is allowed', () => [middle, top, '--allow-local']],
    [3, 'one is unknown', () => [middle, refusing.address]],
    [2, 'one is unknown and one critical', () => [dead, refusing.address]],
  ])('ends with %d if %s', async (expected, _, args) => {
    const { status, stdout } = await once(...args());
    expect({ status, stdout }).toEqual({ status: expected, stdout: expect.any(String) });
  });

  it('ends with 3 and a reason if the targets cannot be read, or if there are no targets', async () => {
    const missing = join(folder, 'missing');
    expect(await once('--targets', missing)).toMatchObject({
      status: 3,
      stdout: '',
      stderr: expect.stringMatching(/^chrony-wasm: --targets [^\n]*missing: [^\n]*\n$/),
    });
    const empty = join(folder, 'empty');
    await writeFile(empty, '# nobody\n');
    expect(await once('--targets', empty)).toMatchObject({
      status: 3,
      stdout: '',
      stderr: expect.stringMatching(/^chrony-wasm: there are no targets/),
    });
  });
});

describe('on a terminal', () => {
  const start = (...args: readonly string[]): Promise<Terminal> =>
    Terminal.start([process.execPath, commandLine.program, ...QUICK, 'fleet', ...args], { columns: 110 });

  it('shows its progress, and removes it at the end', async () => {
    // only this fleet contains a slow server
    await using terminal = await start('--once', '--timeout', '2000', middle, silent.address);
    await terminal.until((shown) => /^\[#{15}\.{15}\] 1 of 2 clocks$/m.test(shown));
    expect(await terminal.ended()).toBe(2);
    const screen = await terminal.screen();
    expect(screen).toMatch(/^State /);
    expect(screen).not.toContain('[#');
    // the states have colors
    expect(await terminal.styledScreen()).toMatch(/⟦31m1 critical/);
  });

  it('is a live view that reports changes and lists the worst clocks first', async () => {
    const file = join(folder, 'live');
    await writeFile(file, `${middle}\n${leaves[0]}\n`);
    await using mock = await startMockChronyd('synchronized');
    await using terminal = await start('--targets', file, '--interval', '1', mock.address);
    const first = await terminal.until((shown) => shown.includes('all 3 are ok'));
    expect(first).toMatch(/^chrony-wasm fleet {2}3 targets, every 1 s +\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC\n/);
    mock.scenario = scenario('silence');
    const second = await terminal.until((shown) => shown.includes('1 of 3 needs attention: 1 critical'));
    expect(second).toMatch(new RegExp(`^\\d{4}-.* UTC {2}${mock.address}: ok, now critical$`, 'm'));
    expect(statesIn(second)[0]).toEqual(['critical', mock.address]);
    mock.scenario = scenario('synchronized');
    await terminal.until((shown) => shown.includes('all 3 are ok') && shown.includes(': critical, now ok'));
    await writeFile(file, `${middle}\n`);
    await terminal.until((shown) => shown.includes('all 2 are ok'));
    await terminal.press('C-c');
    expect(await terminal.endedBy()).toBe(2);
    expect(await terminal.tell('#{alternate_on}')).toBe('0');
    expect(await terminal.screen()).toContain('all 2 are ok');
  });
});

describe('invalid arguments', () => {
  it.each<[readonly string[], string]>([
    [['fleet'], 'fleet needs targets: fleet HOST, or --targets FILE'],
    [['fleet', 'a.example'], 'the live view of fleet needs a terminal; use --once to print a table'],
    [['fleet', '--json', 'a.example'], '--json needs --once'],
    [['fleet', '--max-bad', '1', 'a.example'], '--max-bad needs --once'],
    [['fleet', '--once', '--interval', '5', 'a.example'], '--interval cannot be used with --once'],
    [['fleet', '--interval', '0.5', 'a.example'], '--interval of fleet needs seconds from 1 to 86400'],
    [['fleet', '--sources-interval', '0', 'a.example'], '--sources-interval needs seconds from 1 to 86400'],
    [
      ['fleet', '--once', '--max-bad', '-1', 'a.example'],
      "--max-bad needs a whole number from 0 to 1000000, not '-1'",
    ],
    [['fleet', '--once', '-p', '10323', 'b.example'], '--port cannot be used with fleet'],
    [['fleet', '--once', 'a b'], "invalid address 'a b'"],
    [['tracking', '--once'], '--once cannot be used with tracking; it is for fleet'],
  ])('%j', async (args, complaint) => {
    const { status, stdout, stderr } = await commandLine.run(...args);
    // with --once, 2 means that a clock is critical
    const expected = args[0] === 'fleet' && args.includes('--once') ? 3 : 2;
    expect({ status, stdout }).toEqual({ status: expected, stdout: '' });
    expect(stderr).toContain(`chrony-wasm: ${complaint}`);
    expect(stderr.trimEnd()).not.toContain('\n');
  });
});
