/** The JavaScript runtimes that the package is for: this Node.js, and those that `make runtimes` fetched. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './build.ts';

/** A runtime: how it runs a program. */
export interface Runtime {
  readonly name: string;
  readonly program: string;
  /** What comes before the program's own file and arguments. */
  readonly args: readonly string[];
}

const { platform, arch } = process;

function fetched(path: string): string {
  const program = join(ROOT, 'test/system/runtimes/node_modules', path);
  if (existsSync(program)) return program;
  throw new Error(
    `${program} is not there: run 'make runtimes' (it must be in the lock file for ${platform} ${arch})`,
  );
}

export const node: Runtime = { name: 'Node.js', program: process.execPath, args: [] };

/** The first Node.js that `engines` allows; an npm package that exists for this platform only. */
export const oldestNode: readonly Runtime[] =
  platform === 'linux' && arch === 'x64'
    ? [{ name: 'the oldest Node.js', program: fetched('node-20/bin/node'), args: [] }]
    : [];

export const bun: Runtime = {
  name: 'Bun',
  program: fetched(`@oven/bun-${platform}-${arch === 'arm64' ? 'aarch64' : arch}/bin/bun`),
  args: ['run'],
};

export const deno: Runtime = {
  name: 'Deno',
  program: fetched(`@deno/${platform}-${arch}${platform === 'linux' ? '-glibc' : ''}/deno`),
  // The permissions that the package needs, and no more: its sockets are bound to 0.0.0.0. A missing one
  // fails instead of asking.
  args: ['run', '--quiet', '--no-prompt', '--allow-net=127.0.0.1,0.0.0.0'],
};
