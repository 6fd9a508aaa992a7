/** The packed package in a bundled program, with each of the bundlers that `make bundlers` fetches. */
import { existsSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readdir, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Chronyd } from '../../support/chronyd.ts';
import { Project, ROOT } from './support/build.ts';
import { type Outcome, run } from './support/run.ts';
import { bun, deno, node } from './support/runtimes.ts';

const BUNDLERS = join(ROOT, 'test/system/bundlers');

let project: Project;
let chronyd: Chronyd;
/** The folder where bundles run, without the package. */
let runFolder: string;

beforeAll(async () => {
  runFolder = await mkdtemp(join(tmpdir(), 'bundled-'));
  if (!existsSync(join(BUNDLERS, 'node_modules')))
    throw new Error("the bundlers are not installed: run 'make bundlers'");
  project = await Project.make();
  // prom-client requires the other packages.
  for (const name of ['prom-client', 'tdigest', 'bintrees', '@opentelemetry']) {
    await symlink(join(ROOT, 'node_modules', name), join(project.dir, 'node_modules', name));
  }
  chronyd = await Chronyd.start({ config: ['local stratum 7'] });
});
afterAll(async () => {
  await chronyd?.stop();
  await project?.[Symbol.asyncDispose]();
  await rm(runFolder, { recursive: true, force: true });
});

/** The outcome of a program that prints only this output. */
const outcomeWith = (stdout: string): Outcome => ({ status: 0, signal: null, stdout, stderr: '' });
const RESULT = outcomeWith('{"stratum":7,"unix":7,"metric":"3"}\n');
/** The result without koffi or another way to open a Unix socket. */
const OVER_UDP = outcomeWith('{"stratum":7,"unix":"ERR_CHRONY_NO_UNIX_SOCKET","metric":"3"}\n');

/** Bundles the program into a new folder, and expects no warning from the bundler. Returns the folder. */
async function bundle(name: string, ...command: [string, ...string[]]): Promise<string> {
  const folder = join(project.dir, name);
  await mkdir(folder);
  const [program, ...args] = command;
  const bundled = await run(program, [...args, join(project.dir, 'application.mjs'), folder], {
    cwd: project.dir,
  });
  expect(bundled).toMatchObject({ status: 0, stderr: '' });
  return folder;
}

/** Runs a single bundled file in a new folder, with or without koffi in its `node_modules`. */
async function runBundle(koffi: boolean, file: string, ...command: readonly string[]): Promise<Outcome> {
  const folder = await mkdtemp(join(runFolder, 'alone-'));
  const copy = join(folder, basename(file));
  await copyFile(file, copy);
  if (koffi) {
    await mkdir(join(folder, 'node_modules'));
    for (const name of ['koffi', '@koromix']) {
      await symlink(join(ROOT, 'node_modules', name), join(folder, 'node_modules', name));
    }
  }
  const [program = '', ...args] = [...command, copy, chronyd.address, chronyd.socketPath];
  return run(program, args, { cwd: '/' });
}

it.each(['esbuild', 'esbuild-splitting', 'rollup', 'vite', 'webpack'])('%s', async (name) => {
  const folder = await bundle(name, process.execPath, join(BUNDLERS, `${name}.mjs`));
  const [file = '', ...others] = await readdir(folder);
  expect(others).toEqual([]);
  expect(await runBundle(true, join(folder, file), node.program)).toEqual(RESULT);
  expect(await runBundle(false, join(folder, file), node.program)).toEqual(OVER_UDP);
});

// postject warns about the sections of some builds of Node.js, but the result runs.
it('a single executable of Node.js', async () => {
  const folder = await bundle('sea', process.execPath, join(BUNDLERS, 'single-executable.mjs'));
  expect(await runBundle(true, join(folder, 'bundle'))).toEqual(RESULT);
  expect(await runBundle(false, join(folder, 'bundle'))).toEqual(OVER_UDP);
});

it('an executable of Bun', async () => {
  const program = join(project.dir, 'application');
  const args = ['build', '--compile', 'application.mjs', '--outfile', program];
  expect(await run(bun.program, args, { cwd: project.dir })).toMatchObject({ status: 0 });
  expect(await runBundle(false, program)).toEqual(RESULT);
});

describe.each([node, bun, deno])('$name', ({ program, args }) => {
  it('a worker thread', async () => {
    // Deno needs permission to read the worker's file.
    const permissions = program === deno.program ? ['--allow-read'] : [];
    const outcome = await run(program, [...args, ...permissions, 'worker.mjs', chronyd.address], {
      cwd: project.dir,
    });
    expect(outcome).toEqual(outcomeWith('7\n'));
  });
});
