/** `watch` for programs: one record per line, until the reader closes the pipe. */

import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type MockChronyd, startMockChronyd } from '../../../src/testing/index.ts';
import { Chronyd } from '../../support/chronyd.ts';
import { mayUnshare } from '../../support/namespace.ts';
import { freePort } from '../../support/ports.ts';
import { spawn } from '../../support/spawn.ts';
import { run } from '../../system/package/support/run.ts';
import { CommandLine, printed } from './support.ts';

let commandLine: CommandLine;
let mock: MockChronyd;

beforeAll(async () => {
  commandLine = await CommandLine.build();
  mock = await startMockChronyd('synchronized');
});
afterAll(async () => {
  await mock?.close();
});

const QUICK = ['--interval', '0.05'];

describe('lines', () => {
  it.each(['tracking', 'sources', 'ntpdata', 'activity'])(
    'of %s are the same CSV as without watch',
    async (report) => {
      const once = await printed(mock.address, '-c', report);
      expect(await printed(mock.address, 'watch', report, '--count', '3', ...QUICK)).toBe(once.repeat(3));
      expect(await printed(mock.address, '-c', 'watch', report, '--count', '2', ...QUICK)).toBe(
        once.repeat(2),
      );
    },
  );

  it('can be limited to one source, or include unresolved sources', async () => {
    const one = await printed(mock.address, '-c', 'ntpdata', '192.0.2.1');
    expect(await printed(mock.address, 'watch', 'ntpdata', '192.0.2.1', '--count', '2', ...QUICK)).toBe(
      one.repeat(2),
    );
    await using unresolved = await startMockChronyd('unsynchronized');
    const all = await printed(unresolved.address, '-c', 'sources', '-a');
    expect(await printed(unresolved.address, 'watch', '-a', 'sources', '--count', '1')).toBe(all);
  });

  it.each(['tracking', 'sources'])('of %s with --json contain one record each', async (report) => {
    const data = JSON.parse(await printed(mock.address, '--json', report));
    const lines = (await printed(mock.address, '--json', 'watch', report, '--count', '2', ...QUICK))
      .trimEnd()
      .split('\n');
    const records = Array.isArray(data) ? data : [data];
    expect(lines.map((line) => JSON.parse(line))).toEqual([...records, ...records]);
  });

  it('of a disabled report are null with --json', async () => {
    await using without = await startMockChronyd('no rtc');
    expect(await printed(without.address, '--json', 'watch', 'rtcdata', '--count', '2', ...QUICK)).toBe(
      'null\nnull\n',
    );
  });

  it('begin with the time if --time is given', async () => {
    const start = Date.now() / 1000;
    const csv = await printed(mock.address, '-c', 'watch', 'activity', '--time', '--count', '1');
    const [time = '', ...cells] = csv.trimEnd().split(',');
    expect(time).toMatch(/^\d+\.\d{3}$/);
    expect(`${cells.join(',')}\n`).toBe(await printed(mock.address, '-c', 'activity'));
    const record = JSON.parse(
      await printed(mock.address, '--json', 'watch', 'activity', '--time', '--count', '1'),
    );
    expect(Object.keys(record)[0]).toBe('time');
    for (const printedTime of [Number(time), record.time]) {
      expect(printedTime).toBeGreaterThanOrEqual(start - 0.001);
      expect(printedTime).toBeLessThanOrEqual(Date.now() / 1000);
    }
  });

  it('are printed at the given interval', async () => {
    const start = performance.now();
    await printed(mock.address, 'watch', 'activity', '--count', '4', '--interval', '.1');
    expect(performance.now() - start).toBeGreaterThanOrEqual(290); // three intervals, minus the rounding of timers
  });
});

/** Runs `watch` and returns a reader of its lines. */
function watching(address: string, ...args: readonly string[]) {
  return started([], address, ...args);
}

/** Does the same as {@link watching}, with another program as the parent process. */
function started(by: readonly string[], address: string, ...args: readonly string[]) {
  const [program = '', ...rest] = [...by, process.execPath];
  const options = ['-h', address, '--timeout', '5000', '--retries', '0', ...QUICK];
  const child = spawn(program, [...rest, commandLine.program, ...options, 'watch', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  child.stderr.on('data', (chunk) => {
    text += chunk;
  });
  const closed = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const next = async (): Promise<string> => String((await lines.next()).value);
  return { child, next, closed, stderr: () => text };
}

describe('the end', () => {
  const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const;

  it.each(SIGNALS)('%s ends the process by the signal, without an error message', async (signal) => {
    const { child, next, closed, stderr } = watching(mock.address, 'tracking');
    await next();
    child.kill(signal);
    expect([await closed, stderr()]).toEqual([[null, signal], '']);
  });

  it.each(SIGNALS)('%s ends the process by the signal before the first reply', async (signal) => {
    await using silent = await startMockChronyd('silence');
    const { child, closed, stderr } = watching(silent.address, '--timeout', '15000', 'tracking');
    await expect.poll(() => silent.requests.length).toBe(1);
    child.kill(signal);
    expect([await closed, stderr()]).toEqual([[null, signal], '']);
  });

  // Process 1, on which signals have no default effect, needs a PID namespace, and creating one needs root.
  it.runIf(mayUnshare())(
    'SIGTERM ends process 1 of a container, on which signals have no default effect',
    async () => {
      const { child, next, closed, stderr } = started(
        ['unshare', '--pid', '--fork', '--kill-child'],
        mock.address,
        'tracking',
      );
      await next();
      const first = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8');
      process.kill(Number(first), 'SIGTERM');
      expect([await closed, stderr()]).toEqual([[143, null], '']);
    },
  );

  it('exits with 0 when the reader closes the pipe', async () => {
    const script = '{ "$0" "$1" -h "$2" --interval 0.05 watch tracking; echo $? >&2; } | head -n 2';
    const { stdout, stderr } = await run('sh', [
      '-c',
      script,
      process.execPath,
      commandLine.program,
      mock.address,
    ]);
    expect(stdout).toBe((await printed(mock.address, '-c', 'tracking')).repeat(2));
    expect(stderr).toBe('0\n');
  });

  it('reports a full disk', async () => {
    const script = '"$0" "$1" -h "$2" watch tracking >/dev/full';
    const { status, stderr } = await run('sh', [
      '-c',
      script,
      process.execPath,
      commandLine.program,
      mock.address,
    ]);
    expect(status).toBe(1);
    expect(stderr).toBe('chrony-wasm: cannot write the output: ENOSPC: no space left on device, write\n');
  });
});

describe('failures', () => {
  it('of the first request are an error and end the program', async () => {
    const port = await freePort();
    const { closed, stderr } = watching(`127.0.0.1:${port}`, 'tracking');
    expect(await closed).toEqual([1, null]);
    expect(stderr()).toMatch(/^chrony-wasm: 127\.0\.0\.1:\d+: ECONNREFUSED; [^\n]*\n$/);
  });

  it('of later requests are reported in a line each, and watch continues: chronyd is killed and restarted', async () => {
    await using chronyd = await Chronyd.start({ config: ['local stratum 5'] });
    const { child, next, closed, stderr } = watching(chronyd.address, 'tracking');
    expect(await next()).toContain('Normal');
    await chronyd.kill();
    await expect.poll(stderr).toContain('\n');
    await chronyd.run();
    // output from before chronyd was killed may still be in the pipe
    await expect.poll(async () => Number((await next()).split(',')[3]) > 0).toBe(true);
    const before = stderr();
    for (let i = 0; i < 3; i++) expect(await next()).toContain('Normal');
    child.kill('SIGINT');
    expect(await closed).toEqual([null, 'SIGINT']);
    expect(before.trimEnd().split('\n')).toEqual(
      expect.arrayContaining([expect.stringMatching(/^chrony-wasm: .*; check that chronyd .*$/)]),
    );
  });

  it('count as requests', async () => {
    await using flaky = await startMockChronyd('synchronized', {
      intercept: () => (flaky.requests.length > 1 ? [] : undefined),
    });
    const { closed, stderr } = watching(flaky.address, '--timeout', '1000', 'tracking', '--count', '3');
    expect(await closed).toEqual([1, null]);
    expect(stderr().trimEnd().split('\n')).toHaveLength(2);
  });
});
