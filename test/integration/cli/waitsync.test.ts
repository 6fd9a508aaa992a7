/**
 * `waitsync` compared with chronyc: output and exit status, with real chronyd processes and, for exact values, with a
 * mock.
 */

import { once } from 'node:events';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { type ScenarioOverrides, scenario, startMockChronyd } from '../../../src/testing/index.ts';
import { installedChronyc } from '../../support/chronyc.ts';
import { Chronyd } from '../../support/chronyd.ts';
import { FedClock } from '../../support/fed-clock.ts';
import { FrozenChronyd } from '../../support/frozen.ts';
import { freePort } from '../../support/ports.ts';
import { spawn } from '../../support/spawn.ts';
import type { Outcome } from '../../system/package/support/run.ts';
import { CommandLine } from './support.ts';

const chronyc = installedChronyc();
let commandLine: CommandLine;
beforeAll(async () => {
  commandLine = await CommandLine.build();
});

const NO_DAEMON = '506 Cannot talk to daemon\n';

/** The arguments for chronyd at a port of 127.0.0.1. */
function at(port: number): string[] {
  return ['-h', '127.0.0.1', '-p', String(port)];
}

/** Runs both programs, expects the same output and exit status, and returns the outcome. */
async function same(...args: readonly string[]): Promise<Outcome> {
  const theirs = await chronyc.run(...args);
  const ours = await commandLine.run('-n', ...args);
  expect(ours, args.join(' ')).toEqual(theirs);
  return ours;
}

describe(`prints the same as chronyc ${chronyc.version}`, () => {
  it('for a chronyd that follows a source, and for its server in local mode', async () => {
    await using server = await Chronyd.start({ serve: true, config: ['local stratum 1'] });
    const source = `server 127.0.0.1 port ${server.ntpPort} iburst minpoll -2 maxpoll -1`;
    await using client = await Chronyd.start({ config: [source] });
    await client.untilSynchronized();
    await using frozen = await FrozenChronyd.of(client);
    for (const words of [
      [],
      ['1'],
      ['0', '0', '0', '0'],
      ['2', '86400', '1000000', '0.1'],
      ['2', '0', '1e-9', '0'],
      ['+2', '1E-12', '0.0', '.1'],
    ]) {
      for (const flags of [[], ['-c'], ['-N']])
        await same(...at(frozen.port), ...flags, 'waitsync', ...words);
    }
    const { status, stdout } = await same(...at(frozen.port), 'waitsync', '3', '0', '0.000000001', '0.1');
    expect(status).toBe(1);
    expect(stdout).toMatch(/^(try: \d, refid: 7F000001, correction: 0\.\d{9}, skew: \d+\.\d{3}\n){3}$/);

    await using local = await FrozenChronyd.of(server);
    const own = await same(...at(local.port), 'waitsync', '2', '0', '0', '0.1');
    expect(own.status).toBe(1);
    expect(own.stdout).toContain('refid: 7F7F0101');
  });

  it('for a reference clock, and for a chronyd without a source', async () => {
    await using chronyd = await Chronyd.start({
      config: ['refclock SOCK {dir}/clock.sock refid GPS poll -2 filter 1 delay 0.001'],
    });
    expect((await same(...at(chronyd.commandPort), 'waitsync', '2', '0', '0', '0.1')).stdout).toContain(
      'try: 2, refid: 00000000, correction: 0.000000000, skew: 0.000\n',
    );
    using _clock = await FedClock.start(join(chronyd.dir, 'clock.sock'), 0.0125);
    await chronyd.untilSynchronized();
    await using frozen = await FrozenChronyd.of(chronyd);
    const { status, stdout } = await same(...at(frozen.port), 'waitsync', '1');
    expect([status, stdout]).toEqual([0, expect.stringContaining('refid: 47505300')]);
  });

  /** Half a second and a quarter of a ppm are exact in the protocol. */
  const exact = { offset: 0.5, skew: 0.25, refTime: Date.now() / 1000 };

  it.each<
    [
      description: string,
      tracking: NonNullable<ScenarioOverrides['tracking']>,
      words: string[],
      status: number,
    ]
  >([
    ['just within both limits', exact, ['1', '0.5', '0.25'], 0],
    ['within both limits, fast', { ...exact, offset: -0.5 }, ['1', '0.5', '0.25'], 0],
    ['too much correction', exact, ['1', '0.4999999', '0.25'], 1],
    ['too much correction, fast', { ...exact, offset: -0.5 }, ['1', '0.4999999'], 1],
    ['too much skew', exact, ['1', '0', '0.2499999'], 1],
    ['no reference', { ...exact, referenceId: 0, referenceIp: null }, ['1'], 1],
    ['local mode', { ...exact, referenceId: 0x7f7f0101, referenceIp: null }, ['1'], 1],
    ['a reference clock', { ...exact, referenceId: 0x50505300, referenceIp: null }, ['1'], 0],
    ['a server with the ID of local mode', { ...exact, referenceId: 0x7f7f0101 }, ['1'], 0],
    ['an unsynchronized leap status', { ...exact, leapStatus: 'not synchronized' }, ['1'], 0],
  ])('%s', async (_, tracking, words, status) => {
    await using mock = await startMockChronyd(scenario('synchronized', { tracking }));
    expect((await same(...at(mock.port), 'waitsync', ...words)).status).toBe(status);
  });

  it('for an unreachable chronyd', async () => {
    const port = await freePort();
    for (const host of ['127.0.0.1', 'localhost']) {
      const args = ['-h', host, '-p', String(port)];
      const outcome = await same(...args, 'waitsync', '2', '0', '0', '0.1');
      expect(outcome).toEqual({ status: 1, signal: null, stdout: NO_DAEMON.repeat(2), stderr: '' });
      await same('-c', ...args, 'waitsync', '1');
    }
  });

  it('for a missing Unix socket: an immediate error, with another message', async () => {
    const args = ['-h', '/nowhere/chronyd.sock', 'waitsync'];
    const theirs = await chronyc.run(...args);
    const ours = await commandLine.run(...args);
    expect([theirs.status, theirs.stdout]).toEqual([1, '']);
    expect([ours.status, ours.stdout]).toEqual([1, '']);
    expect(ours.stderr).toMatch(/^chrony-wasm: [^\n]*chronyd\.sock: ENOENT[^\n]*\n$/);
  });
});

/** A running `waitsync`. */
class Waiting {
  readonly #child;
  readonly #done: Promise<unknown[]>;
  #stdout = '';
  #stderr = '';

  constructor(command: readonly string[]) {
    const [program = '', ...args] = command;
    this.#child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child.stdout.on('data', (chunk: Buffer) => {
      this.#stdout += chunk;
    });
    this.#child.stderr.on('data', (chunk: Buffer) => {
      this.#stderr += chunk;
    });
    this.#done = once(this.#child, 'close');
  }

  until(shown: string): Promise<void> {
    return expect.poll(() => this.#stdout + this.#stderr).toContain(shown);
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  async outcome(): Promise<Outcome> {
    const [status, signal] = await this.#done;
    return {
      status: status as number,
      signal: signal as NodeJS.Signals,
      stdout: this.#stdout,
      stderr: this.#stderr,
    };
  }
}

describe('waiting', () => {
  const LIMIT = ['0', '0.000000001', '0.1'];

  it('continues until a chronyd is started, as chronyc does', async () => {
    await using server = await Chronyd.start({ serve: true, config: ['local stratum 1'] });
    const source = `server 127.0.0.1 port ${server.ntpPort} iburst minpoll -2 maxpoll -1`;
    await using client = await Chronyd.start({ config: [source] });
    await client.kill();
    const args = [...at(client.commandPort), 'waitsync', '0', '0', '0', '0.1'];
    // chronyc does not flush its output, so only our output shows that both are waiting
    const ours = new Waiting([process.execPath, commandLine.program, ...args]);
    // chronyc 4.0 sends no more requests after refused connections, and waits forever
    const theirs = chronyc.isSince('4.3') ? [new Waiting([...chronyc.command, ...args])] : [];
    await ours.until(NO_DAEMON.repeat(2));
    await client.run();
    for (const waiting of [...theirs, ours]) {
      const { status, stdout, stderr } = await waiting.outcome();
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      expect(stdout).toMatch(
        /^(506 Cannot talk to daemon\n)+(try: \d+, refid: 0{8}, .*\n)*try: \d+, refid: 7F000001, .*\n$/,
      );
    }
  });

  it('continues through a restart of chronyd, over UDP and over a Unix socket', async () => {
    await using chronyd = await Chronyd.start();
    for (const address of [at(chronyd.commandPort), ['-h', chronyd.socketPath]]) {
      const wait = new Waiting([
        process.execPath,
        commandLine.program,
        ...address,
        'waitsync',
        '0',
        ...LIMIT,
      ]);
      await wait.until('try: 2,');
      await chronyd.kill();
      await wait.until(NO_DAEMON);
      await chronyd.run();
      await wait.until(`${NO_DAEMON}try: `);
      wait.kill('SIGTERM');
      expect(await wait.outcome()).toMatchObject({ status: 1, stderr: '' });
    }
  });

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    'ends with status 1 on %s, as chronyc does',
    async (signal) => {
      for (const command of [chronyc.command, [process.execPath, commandLine.program]]) {
        await using mock = await startMockChronyd('unsynchronized');
        const wait = new Waiting([...command, ...at(mock.port), 'waitsync', '0', ...LIMIT]);
        await expect.poll(() => mock.requests.length).toBeGreaterThan(2);
        wait.kill(signal);
        const { status, signal: by, stdout, stderr } = await wait.outcome();
        expect({ status, by, stderr }).toEqual({ status: 1, by: null, stderr: '' });
        expect(stdout).toMatch(
          /^(try: \d+, refid: 00000000, correction: \d\.\d{9}, skew: \d+\.\d{3}\n){2,}$/,
        );
      }
    },
  );
});

describe('differences from chronyc', () => {
  it('does not wait if chronyd denies permission', async () => {
    await using mock = await startMockChronyd(scenario('synchronized', { unauthorized: ['tracking'] }));
    const { status, stdout, stderr } = await commandLine.run(...at(mock.port), 'waitsync');
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toMatch(/^chrony-wasm: tracking [^\n]*opencommands[^\n]*\n$/);
    expect(mock.requests).toHaveLength(1);
  });

  it('--max-error limits the error of the clock, including the drift since the last measurement', async () => {
    const tracking = {
      offset: 0.25,
      rootDelay: 0.5,
      rootDispersion: 0.125,
      refTime: Date.now() / 1000 - 1000,
    };
    await using mock = await startMockChronyd(scenario('synchronized', { tracking }));
    const run = (...args: string[]) => commandLine.run(...at(mock.port), 'waitsync', '1', ...args);
    // 0.25 + 0.125 + 0.5 / 2, plus 50 ppm of a thousand seconds
    const within = await run('--max-error', '0.7');
    expect(within.status).toBe(0);
    const error = Number(/, max error: (\d\.\d{9})\n$/.exec(within.stdout)?.[1]);
    expect(error).toBeGreaterThan(0.675 - 1e-6);
    expect(error).toBeLessThan(0.69);
    expect((await run('--max-error', '0.674')).status).toBe(1);
    expect((await run('0.2', '--max-error', '1')).status).toBe(1);
    const csv = await run('-c', '--max-error=1');
    expect(csv.stdout).toMatch(/^1,[\dA-F]{8},0\.250000000,\d+\.\d{3},0\.6[78]\d{7}\n$/);
    expect(await run('--max-error', '0')).toEqual(await run());
  });

  it('prints a line of JSON per try', async () => {
    await using mock = await startMockChronyd('unsynchronized');
    const args = [...at(mock.port), '--json', 'waitsync', '2', '0', '0', '0.1'];
    const { status, stdout } = await commandLine.run(...args);
    const tries = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(status).toBe(1);
    expect(tries).toEqual(
      [1, 2].map((number) => ({
        try: number,
        synchronized: false,
        tracking: expect.objectContaining({ referenceId: 0 }),
      })),
    );
    const away = await commandLine.run(...at(await freePort()), '--json', 'waitsync', '1');
    expect(JSON.parse(away.stdout)).toEqual({ try: 1, synchronized: false, tracking: null });
  });

  it('-m runs the next command only if waitsync succeeds', async () => {
    await using mock = await startMockChronyd('synchronized');
    const { stdout } = await same(
      ...at(mock.port),
      '-m',
      'waitsync 1',
      'activity',
      'waitsync 1 0 1e-9',
      'tracking',
    );
    expect(stdout).toMatch(/^try: 1, .*\n200 OK\n(\d+ .*\n){5}try: 1, .*\n$/);
  });
});
