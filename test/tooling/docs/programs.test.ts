/**
 * Every program in the documents has correct types, and runs against a real chronyd exactly as it is written, except for the
 * address.
 */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NtpServer } from '../../integration/clock/ntp-server.ts';
import { TrueTime } from '../../integration/clock/true-time.ts';
import { Chronyd } from '../../support/chronyd.ts';
import { type Pair, startPair } from '../../support/pair.ts';
import { freePort } from '../../support/ports.ts';
import { built } from '../../system/package/support/build.ts';
import { type Outcome, run } from '../../system/package/support/run.ts';
import { blocksIn } from './support/documents.ts';

const programs = blocksIn('js');

let pair: Pair;
let project: string;

beforeAll(async () => {
  pair = await startPair();
  project = mkdtempSync(join(tmpdir(), 'documents-'));
  mkdirSync(join(project, 'node_modules'));
  symlinkSync((await built()).root, join(project, 'node_modules/chrony-wasm'));
  // packages that an application may have installed
  for (const name of ['prom-client', '@opentelemetry', '@electric-sql', '@types']) {
    symlinkSync(resolve('node_modules', name), join(project, 'node_modules', name));
  }
});
afterAll(async () => {
  rmSync(project, { recursive: true, force: true });
  await pair?.[Symbol.asyncDispose]();
});

it('finds programs', () => {
  expect(programs.length).toBeGreaterThanOrEqual(12);
});

it('the programs have no type errors', async () => {
  const files = programs.map(({ code }, index) => {
    const name = `program${index}.mjs`;
    writeFileSync(join(project, name), code);
    return name;
  });
  const compilerOptions = { module: 'nodenext', target: 'es2023', checkJs: true, strict: true, noEmit: true };
  const config = { compilerOptions: { ...compilerOptions, types: ['node'] }, files };
  writeFileSync(join(project, 'tsconfig.json'), JSON.stringify(config));
  const tsc = resolve('node_modules/typescript/bin/tsc');
  const { stdout } = await run(process.execPath, [tsc, '-p', project, '--pretty', 'false']);
  // The declarations of PGlite use types of Emscripten that it does not install.
  const errors = stdout.split('\n').filter((line) => !line.startsWith('node_modules/@electric-sql/'));
  expect(errors).toEqual(['']);
});

/** The port that the program for OpenTelemetry listens on. */
const EXPORTER_PORT = '9464';
let exporterPort: number;
beforeAll(async () => {
  exporterPort = await freePort();
});

/** The program after a reader has added the address of chronyd. */
function withAddress(code: string, address: string): string {
  return code
    .replaceAll('127.0.0.1:323', address)
    .replaceAll(EXPORTER_PORT, String(exporterPort))
    .replaceAll(/\b(open|get\w+)\(\)/g, (call, name: string) =>
      name === 'open' || new RegExp(`import \\{[^}]*\\b${name}\\b`).test(code)
        ? `${name}('${address}')`
        : call,
    );
}

function runProgram(code: string): Promise<Outcome> {
  const file = join(project, 'example.mjs');
  writeFileSync(file, code);
  return run(process.execPath, [file], { hangMs: 60_000 });
}

it.each(programs)('$document, $title', async ({ code }) => {
  const { status, stdout, stderr } = await runProgram(withAddress(code, pair.client.address));
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout).not.toBe('');
});

it("the program for OpenTelemetry exports the Collector's metrics through the SDK", async () => {
  const code = programs.find((each) => each.code.includes('chrony-wasm/opentelemetry'))?.code ?? '';
  const { stdout } = await runProgram(withAddress(code, pair.client.address));
  const names = Array.from(stdout.matchAll(/^(ntp_\w+)\{.*?\} -?[\d.e-]+$/gm), ([, name]) => name);
  expect(names).toEqual([
    'ntp_time_correction',
    'ntp_time_last_offset',
    'ntp_time_rms_offset',
    'ntp_time_root_delay',
    'ntp_frequency_offset',
    'ntp_skew',
    'ntp_stratum',
  ]);
  expect(stdout).toMatch(/^ntp_time_correction\{.*leap_status="normal".*\} /m);
  expect(stdout).toMatch(/^ntp_stratum\{.*\} 2$/m);
});

it('the database rows contain the intervals and keep their order', async () => {
  const stamps = programs.find(({ title }) => title === 'Stamp rows in a database')?.code ?? '';
  const code = withAddress(stamps, pair.client.address);
  const close = 'await db.close();';
  expect(code).toContain(close);
  // PostgreSQL rounds to microseconds. The stored interval must contain the time for any nanoseconds.
  const check = `
    clock.waitUntilAfter = async () => {};
    for (let ns = 1_795_608_000_999_998_500n; ns < 1_795_608_001_000_001_500n; ns += 37n) {
      clock.now = () => ({ earliest: ns, latest: ns + 500n });
      await insert(String(ns));
    }
    const exact = "select name, extract(epoch from earliest) * 1e9 <= name::numeric and " +
      "extract(epoch from latest) * 1e9 >= name::numeric + 500 as holds from event where name like '1%'";
    const { rows } = await db.query(exact);
    console.log(rows.length, rows.filter(({ holds }) => !holds));
    ${close}`;
  const { stdout, stderr } = await runProgram(code.replace(close, check));
  expect(stderr).toBe('');
  expect(stdout).toBe("[ { first: 'ordered', second: 'paid' } ]\n82 []\n");
});

describe('the guard stops a program from starting', () => {
  /** Waits for only one second, not for half a minute. */
  async function refusal(address: string): Promise<Outcome> {
    const guard = programs.find(({ title }) => title === 'Refuse to start with a wrong clock');
    const code = withAddress(guard?.code ?? '', address);
    expect(code).toContain('30_000');
    return await runProgram(code.replace('30_000', '1_000'));
  }

  it('with a chronyd in local mode', async () => {
    await using chronyd = await Chronyd.start({ config: ['local stratum 5'] });
    const { status, stdout, stderr } = await refusal(chronyd.address);
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toMatch(/^not starting: the clock is not within 1 ms: .*local mode/);
  });

  it('with a clock that is wrong by more than a millisecond', async () => {
    await using wrong = await NtpServer.start(new TrueTime(20));
    const source = `server 127.0.0.1 port ${wrong.port} iburst minpoll -2 maxpoll -2`;
    await using chronyd = await Chronyd.start({ config: [source] });
    await chronyd.untilSynchronized();
    const { status, stdout, stderr } = await refusal(chronyd.address);
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toMatch(/^not starting: the clock is not within 1 ms: .*0\.02/);
  });

  it('without chronyd', async () => {
    const { status, stdout, stderr } = await refusal(`127.0.0.1:${await freePort()}`);
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toMatch(/^not starting: the clock is not within 1 ms: .*ECONNREFUSED/);
  });
});
