/** The packed package with ts-jest, and installed by pnpm and Yarn. */
import { cp, mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type MockChronyd, startMockChronyd } from '../../../src/testing/index.ts';
import { Chronyd } from '../../support/chronyd.ts';
import { built, Project, ROOT } from './support/build.ts';
import { mustRun, run } from './support/run.ts';

const FETCHED = join(ROOT, 'test/system/bundlers/node_modules');

let mock: MockChronyd;
beforeAll(async () => {
  mock = await startMockChronyd();
});
afterAll(() => mock?.[Symbol.asyncDispose]());

/** A test in TypeScript, which ts-jest compiles to CommonJS. */
const TEST = `
import { expect, test } from '@jest/globals';
import { ChronyTimeoutError, getTracking, TrackingStatus } from 'chrony-wasm';
import { startMockChronyd } from 'chrony-wasm/testing';

test('the classes are those of the library', async () => {
  const mock = await startMockChronyd();
  const status: TrackingStatus = await getTracking(mock.address);
  expect(status).toBeInstanceOf(TrackingStatus);
  mock.scenario = 'silence';
  await expect(getTracking({ address: mock.address, timeoutMs: 50, retries: 0 })).rejects.toBeInstanceOf(
    ChronyTimeoutError,
  );
  await mock.close();
});
`;

it('ts-jest', async () => {
  await using project = await Project.make();
  await mkdir(join(project.dir, 'jest'));
  await writeFile(join(project.dir, 'jest/clock.test.ts'), TEST);
  await symlink(join(FETCHED, '@jest'), join(project.dir, 'node_modules/@jest'));
  // the module resolution that does not support `exports`
  const tsconfig = {
    module: 'commonjs',
    moduleResolution: 'node10',
    target: 'es2022',
    strict: true,
    types: [],
  };
  const config = {
    rootDir: join(project.dir, 'jest'),
    testEnvironment: 'node',
    transform: { '\\.ts$': [join(FETCHED, 'ts-jest'), { tsconfig: { ...tsconfig, skipLibCheck: true } }] },
  };
  const args = [join(FETCHED, 'jest/bin/jest.js'), '--config', JSON.stringify(config)];
  const { status, stderr } = await run(process.execPath, args, { cwd: project.dir });
  expect(stderr).toContain('Tests:       1 passed, 1 total');
  expect(status).toBe(0);
});

describe.each(['pnpm', 'Yarn with Plug and Play'])('%s', (name) => {
  let dir: string;

  /** Runs the package manager, without a network. */
  const manager = (...args: readonly string[]): Promise<string> => {
    const program = name === 'pnpm' ? 'pnpm/bin/pnpm.cjs' : '@yarnpkg/cli-dist/bin/yarn.js';
    const env = { npm_config_store_dir: join(dir, 'store'), YARN_IGNORE_PATH: '1' };
    return mustRun(process.execPath, [join(FETCHED, program), ...args], { cwd: dir, env });
  };

  beforeAll(async () => {
    dir = await realpath(await mkdtemp(join(tmpdir(), 'managers-')));
    const { tarball } = await built();
    await cp(tarball, join(dir, 'chrony-wasm.tgz'));
    await cp(join(ROOT, 'test/system/package/programs'), dir, { recursive: true });
    const dependencies = { 'chrony-wasm': 'file:./chrony-wasm.tgz' };
    await writeFile(join(dir, 'package.json'), JSON.stringify({ private: true, dependencies }));
    if (name === 'pnpm') {
      await manager('install', '--offline', '--ignore-workspace');
    } else {
      const settings = {
        nodeLinker: 'pnp',
        enableNetwork: false,
        enableTelemetry: false,
        enableGlobalCache: false,
        globalFolder: join(dir, 'yarn'),
      };
      await writeFile(join(dir, '.yarnrc.yml'), JSON.stringify(settings));
      await writeFile(join(dir, 'yarn.lock'), '');
      await manager('install', '--no-immutable');
    }
  });
  afterAll(() => rm(dir, { recursive: true, force: true }));

  /** Runs Node.js with the package as the package manager has installed it. */
  const node = (...args: readonly string[]): Promise<string> =>
    name === 'pnpm' ? mustRun(process.execPath, args, { cwd: dir }) : manager('node', ...args);

  it.each(['require.cjs', 'import.mjs'])('%s', async (program) => {
    const { tracking, reports } = JSON.parse(await node(program, mock.address));
    expect(tracking.stratum).toBe(3);
    expect(Object.keys(reports).length).toBeGreaterThanOrEqual(10);
  });

  it('gives the same classes to require() and to import', async () => {
    // The other entry points need packages that would have to be downloaded.
    const stdout = await node('same.cjs', 'chrony-wasm', 'chrony-wasm/testing');
    expect(JSON.parse(stdout)).toEqual({ different: [], entries: 2, record: true, error: true });
  });

  // Node.js 26.10 and later can open Unix sockets without koffi.
  it.runIf(Number.parseInt(process.versions.node, 10) < 26)('says how to install koffi', async () => {
    const command = name === 'pnpm' ? 'npm install koffi' : 'yarn add koffi';
    await using chronyd = await Chronyd.start();
    expect(JSON.parse(await node('fail.mjs', chronyd.socketPath))).toMatchObject({
      code: 'ERR_CHRONY_NO_UNIX_SOCKET',
      message: expect.stringMatching(`: this Node\\.js has no [^;]*; add koffi \\(${command}\\)`),
    });
  });
});
