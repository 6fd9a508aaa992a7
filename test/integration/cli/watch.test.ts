/** `watch` for programs: a record a line, for as long as somebody reads. */

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
    'of %s are CSV, as without watch',
    async (report) => {
      const once = await printed(mock.address, '-c', report);
      expect(await printed(mock.address, 'watch', report, '--count', '3', ...QUICK)).toBe(once.repeat(3));
      expect(await printed(mock.address, '-c', 'watch', report, '--count', '2', ...QUICK)).toBe(
        once.repeat(2),
      );
    },
  );

  it('of one source, and of those not resolved yet', async () => {
    const one = await printed(mock.address, '-c', 'ntpdata', '192.0.2.1');
    expect(await printed(mock.address, 'watch', 'ntpdata', '192.0.2.1', '--count', '2', ...QUICK)).toBe(
      one.repeat(2),
    );
    await using unresolved = await startMockChronyd('unsynchronized');
    const all = await printed(unresolved.address, '-c', 'sources', '-a');
    expect(await printed(unresolved.address, 'watch', '-a', 'sources', '--count', '1')).toBe(all);
  });

  it.each(['tracking', 'sources'])('of %s with --json are one record each', async (report) => {
    const data = JSON.parse(await printed(mock.address, '--json', report));
    const lines = (await printed(mock.address, '--json', 'watch', report, '--count', '2', ...QUICK))
      .trimEnd()
      .split('\n');
    const records = Array.isArray(data) ? data : [data];
    expect(lines.map((line) => JSON.parse(line))).toEqual([...records, ...records]);
  });

  it('of a report that is disabled are null with --json', async () => {
    await using without = await startMockChronyd('no rtc');
    expect(await printed(without.address, '--json', 'watch', 'rtcdata', '--count', '2', ...QUICK)).toBe(
      'null\nnull\n',
    );
  });

  it('begin with the time, if it is wanted', async () => {
    const start = Date.now() / 1000;
    const csv = await printed(mock.address, '-c', 'watch', 'activity', '--time', '--count', '1');
    const [time = '', ...cells] = csv.trimEnd().split(',');
    expect(time).toMatch(/^\d+\.\d{3}$/);
    expect(`${cells.join(',')}\n`).toBe(await printed(mock.address, '-c', 'activity'));
    const record = JSON.parse(
      await printed(mock.address, '--json', 'watch', 'activity', '--time', '--count', '1'),
    );
    expect(Object.keys(record)[0]).toBe('time');
    for (const told of [Number(time), record.time]) {
      expect(told).toBeGreaterThanOrEqual(start - 0.001);
      expect(told).toBeLessThanOrEqual(Date.now() / 1000);
    }
  });

  it('come as often as they are wanted', async () => {
    const start = performance.now();
    await printed(mock.address, 'watch', 'activity', '--count', '4', '--interval', '.1');
    expect(performance.now() - start).toBeGreaterThanOrEqual(290); // three intervals, less what timers round off
  });
});

/** The executable, watching; its lines as they come. */
function watching(address: string, ...args: readonly string[]) {
  return started([], address, ...args);
}

/** The same, run by another program. */
function started(by: readonly string[], address: string, ...args: readonly string[]) {
  const [program = '', ...rest] = [...by, process.execPath];
  const options = ['-h', address, '--timeout', '5000', '--retries', '0', ...QUICK];
  const child = spawn(program, [...rest, commandLine.program, ...options, 'watch', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let told = '';
  child.stderr.on('data', (chunk) => {
    told += chunk;
  });
  const closed = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const next = async (): Promise<string> => String((await lines.next()).value);
  return { child, next, closed, told: () => told };
}

describe('the end', () => {
  const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const;

  it.each(SIGNALS)('%s ends it as the signal does, without a complaint', async (signal) => {
    const { child, next, closed, told } = watching(mock.address, 'tracking');
    await next();
    child.kill(signal);
    expect([await closed, told()]).toEqual([[null, signal], '']);
  });

  it.each(SIGNALS)('%s before the first answer, too', async (signal) => {
    await using silent = await startMockChronyd('silence');
    const { child, closed, told } = watching(silent.address, '--timeout', '15000', 'tracking');
    await expect.poll(() => silent.requests.length).toBe(1);
    child.kill(signal);
    expect([await closed, told()]).toEqual([[null, signal], '']);
  });

  // A first process, which no signal ends by default, needs a PID namespace, and that needs root.
  it.runIf(mayUnshare())(
    'SIGTERM ends the first process of a container, which no default effect ends',
    async () => {
      const { child, next, closed, told } = started(
        ['unshare', '--pid', '--fork', '--kill-child'],
        mock.address,
        'tracking',
      );
      await next();
      const first = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8');
      process.kill(Number(first), 'SIGTERM');
      expect([await closed, told()]).toEqual([[143, null], '']);
    },
  );

  it('a reader that goes away', async () => {
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

  it('a disk that is full', async () => {
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
  it('the first request: an error, and the end', async () => {
    const port = await freePort();
    const { closed, told } = watching(`127.0.0.1:${port}`, 'tracking');
    expect(await closed).toEqual([1, null]);
    expect(told()).toMatch(/^chrony-wasm: 127\.0\.0\.1:\d+: ECONNREFUSED; [^\n]*\n$/);
  });

  it('later ones are told, a line each, and it goes on: chronyd is killed and started again', async () => {
    await using chronyd = await Chronyd.start({ config: ['local stratum 5'] });
    const { child, next, closed, told } = watching(chronyd.address, 'tracking');
    expect(await next()).toContain('Normal');
    await chronyd.kill();
    await expect.poll(told).toContain('\n');
    await chronyd.run();
    // what was printed before it was killed may still be on its way
    await expect.poll(async () => Number((await next()).split(',')[3]) > 0).toBe(true);
    const before = told();
    for (let i = 0; i < 3; i++) expect(await next()).toContain('Normal');
    child.kill('SIGINT');
    expect(await closed).toEqual([null, 'SIGINT']);
    expect(before.trimEnd().split('\n')).toEqual(
      expect.arrayContaining([expect.stringMatching(/^chrony-wasm: .*; check that chronyd .*$/)]),
    );
  });

  it('are counted as requests, too', async () => {
    await using flaky = await startMockChronyd('synchronized', {
      intercept: () => (flaky.requests.length > 1 ? [] : undefined),
    });
    const { closed, told } = watching(flaky.address, '--timeout', '1000', 'tracking', '--count', '3');
    expect(await closed).toEqual([1, null]);
    expect(told().trimEnd().split('\n')).toHaveLength(2);
  });
});
