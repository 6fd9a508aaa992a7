/** Where the command line keeps its code compiled: in the user's own folder for caches, and nowhere else. */
import { chmod, chown, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findRuntimes } from '../../integration/unix/runtimes.ts';
import { Project } from './support/build.ts';
import { run } from './support/run.ts';

let project: Project;

beforeAll(async () => {
  project = await Project.make();
});
afterAll(() => project?.[Symbol.asyncDispose]());

/** Those that can keep it, and for which that pays. */
const runtimes = (await findRuntimes()).filter(({ name }) =>
  /^(?:Node\.js (?:2[4-9]|[3-9]\d)|Bun)/.test(name),
);
const others = (await findRuntimes()).filter(({ name }) => /^Node\.js 2[0-2]/.test(name));

/** A home of its own. */
async function home(): Promise<string> {
  return mkdtemp(join(project.dir, 'home-'));
}

const NOBODY = 65534;

describe.each([...runtimes, ...others])('$name', ({ name, program, args }) => {
  const keeps = runtimes.some((each) => each.name === name);

  /** Runs the command, which must say what it says without a cache. */
  const runs = async (
    env: Readonly<Record<string, string>>,
    flags: readonly string[] = [],
  ): Promise<void> => {
    const command = join(project.installed, 'dist/cli.cjs');
    const outcome = await run(program, [...flags, ...args, command, '--version'], {
      // Bun has a cache of its own, in the same folder
      env: { XDG_CACHE_HOME: '', NODE_COMPILE_CACHE: '', BUN_RUNTIME_TRANSPILER_CACHE_PATH: '0', ...env },
    });
    expect(outcome).toMatchObject({ status: 0, stderr: '' });
    expect(outcome.stdout).toMatch(/^chrony-wasm /);
  };

  it('keeps it in ~/.cache, if that is there', async () => {
    const HOME = await home();
    await mkdir(join(HOME, '.cache'));
    await runs({ HOME });
    await runs({ HOME });
    expect(await readdir(join(HOME, '.cache'))).toEqual(keeps ? ['chrony-wasm'] : []);
  });

  it('keeps it where XDG_CACHE_HOME says', async () => {
    const HOME = await home();
    const caches = await home();
    await mkdir(join(HOME, '.cache'));
    await runs({ HOME, XDG_CACHE_HOME: caches });
    expect(await readdir(join(HOME, '.cache'))).toEqual([]);
    expect(await readdir(caches)).toEqual(keeps ? ['chrony-wasm'] : []);
  });

  it('keeps none where the user wants none', async () => {
    const HOME = await home();
    await mkdir(join(HOME, '.cache'));
    await runs({ HOME, NODE_DISABLE_COMPILE_CACHE: '1' });
    expect(await readdir(join(HOME, '.cache'))).toEqual([]);
  });

  it('makes no folder for caches', async () => {
    const HOME = await home();
    await runs({ HOME });
    expect(await readdir(HOME)).toEqual([]);
  });

  // only root can give a folder to another user
  it.runIf(process.getuid?.() === 0)('leaves the folder of another user alone', async () => {
    const HOME = await home();
    await mkdir(join(HOME, '.cache'));
    await chown(join(HOME, '.cache'), NOBODY, NOBODY);
    await runs({ HOME });
    expect(await readdir(join(HOME, '.cache'))).toEqual([]);
  });

  it('does without where nothing can be written', async () => {
    const HOME = await home();
    await mkdir(join(HOME, '.cache'));
    await chmod(join(HOME, '.cache'), 0o500);
    await runs({ HOME });
    // as root nothing is read-only
    if (process.getuid?.() !== 0) expect(await readdir(join(HOME, '.cache'))).toEqual([]);
    await runs({ HOME: '/dev/null' });
    await rm(HOME, { recursive: true });
  });

  // only Node.js has a permission model
  it.runIf(name.startsWith('Node.js'))('does without where the permission model denies it', async () => {
    const HOME = await home();
    await mkdir(join(HOME, '.cache'));
    const model = name.startsWith('Node.js 20') ? '--experimental-permission' : '--permission';
    await runs({ HOME }, ['--no-warnings', model, `--allow-fs-read=${project.dir}/`]);
    expect(await readdir(join(HOME, '.cache'))).toEqual([]);
  });
});
