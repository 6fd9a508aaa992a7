/** The packed package in a program that was bundled, by each of the bundlers that `make bundlers` fetched. */
import { existsSync } from 'node:fs';
import { mkdir, readdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Chronyd } from '../support/chronyd.ts';
import { Project, ROOT } from './support/build.ts';
import { type Outcome, run } from './support/run.ts';
import { bun, node } from './support/runtimes.ts';

const BUNDLERS = join(ROOT, 'test/bundlers');

let project: Project;
let chronyd: Chronyd;

beforeAll(async () => {
  if (!existsSync(join(BUNDLERS, 'node_modules')))
    throw new Error("there are no bundlers: run 'make bundlers'");
  project = await Project.make();
  // prom-client needs the others; koffi is found at run time
  for (const name of ['prom-client', 'tdigest', 'bintrees', '@opentelemetry', 'koffi', '@koromix']) {
    await symlink(join(ROOT, 'node_modules', name), join(project.dir, 'node_modules', name));
  }
  chronyd = await Chronyd.start({ config: ['local stratum 7'] });
});
afterAll(async () => {
  await chronyd?.stop();
  await project?.[Symbol.asyncDispose]();
});

/** Nothing is said but the result, by the bundler neither. */
const said = (stdout: string): Outcome => ({ status: 0, signal: null, stdout, stderr: '' });
const RESULT = said('{"stratum":7,"unix":7,"metric":"3"}\n');

/** A bundle of the program in a folder of its own. */
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

const runs = (program: string, ...args: readonly string[]): Promise<Outcome> =>
  // it must not find the package
  run(program, [...args, chronyd.address, chronyd.socketPath], { cwd: '/' });

it.each(['esbuild', 'esbuild-splitting', 'rollup', 'vite', 'webpack'])('%s', async (name) => {
  const folder = await bundle(name, process.execPath, join(BUNDLERS, `${name}.mjs`));
  const [file = ''] = (await readdir(folder)).filter((each) => /^bundle\.[cm]js$/.test(each));
  expect(await runs(node.program, join(folder, file))).toEqual(RESULT);
});

// postject warns of the sections of some builds of Node.js, and they run
it('a single executable of Node.js', async () => {
  const folder = await bundle('sea', process.execPath, join(BUNDLERS, 'single-executable.mjs'));
  expect(await runs(join(folder, 'bundle'))).toEqual(RESULT);
});

it('an executable of Bun', async () => {
  const program = join(project.dir, 'application');
  const args = ['build', '--compile', 'application.mjs', '--outfile', program];
  expect(await run(bun.program, args, { cwd: project.dir })).toMatchObject({ status: 0 });
  expect(await runs(program)).toEqual(RESULT);
});

it('a worker thread', async () => {
  const outcome = await run(node.program, ['worker.mjs', chronyd.address], { cwd: project.dir });
  expect(outcome).toEqual(said('7\n'));
});
