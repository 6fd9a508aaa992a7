/** Runs the examples that are programs with the built package: with a good clock, and without one. */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ScenarioName, startMockChronyd } from '../../src/testing/index.ts';
import { findRuntimes } from '../integration/unix/runtimes.ts';
import { freePort } from '../support/ports.ts';
import { built } from '../system/package/support/build.ts';
import { run } from '../system/package/support/run.ts';

let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'examples-'));
  for (const entry of readdirSync('test/examples', { withFileTypes: true })) {
    if (!entry.isDirectory() || entry.name === 'node_modules') continue;
    cpSync(join('test/examples', entry.name), join(folder, entry.name), { recursive: true });
  }
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync((await built()).root, join(folder, 'node_modules/chrony-wasm'));
  // what each example's own package.json installs
  for (const name of ['prom-client', '@opentelemetry', '@electric-sql']) {
    symlinkSync(resolve('node_modules', name), join(folder, 'node_modules', name));
  }
  symlinkSync(resolve('test/examples/node_modules/express'), join(folder, 'node_modules/express'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const nobody = async (): Promise<string> => `127.0.0.1:${await freePort()}`;

/** Runs a program, and ends it once its output contains all texts. */
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

/** A program that serves HTTP. It ends by SIGTERM, with exit status 0. */
class Server implements AsyncDisposable {
  readonly #child: ChildProcessByStdio<null, Readable, null>;
  readonly #exited: Promise<unknown[]>;
  readonly #url: string;

  private constructor(command: readonly string[], port: number) {
    const [program = '', ...args] = command;
    this.#url = `http://127.0.0.1:${port}`;
    this.#child = spawn(program, args, {
      env: { ...process.env, PORT: String(port) },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.#exited = once(this.#child, 'exit');
  }

  /** Resolves when the program has printed that it has started. */
  static async start(...command: readonly string[]): Promise<Server> {
    const server = new Server(command, await freePort());
    const printed = once(server.#child.stdout.setEncoding('utf8'), 'data');
    expect(await Promise.race([printed, server.#exited])).toEqual(['started\n']);
    return server;
  }

  async get(path: string): Promise<{ status: number; text: string }> {
    const response = await fetch(`${this.#url}${path}`);
    return { status: response.status, text: await response.text() };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGTERM');
    expect(await this.#exited).toEqual([0, null]);
  }
}

/** The path of Bun or Deno, and the arguments before the file of a program. */
async function runtime(name: 'Bun' | 'Deno'): Promise<readonly [program: string, ...args: string[]]> {
  const found = (await findRuntimes()).find((each) => each.name.startsWith(name));
  if (found === undefined) throw new Error(`${name} is not there: run 'make runtimes'`);
  return [found.program, ...found.argsWithout];
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

it('express is ready with a good clock only, and shows metrics', async () => {
  await using mock = await startMockChronyd('synchronized');
  await using server = await Server.start(process.execPath, join(folder, 'express/main.js'), mock.address);
  expect(await server.get('/ready')).toEqual({ status: 200, text: '{"state":"ok","reasons":[]}' });
  const { text } = await server.get('/metrics');
  expect(text).toMatch(/^chrony_tracking_stratum \d+$/m);
  expect(text).toMatch(/^process_cpu_seconds_total /m);
  mock.scenario = 'unsynchronized';
  const { status, text: json } = await server.get('/ready');
  expect([status, JSON.parse(json).state]).toEqual([503, 'critical']);
});

it('opentelemetry has the metrics of the receiver', async () => {
  await using mock = await startMockChronyd('synchronized');
  await using server = await Server.start(
    process.execPath,
    join(folder, 'opentelemetry/main.js'),
    mock.address,
  );
  const { text } = await server.get('/metrics');
  expect(text).toMatch(/^ntp_stratum(?:\{[^}]*\})? \d+$/m);
  expect(text).toMatch(/^ntp_time_correction\w*\{[^}]*leap_status="normal"[^}]*\} \S+$/m);
});

describe('database', () => {
  const runWith = (address: string) => run(process.execPath, [join(folder, 'database/main.js'), address]);

  it('knows the order of its events', async () => {
    await using mock = await startMockChronyd('synchronized');
    expect(await runWith(mock.address)).toMatchObject({
      status: 0,
      stdout: 'ordered before paid\nordered before sent\npaid before sent\n',
      stderr: '',
    });
  });

  it('stores nothing while the time is unknown', async () => {
    await using mock = await startMockChronyd('unsynchronized');
    const { status, stdout, stderr } = await runWith(mock.address);
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toMatch(/^the time is unknown: [^\n]+\n$/);
  });
});

it('worker has a clock in each thread', async () => {
  await using mock = await startMockChronyd('synchronized');
  const { status, stdout } = await run(process.execPath, [join(folder, 'worker/main.js'), mock.address]);
  expect(stdout.trimEnd().split('\n').toSorted()).toEqual([
    expect.stringMatching(/^worker 1: within \d+ microseconds$/),
    expect.stringMatching(/^worker 2: within \d+ microseconds$/),
  ]);
  expect(status).toBe(0);
});

describe('deno', () => {
  const main = async (address: string) => {
    const [program, ...args] = await runtime('Deno');
    return run(program, [...args, join(folder, 'deno/main.ts'), address]);
  };

  it('prints the state of the clock', async () => {
    await using mock = await startMockChronyd('synchronized');
    expect(await main(mock.address)).toMatchObject({ status: 0, stdout: 'synchronized, stratum 3\n' });
  });

  it('says that chronyd does not answer', async () => {
    const { status, stderr } = await main(await nobody());
    expect(status).toBe(1);
    // Deno does not report a refused connection
    expect(stderr).toMatch(/^tracking from 127\.0\.0\.1:\d+: no answer in [^\n]+\n$/);
  });
});

it('bun serves the state of the clock', async () => {
  await using mock = await startMockChronyd('synchronized');
  await using server = await Server.start(
    ...(await runtime('Bun')),
    join(folder, 'bun/main.ts'),
    mock.address,
  );
  const { status, text } = await server.get('/');
  expect([status, JSON.parse(text)]).toEqual([
    200,
    { stratum: 3, offset: expect.any(Number), leapStatus: 'normal' },
  ]);
  mock.scenario = 'silence';
  const failure = await server.get('/');
  expect([failure.status, JSON.parse(failure.text).code]).toEqual([503, 'ERR_CHRONY_TIMEOUT']);
});
