/** The sizes of the binary, of the files that an import of the library reads, and of the tarball. */
import { readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Project } from '../system/package/support/build.ts';
import { type Benchmark, type Result, within } from './benchmark.ts';
import { node } from './programs.ts';

/** The limits in bytes. */
const LIMITS = { wasm: 16 * 1024, entry: 45 * 1024, tarball: 150 * 1024 } as const;

export type Sizes = Readonly<Record<keyof typeof LIMITS, number>>;

/** Returns the bytes of a module and of the modules that it loads. */
async function bytesOf(path: string): Promise<number> {
  const paths = new Set([path]);
  let bytes = 0;
  for (const each of paths) {
    const source = await readFile(each, 'utf8');
    bytes += Buffer.byteLength(source);
    for (const [, file = ''] of source.matchAll(/\b(?:from|import) ?"(\.[^"]+)"/g))
      paths.add(join(dirname(each), file));
  }
  return bytes;
}

/** Returns the sizes of a packed and installed package, in bytes. */
export async function sizesOf({ installed, size }: Pick<Project, 'installed' | 'size'>): Promise<Sizes> {
  const dist = join(installed, 'dist');
  const { size: wasm } = await stat(join(dist, 'libchrony.wasm'));
  return { wasm, entry: await bytesOf(join(dist, 'index.cjs')), tarball: size };
}

export const size: Benchmark = {
  name: 'size',
  async run() {
    await using project = await Project.make();
    const sizes = Object.entries(await sizesOf(project)) as [keyof Sizes, number][];
    return sizes.map(
      ([what, ours]): Result =>
        within({ name: `size-${what}`, ours, reference: LIMITS[what], unit: 'bytes', runtime: node.name }),
    );
  },
};
