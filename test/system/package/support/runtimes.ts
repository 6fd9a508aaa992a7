/** The JavaScript runtimes that the package supports: the current Node.js, and the ones that `make runtimes` fetches. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './build.ts';

/** A runtime, and how to run a program in it. */
export interface Runtime {
  readonly name: string;
  readonly program: string;
  /** The arguments before the program's file and its arguments. */
  readonly args: readonly string[];
}

const { platform, arch } = process;

function fetched(path: string): string {
  const program = join(ROOT, 'test/system/runtimes/node_modules', path);
  if (existsSync(program)) return program;
  throw new Error(
    `${program} does not exist: run 'make runtimes' (the lock file must have it for ${platform} ${arch})`,
  );
}

export const node: Runtime = { name: 'Node.js', program: process.execPath, args: [] };

/** The oldest Node.js that `engines` allows. Its npm package exists only for this platform. */
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
  // Exactly the permissions that the package needs: its sockets are bound to 0.0.0.0. A missing permission is an error, not a
  // prompt.
  args: ['run', '--quiet', '--no-prompt', '--allow-net=127.0.0.1,0.0.0.0'],
};
