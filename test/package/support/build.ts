/** The package built, packed and installed in a temporary folder: today's source, whatever dist/ holds. */
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { mustRun } from './run.ts';

/** Where tests are run, and programs bundled from them. */
export const ROOT = process.cwd();

/** What is not part of the source. */
const LEFT_OUT: ReadonlySet<string> = new Set(['.git', '.cache', 'node_modules', 'build', 'dist']);

/** A copy of the checkout in a temporary folder. */
export class Copy implements AsyncDisposable {
  /** The temporary folder, for whatever else is needed. */
  readonly temp: string;

  private constructor(temp: string) {
    this.temp = temp;
  }

  static async make(): Promise<Copy> {
    // some systems' temporary folder is a symbolic link, which runtimes resolve in what they print
    const copy = new Copy(await realpath(await mkdtemp(join(tmpdir(), 'chrony-wasm-'))));
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

  /** Makes the bundles in `dist`. */
  async bundle(): Promise<void> {
    await mustRun(process.execPath, ['esbuild.config.mjs'], { cwd: this.root });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.temp, { recursive: true, force: true });
  }
}

/** A project that has the packed package installed. */
export class Project implements AsyncDisposable {
  /** Its folder. */
  readonly dir: string;
  /** The installed package. */
  readonly installed: string;
  /** The paths in the tarball, below `package/`, sorted. */
  readonly packed: readonly string[];
  /** The bytes of the tarball. */
  readonly size: number;
  readonly tarball: string;
  readonly #copy: Copy;

  private constructor(copy: Copy, dir: string, packed: readonly string[], tarball: string, size: number) {
    this.#copy = copy;
    this.dir = dir;
    this.installed = join(dir, 'node_modules/chrony-wasm');
    this.packed = packed;
    this.tarball = tarball;
    this.size = size;
  }

  /** Builds, packs, and installs the tarball as a user would; nothing is fetched. */
  static async make(): Promise<Project> {
    const copy = await Copy.make();
    try {
      await mustRun('npm', ['run', '--silent', 'build'], { cwd: copy.root });
      const [packed] = JSON.parse(await mustRun('npm', ['pack', '--silent', '--json'], { cwd: copy.root }));
      const dir = join(copy.temp, 'project');
      await mkdir(dir);
      await writeFile(join(dir, 'package.json'), '{ "private": true }');
      const tarball = join(copy.root, packed.filename);
      await mustRun('npm', ['install', '--offline', '--no-audit', '--no-fund', tarball], { cwd: dir });
      await cp(join(ROOT, 'test/package/programs'), dir, { recursive: true });
      const paths = packed.files.map(({ path }: { path: string }) => path).sort();
      const project = new Project(copy, dir, paths, tarball, packed.size);
      if (!existsSync(project.installed)) throw new Error('npm installed nothing');
      return project;
    } catch (error) {
      await copy[Symbol.asyncDispose]();
      throw error;
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#copy[Symbol.asyncDispose]();
  }
}
