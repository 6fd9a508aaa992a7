/**
 * The package built, packed and installed in a temporary folder: today's source, whatever dist/ holds. Or, in the
 * environment of `make test TARBALL=path`, the one that somebody has packed before.
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

/** Where tests are run, and programs bundled from them. */
export const ROOT = process.cwd();

/** What is not part of the source. */
const LEFT_OUT: ReadonlySet<string> = new Set(['.git', '.cache', 'node_modules', 'build', 'dist']);

async function temporaryFolder(): Promise<string> {
  // some systems' temporary folder is a symbolic link, which runtimes resolve in what they print
  return realpath(await mkdtemp(join(tmpdir(), 'chrony-wasm-')));
}

/** A copy of the checkout in a temporary folder. */
export class Copy implements AsyncDisposable {
  /** The temporary folder, for whatever else is needed. */
  readonly temp: string;

  private constructor(temp: string) {
    this.temp = temp;
  }

  /** @param folder - where to; a temporary one of its own, if that is left out */
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

  /** The copy itself. */
  get root(): string {
    return join(this.temp, 'checkout');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.temp, { recursive: true, force: true });
  }
}

/** The package that is tested. Whoever needs it must leave it as it is. */
export interface Built {
  /** Where `dist` is, beside what it was built with. */
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

/** What it would come to, of a tarball. */
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

/** Builds and packs, once for all test files that run side by side. */
export function built(): Promise<Built> {
  const { CHRONY_WASM_TARBALL: tarball } = process.env;
  return once('built', () => (tarball === undefined ? buildAndPack() : unpack(tarball)));
}

/** A project that has the packed package installed. */
export class Project implements AsyncDisposable {
  /** Its folder. */
  readonly dir: string;
  /** The installed package. */
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

  /** Installs the tarball as a user would; nothing is fetched. */
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
