/** The packed package in the supported runtimes: Node.js, Bun and Deno. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ChronyConnection } from '../../../src/index.ts';
import { type MockChronyd, nearestFloat, startMockChronyd, testTime } from '../../../src/testing/index.ts';
import { freePort } from '../../support/ports.ts';
import { REPORTS } from '../../support/reports.ts';
import { Project, ROOT } from './support/build.ts';
import { mustRun, run } from './support/run.ts';
import { bun, deno, node, oldestNode, type Runtime } from './support/runtimes.ts';

let project: Project;
let mock: MockChronyd;

beforeAll(async () => {
  project = await Project.make();
  mock = await startMockChronyd('synchronized', { time: testTime });
});
afterAll(async () => {
  await mock?.close();
  await project?.[Symbol.asyncDispose]();
});

/** Runs one of `programs/` and reads the line of JSON that it prints. The program must print no warning. */
async function result(runtime: Runtime, program: string, ...args: string[]): Promise<unknown> {
  const outcome = await run(runtime.program, [...runtime.args, program, ...args], { cwd: project.dir });
  expect(outcome).toEqual({ status: 0, signal: null, stdout: expect.any(String), stderr: '' });
  return JSON.parse(outcome.stdout);
}

/** The reports of the mock, as a client must read them. */
async function expected(): Promise<unknown> {
  const { tracking } = mock.scenario;
  const floats = Object.entries(tracking).map(([name, value]) => [
    name,
    typeof value === 'number' ? nearestFloat(value) : value,
  ]);
  const { stratum, referenceId } = tracking;
  // The scenario gives this time in seconds relative to the present.
  const refTime = testTime + tracking.refTime;
  await using chrony = await ChronyConnection.open(mock.address);
  const reports: Record<string, unknown> = {};
  for (const name of REPORTS) reports[name] = await chrony.getReport(name);
  return {
    synchronised: true,
    tracking: { ...Object.fromEntries(floats), stratum, referenceId, refTime },
    reports: JSON.parse(
      JSON.stringify(reports, (_, value) => (typeof value === 'bigint' ? `${value}n` : value)),
    ),
  };
}

describe.concurrent.each([node, ...oldestNode, bun, deno])('$name', (runtime) => {
  it('imports the package and reads every report', async () => {
    const read = await result(runtime, 'import.mjs', mock.address);
    expect(read).toEqual(await expected());
  });

  it('imports chrony-wasm/testing', async () => {
    expect(await result(runtime, 'testing.mjs')).toEqual([7, true, 1]);
  });

  it('publishes its requests on a tracing channel, and works without one', async () => {
    const { stratum } = mock.scenario.tracking;
    const outcomes = { start: [0, null], end: [0, null], asyncStart: [1, 'ok'], asyncEnd: [1, 'ok'] };
    const heard = Object.entries(outcomes).map(([event, rest]) => [event, mock.address, 'tracking', ...rest]);
    expect(await result(runtime, 'tracing.mjs', mock.address)).toEqual({ stratum, heard });
    expect(await result(runtime, 'tracing.mjs', mock.address, 'without')).toEqual({ stratum, heard: [] });
  });

  it('resolves the binary', async () => {
    const read = await run(runtime.program, [...runtime.args, 'resolve.mjs'], { cwd: project.dir });
    expect(read).toEqual({
      status: 0,
      signal: null,
      stdout: `${join(project.installed, 'dist/libchrony.wasm')}\n`,
      stderr: '',
    });
  });
});

describe.concurrent.each([node, ...oldestNode, bun])('$name', (runtime) => {
  it('requires the package and reads every report', async () => {
    const read = await result(runtime, 'require.cjs', mock.address);
    expect(read).toEqual(await expected());
  });

  it('gets an error if no process listens at the address', async () => {
    const port = await freePort();
    expect(await result(runtime, 'fail.mjs', `127.0.0.1:${port}`)).toEqual({
      name: 'ChronyConnectionError',
      code: 'ERR_CHRONY_CONNECTION',
      message: expect.stringContaining(`127.0.0.1:${port}: ECONNREFUSED`),
      classes: ['ChronyConnectionError', 'ChronyError'],
    });
  });
});

// The oldest Node.js is installed on Linux for x64 only: its npm package has no other platform.
it.runIf(oldestNode.length > 0)('the oldest Node.js is the first that package.json allows', async () => {
  const { engines } = JSON.parse(await readFile(join(project.installed, 'package.json'), 'utf8'));
  const version = await mustRun(oldestNode[0]?.program ?? '', ['--version']);
  expect(`v${engines.node.replace('>=', '')}.0\n`).toBe(version);
});

it('the binary is the one in the repository', async () => {
  const path = (await mustRun(node.program, ['resolve.cjs'], { cwd: project.dir })).trim();
  expect(await readFile(path)).toEqual(await readFile(join(ROOT, 'wasm/libchrony.wasm')));
});
