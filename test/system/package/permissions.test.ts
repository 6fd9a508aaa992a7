/**
 * Node's permission model in each version of Node.js: the package works with exactly the permissions that it needs, and gives a
 * clear error if one of them is missing.
 */
import { cp, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findRuntimes, Projects, type Runtime } from '../../integration/unix/runtimes.ts';
import { Chronyd } from '../../support/chronyd.ts';
import { writeFigures } from '../../support/figures.ts';
import { ROOT } from './support/build.ts';
import { run } from './support/run.ts';

/** The number of sets of permissions that were tested, complete and with one permission missing. */
const counts = { answered: 0, denied: 0 };

let projects: Projects;
let chronyd: Chronyd;
/** The permissions to read the program and its packages, without which Node.js does not start. */
let readable: readonly string[];

beforeAll(async () => {
  projects = await Projects.make();
  chronyd = await Chronyd.start({ config: ['local stratum 7'] });
  for (const koffi of [true, false]) {
    for (const program of ['one-shot.mjs', 'fail.mjs']) {
      await cp(join(ROOT, 'test/system/package/programs', program), join(projects.dir(koffi), program));
    }
  }
  // the target of the link to koffi
  const fetched = await realpath(join(ROOT, 'test/system/runtimes/node_modules'));
  readable = [projects.dir(true), projects.dir(false), fetched].map((dir) => `--allow-fs-read=${dir}/`);
});
afterAll(async () => {
  if (process.env['PROCESS_FIGURES'] !== undefined) {
    writeFigures('process', [
      {
        what: `Node's permission model in ${runtimes.map(([name]) => name).join(', ')}`,
        figure:
          `answered with each of ${counts.answered} exact sets of permissions; with each of ${counts.denied} ` +
          'that lack one, an error that names it',
        command: 'make test-process',
      },
    ]);
  }
  await chronyd?.stop();
  await projects?.[Symbol.asyncDispose]();
});

const major = ({ name }: Runtime): number => Number(/^Node\.js (\d+)/.exec(name)?.[1]);

/** The permissions for UDP, besides reading the program: Node.js requires one from version 25. */
const forUdp = (runtime: Runtime): readonly string[] => (major(runtime) >= 25 ? ['--allow-net'] : []);

/** The permissions for a Unix socket, which does not use Node's own network code. */
const forUnix = (runtime: Runtime): readonly string[] => [
  runtime.koffi ? '--allow-addons' : '--allow-ffi',
  `--allow-fs-read=${chronyd.dir}`,
  `--allow-fs-write=${chronyd.dir}`,
];

const runtimes = (await findRuntimes())
  .filter(({ name }) => name.startsWith('Node.js'))
  .map((runtime) => [runtime.name, runtime] as const);

describe.each(runtimes)('%s', (_, runtime) => {
  const permitted = (permissions: readonly string[], program: string, address: string) => {
    const model = major(runtime) < 22 ? '--experimental-permission' : '--permission';
    // warnings of Node.js itself, about the flags
    const flags = ['--no-warnings', model, ...readable, ...permissions];
    return run(runtime.program, [...flags, program, address], { cwd: projects.dir(runtime.koffi) });
  };
  const answers = async (permissions: readonly string[], address: string): Promise<void> => {
    const outcome = await permitted(permissions, 'one-shot.mjs', address);
    expect(outcome).toEqual({ status: 0, signal: null, stdout: '7\n', stderr: '' });
    counts.answered++;
  };
  /** Expects an error of the package that names the missing permission. */
  const isDenied = async (
    permissions: readonly string[],
    missing: string,
    address: string,
  ): Promise<void> => {
    const outcome = await permitted(permissions, 'fail.mjs', address);
    expect(outcome).toMatchObject({ status: 0, stderr: '' });
    expect(JSON.parse(outcome.stdout)).toMatchObject({
      name: 'ChronyPermissionError',
      code: 'ERR_CHRONY_PERMISSION',
      message: expect.stringContaining(missing),
    });
    counts.denied++;
  };

  it('works over UDP with exactly these permissions', async () => {
    const needed = forUdp(runtime);
    await answers(needed, chronyd.address);
    for (const missing of needed) {
      await isDenied(without(needed, missing), missing, chronyd.address);
      // It cannot look up a name either.
      await isDenied(without(needed, missing), missing, `localhost:${chronyd.commandPort}`);
    }
  });

  it('works over a Unix socket with exactly these permissions', async () => {
    const needed = forUnix(runtime);
    await answers(needed, chronyd.socketPath);
    for (const missing of needed) await isDenied(without(needed, missing), missing, chronyd.socketPath);
  });
});

function without(permissions: readonly string[], missing: string): string[] {
  return permissions.filter((permission) => permission !== missing);
}
