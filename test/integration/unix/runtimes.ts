/** The runtimes of the suite, and the projects with the built package installed. */
import { existsSync } from 'node:fs';
import { chmod, copyFile, cp, mkdir, mkdtemp, readFile, realpath, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { once, shared } from '../../support/once.ts';
import { built } from '../../system/package/support/build.ts';
import { mustRun } from '../../system/package/support/run.ts';

/** The folder from which tests run and programs are bundled. */
const ROOT = process.cwd();
const FETCHED = join(ROOT, 'test/system/runtimes/node_modules');
const { platform, arch } = process;

export interface Runtime {
  readonly name: string;
  /** The interface to the C library, and what a user must do to enable it. */
  readonly by: string;
  readonly needs: string;
  readonly program: string;
  /** The arguments before the file of the program. */
  readonly args: readonly string[];
  /** The same without access to the C library. */
  readonly argsWithout: readonly string[];
  /** Whether koffi is installed. */
  readonly koffi: boolean;
}

async function version(name: string): Promise<string> {
  return JSON.parse(await readFile(join(FETCHED, name, 'package.json'), 'utf8')).version;
}

const NODE_FFI = { by: 'node:ffi', needs: 'nothing' };

async function koffi(): Promise<{ readonly by: string; readonly needs: string }> {
  return { by: `koffi ${await version('koffi')}`, needs: 'npm install koffi' };
}

/** Whether every user may run a program. The checkout may be in root's home, which other users cannot access. */
async function isForAnyone(program: string): Promise<boolean> {
  for (let path = program; path !== '/'; path = dirname(path)) {
    if (((await stat(path)).mode & 1) === 0) return false;
  }
  return true;
}

/** A path at which every user may run a program, since as root the tests also run programs as other users. */
async function forAnyone(program: string): Promise<string> {
  const path = await realpath(program);
  if (process.geteuid?.() !== 0 || (await isForAnyone(path))) return program;
  return once(`runtime-${path.replaceAll(/\W+/g, '-')}`, async () => {
    await chmod(shared(), 0o711);
    const folder = await mkdtemp(join(shared(), 'runtime-'));
    const copy = join(folder, basename(path));
    await copyFile(path, copy);
    for (const each of [folder, copy]) await chmod(each, 0o755);
    return copy;
  });
}

/** The runtimes that `make runtimes` fetched, and the Node.js of this test. */
export async function findRuntimes(): Promise<readonly Runtime[]> {
  const node = async (number: string, program: string): Promise<Runtime> => {
    const ffi = Number(number.split('.')[0]) >= 26;
    return {
      name: `Node.js ${number}`,
      ...(ffi ? NODE_FFI : await koffi()),
      program: await forAnyone(program),
      args: [],
      argsWithout: ffi ? ['--no-experimental-ffi'] : [],
      koffi: !ffi,
    };
  };
  const deno = ['run', '--quiet', '--no-prompt', '--allow-net', '--allow-read', '--allow-write'];
  const fetched = async (name: string): Promise<Runtime> =>
    node(await version(name), join(FETCHED, name, 'bin/node'));
  const own = await node(process.versions.node, process.execPath);
  // these npm packages exist only for this platform
  const names = platform === 'linux' && arch === 'x64' ? ['node-22', 'node-24', 'node-26'] : [];
  const others = await Promise.all(names.map(fetched));
  return [
    own,
    ...others.filter(({ name }) => name !== own.name),
    {
      name: `Bun ${await version('bun')}`,
      by: 'bun:ffi',
      needs: 'nothing',
      program: await forAnyone(
        join(FETCHED, `@oven/bun-${platform}-${arch === 'arm64' ? 'aarch64' : arch}/bin/bun`),
      ),
      args: ['run'],
      argsWithout: ['run'],
      koffi: false,
    },
    {
      name: `Deno ${await version('deno')}`,
      by: 'Deno.dlopen',
      needs: '--allow-ffi --allow-read --allow-write',
      program: await forAnyone(
        join(FETCHED, `@deno/${platform}-${arch}${platform === 'linux' ? '-glibc' : ''}/deno`),
      ),
      args: [...deno, '--allow-ffi'],
      argsWithout: deno,
      koffi: false,
    },
  ];
}

/**
 * Two projects with the current package installed as by `npm install`, one of them with koffi.
 */
export class Projects implements AsyncDisposable {
  readonly #temp: string;

  private constructor(temp: string) {
    this.#temp = temp;
  }

  static async make(): Promise<Projects> {
    if (!existsSync(FETCHED)) throw new Error("the runtimes are not there: run 'make runtimes'");
    const temp = await realpath(await mkdtemp(join(tmpdir(), 'chrony-unix-')));
    const projects = new Projects(temp);
    const { root } = await built();
    for (const koffi of [true, false]) {
      const modules = join(projects.dir(koffi), 'node_modules');
      await mkdir(join(modules, 'chrony-wasm'), { recursive: true });
      for (const part of ['dist', 'package.json']) {
        await cp(join(root, part), join(modules, 'chrony-wasm', part), { recursive: true });
      }
      for (const name of koffi ? ['koffi', '@koromix'] : []) {
        await cp(join(FETCHED, name), join(modules, name), { recursive: true });
      }
      for (const program of ['suite.mjs', 'surroundings.mjs', 'workers.mjs', 'latency.mjs']) {
        await cp(join(ROOT, 'test/system/runtimes', program), join(projects.dir(koffi), program));
      }
      await cp(join(ROOT, 'test/system/runtimes/project.json'), join(projects.dir(koffi), 'package.json'));
    }
    // readable for other users, regardless of the umask here and at the checkout
    await mustRun('chmod', ['-R', 'u=rwX,go=rX', temp]);
    for (const koffi of [true, false]) {
      await mkdir(join(projects.dir(koffi), 'caches'));
      await chmod(join(projects.dir(koffi), 'caches'), 0o777);
    }
    return projects;
  }

  dir(koffi: boolean): string {
    return join(this.#temp, koffi ? 'with-koffi' : 'without-koffi');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#temp, { recursive: true, force: true });
  }
}
