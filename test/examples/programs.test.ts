/** The examples that are programs, run with today's package: where the clock is well, and where it is not. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ScenarioName, startMockChronyd } from '../../src/testing/index.ts';
import { freePort } from '../support/ports.ts';
import { built } from '../system/package/support/build.ts';
import { run } from '../system/package/support/run.ts';

let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'examples-'));
  cpSync('test/examples', folder, { recursive: true });
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync((await built()).root, join(folder, 'node_modules/chrony-wasm'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const nobody = async (): Promise<string> => `127.0.0.1:${await freePort()}`;

/** Starts a program, which must be ended, and gives its output when it has said all of it. */
async function until(
  program: string,
  args: readonly string[],
  texts: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<{ output: string; status: unknown }> {
  const child = spawn(process.execPath, [join(folder, program, 'main.js'), ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
    if (texts.every((each) => output.includes(each))) child.kill('SIGTERM');
  });
  const [status] = await exited;
  return { output, status };
}

describe('start-up-guard', () => {
  it('starts on a good clock, and ends', async () => {
    await using mock = await startMockChronyd('synchronized');
    const env = { PORT: String(await freePort()) };
    const { output, status } = await until('start-up-guard', [mock.address], ['started'], env);
    expect(output).toMatch(/^clock: stratum \d+, offset \S+ s\nstarted\n$/);
    expect(status).toBe(0);
  });

  it('does not start without chronyd', async () => {
    const { status, stdout, stderr } = await run(
      process.execPath,
      [join(folder, 'start-up-guard/main.js'), await nobody()],
      { env: { ...process.env, LIMIT_MS: '500' } },
    );
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toMatch(/^not started: the clock is not good enough: \S.*\n$/);
  });
});

describe('falseticker-alert', () => {
  const check = (address: string) =>
    run(process.execPath, [join(folder, 'falseticker-alert/main.js'), address]);

  it.each<[ScenarioName, number, RegExp]>([
    ['falseticker', 1, /^falseticker: ntp4\.example\.net, last measurement 0\.47\d* s\n$/],
    ['pps', 0, /^$/],
  ])('%s', async (scenario, expected, output) => {
    await using mock = await startMockChronyd(scenario);
    const { status, stdout } = await check(mock.address);
    expect(stdout).toMatch(output);
    expect(status).toBe(expected);
  });

  it('says that chronyd does not answer', async () => {
    const { status, stderr } = await check(await nobody());
    expect(status).toBe(3);
    expect(stderr).toContain('ECONNREFUSED; nothing listens there');
  });
});

it('fleet prints each clock, and one that does not answer, and ends', async () => {
  await using mock = await startMockChronyd('synchronized');
  const silent = await nobody();
  const lines = [`${mock.address}: `, `${silent}: ERR_CHRONY_CONNECTION\n`];
  const { output, status } = await until('fleet', [mock.address, silent], lines);
  expect(output).toMatch(/: \d+ sources online\n/);
  expect(status).toBe(0);
});
