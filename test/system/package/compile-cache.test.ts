/** The compile cache of the command line is in the user's cache folder, and nowhere else. */
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

/** The runtimes that support a compile cache and start faster with it. */
const runtimes = (await findRuntimes()).filter(({ name }) =>
  /^(?:Node\.js (?:2[4-9]|[3-9]\d)|Bun)/.test(name),
);
const others = (await findRuntimes()).filter(({ name }) => /^Node\.js 2[0-2]/.test(name));

/** Makes a new home folder. */
async function home(): Promise<string> {
  return mkdtemp(join(project.dir, 'home-'));
}

const NOBODY = 65534;

describe.each([...runtimes, ...others])('$name', ({ name, program, args }) => {
  const keeps = runtimes.some((each) => each.name === name);

  /** Runs the command, which must print the same as without a cache. */
  const runs = async (
    env: Readonly<Record<string, string>>,
    flags: readonly string[] = [],
  ): Promise<void> => {
    const command = join(project.installed, 'dist/cli.cjs');
    const outcome = await run(program, [...flags, ...args, command, '--version'], {
      // Bun has its own cache in the same folder.
      env: { XDG_CACHE_HOME: '', NODE_COMPILE_CACHE: '', BUN_RUNTIME_TRANSPILER_CACHE_PATH: '0', ...env },
    });
    expect(outcome).toMatchObject({ status: 0, stderr: '' });
    expect(outcome.stdout).toMatch(/^chrony-wasm /);
  };

  it('is in ~/.cache if that folder exists', async () => {
    const HOME = await home();
    await mkdir(join(HOME, '.cache'));
    await runs({ HOME });
    await runs({ HOME });
    expect(await readdir(join(HOME, '.cache'))).toEqual(keeps ? ['chrony-wasm'] : []);
  });

  it('is in the folder in XDG_CACHE_HOME', async () => {
    const HOME = await home();
    const caches = await home();
    await mkdir(join(HOME, '.cache'));
    await runs({ HOME, XDG_CACHE_HOME: caches });
    expect(await readdir(join(HOME, '.cache'))).toEqual([]);
    expect(await readdir(caches)).toEqual(keeps ? ['chrony-wasm'] : []);
  });

  it('is not written if the user has disabled it', async () => {
    const HOME = await home();
    await mkdir(join(HOME, '.cache'));
    await runs({ HOME, NODE_DISABLE_COMPILE_CACHE: '1' });
    expect(await readdir(join(HOME, '.cache'))).toEqual([]);
  });

  it('is not written if there is no cache folder', async () => {
    const HOME = await home();
    await runs({ HOME });
    expect(await readdir(HOME)).toEqual([]);
  });

  // Only root can change the owner of a folder.
  it.runIf(process.getuid?.() === 0)('is not written to a folder of another user', async () => {
    const HOME = await home();
    await mkdir(join(HOME, '.cache'));
    await chown(join(HOME, '.cache'), NOBODY, NOBODY);
    await runs({ HOME });
    expect(await readdir(join(HOME, '.cache'))).toEqual([]);
  });

  it('is left out if the folder is read-only', async () => {
    const HOME = await home();
    await mkdir(join(HOME, '.cache'));
    await chmod(join(HOME, '.cache'), 0o500);
    await runs({ HOME });
    // For root, no folder is read-only.
    if (process.getuid?.() !== 0) expect(await readdir(join(HOME, '.cache'))).toEqual([]);
    await runs({ HOME: '/dev/null' });
    await rm(HOME, { recursive: true });
  });

  // Only Node.js has a permission model.
  it.runIf(name.startsWith('Node.js'))('is left out if the permission model denies it', async () => {
    const HOME = await home();
    await mkdir(join(HOME, '.cache'));
    const model = name.startsWith('Node.js 20') ? '--experimental-permission' : '--permission';
    await runs({ HOME }, ['--no-warnings', model, `--allow-fs-read=${project.dir}/`]);
    expect(await readdir(join(HOME, '.cache'))).toEqual([]);
  });
});
