/** How large it is: what there is in the tarball, and what an import reads. */
import { execFile } from 'node:child_process';
import { readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { type Benchmark, type Result, within } from './benchmark.ts';
import { node } from './programs.ts';

/** The bytes of a module and of what it imports when it is imported. */
async function bytesOf(path: string, seen = new Set<string>()): Promise<number> {
  if (seen.has(path)) return 0;
  seen.add(path);
  const source = await readFile(path, 'utf8');
  let bytes = Buffer.byteLength(source);
  for (const [, file = ''] of source.matchAll(/\b(?:from|import)"(\.[^"]+)"/g)) {
    bytes += await bytesOf(join(dirname(path), file), seen);
  }
  return bytes;
}

async function bytesOfTarball(): Promise<number> {
  const { stdout } = await promisify(execFile)('npm', ['pack', '--dry-run', '--json']);
  return JSON.parse(stdout)[0].size;
}

/** What the sizes are, and what they may be, in bytes. */
export async function sizes(): Promise<Readonly<Record<'wasm' | 'entry' | 'tarball', [number, number]>>> {
  const { size } = await stat('dist/libchrony.wasm');
  return {
    wasm: [size, 16 * 1024],
    entry: [await bytesOf('dist/index.js'), 45 * 1024],
    tarball: [await bytesOfTarball(), 150 * 1024],
  };
}

export const size: Benchmark = {
  name: 'size',
  async run() {
    return Object.entries(await sizes()).map(
      ([what, [ours, reference]]): Result =>
        within({ name: `size-${what}`, ours, reference, unit: 'bytes', runtime: node.name }),
    );
  },
};
