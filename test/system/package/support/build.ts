/**
 * Builds, packs and installs the package in a temporary folder, from the current source, regardless of dist/. With
 * `make test TARBALL=path`, installs that tarball instead.
 */
import { existsSync } from 'node:fs';
import {
  cp,
  mkdir,
  mkdtemp,
  readdir,
  realpath,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { once, shared } from '../../../support/once.ts';
import { mustRun } from './run.ts';

/** The root of the repository. Bundled programs also run there, so it is not derived from the file's own path. */
export const ROOT = process.cwd();

/** The entries of the checkout that are not part of the source. */
const LEFT_OUT: ReadonlySet<string> = new Set(['.git', '.cache', 'node_modules', 'build', 'dist']);

async function temporaryFolder(): Promise<string> {
  // On some systems the temporary folder is a symbolic link, which runtimes resolve in the paths that they print.
  return realpath(await mkdtemp(join(tmpdir(), 'chrony-wasm-')));
}

/** A copy of the checkout in a temporary folder. */
export class Copy implements AsyncDisposable {
  /** The temporary folder, also for other files. */
  readonly temp: string;

  private constructor(temp: string) {
    this.temp = temp;
  }

  /** @param folder - the destination; by default a new temporary folder */
  static async make(folder?: string): Promise<Copy> {
    const copy = new Copy(folder ?? (await temporaryFolder()));
    for (const entry of await readdir(ROOT)) {
      if (LEFT_OUT.has(entry)) continue;
      await cp(join(ROOT, entry), join(copy.root, entry), {
        recursive: true,
        filter: (path) => !LEFT_OUT.has(basename(path)),
      });
    }
    await symlink(join(ROOT, 'node_modules'), join(copy.root, 'node_modules'));
    return copy;
  }

  /** The folder of the copy. */
  get root(): string {
    return join(this.temp, 'checkout');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.temp, { recursive: true, force: true });
  }
}

/** The package under test. Tests share it and must not change it. */
export interface Built {
  /** The folder that contains `dist` and the other files of its build. */
  readonly root: string;
  readonly tarball: string;
  /** The paths in the tarball, below `package/`, sorted. */
  readonly packed: readonly string[];
  /** The bytes of the tarball. */
  readonly size: number;
}

async function buildAndPack(): Promise<Built> {
  const { root } = await Copy.make(shared());
  await mustRun('npm', ['run', '--silent', 'build'], { cwd: root });
  const [packed] = JSON.parse(await mustRun('npm', ['pack', '--silent', '--json'], { cwd: root }));
  return {
    root,
    tarball: join(root, packed.filename),
    packed: packed.files.map(({ path }: { path: string }) => path).sort(),
    size: packed.size,
  };
}

/** The same from a given tarball. */
async function unpack(tarball: string): Promise<Built> {
  const temp = await mkdtemp(join(shared(), 'packed-'));
  await mustRun('tar', ['-xzf', tarball, '-C', temp]);
  const listed = await mustRun('tar', ['-tzf', tarball]);
  const root = join(temp, 'checkout');
  await rename(join(temp, 'package'), root);
  await symlink(join(ROOT, 'node_modules'), join(root, 'node_modules'));
  return {
    root,
    tarball,
    packed: listed
      .trim()
      .split('\n')
      .map((path) => path.replace('package/', ''))
      .sort(),
    size: (await stat(tarball)).size,
  };
}

/** Builds and packs the package once for all test files that run in parallel. */
export function built(): Promise<Built> {
  const { CHRONY_WASM_TARBALL: tarball } = process.env;
  return once('built', () => (tarball === undefined ? buildAndPack() : unpack(tarball)));
}

/** A project with the packed package installed. */
export class Project implements AsyncDisposable {
  /** The folder of the project. */
  readonly dir: string;
  /** The folder of the installed package. */
  readonly installed: string;
  readonly packed: readonly string[];
  readonly size: number;
  readonly tarball: string;
  readonly #temp: string;

  private constructor(temp: string, dir: string, { packed, tarball, size }: Built) {
    this.#temp = temp;
    this.dir = dir;
    this.installed = join(dir, 'node_modules/chrony-wasm');
    this.packed = packed;
    this.tarball = tarball;
    this.size = size;
  }

  /** Installs the tarball as a user would, without downloads. */
  static async make(): Promise<Project> {
    const tarball = await built();
    const temp = await temporaryFolder();
    const dir = join(temp, 'project');
    const project = new Project(temp, dir, tarball);
    try {
      await mkdir(dir);
      await writeFile(join(dir, 'package.json'), '{ "private": true }');
      await mustRun('npm', ['install', '--offline', '--no-audit', '--no-fund', tarball.tarball], {
        cwd: dir,
      });
      await cp(join(ROOT, 'test/system/package/programs'), dir, { recursive: true });
      if (!existsSync(project.installed)) throw new Error('npm installed nothing');
      return project;
    } catch (error) {
      await project[Symbol.asyncDispose]();
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#temp, { recursive: true, force: true });
  }
}
