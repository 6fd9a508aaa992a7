/** A check of the suite as a child process, with which a test may talk. */

import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { type Child, spawn } from '../../support/spawn.ts';
import type { Runtime } from './runtimes.ts';

/** Nothing takes a tenth of it: only a program that hangs gets this far. */
const HANG_MS = 60_000;

export interface Ending {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stderr: string;
}

/** How a check ends that is passed: it says nothing on stderr, no warning either. */
export const PASSED: Ending = { status: 0, signal: null, stderr: '' };

export interface User {
  readonly uid: number;
  readonly gid: number;
}

export interface ProgramOptions {
  readonly cwd: string;
  /** As which user, where we are root. */
  readonly user?: User;
  /** Without a way to the C library. */
  readonly without?: boolean;
  /** Another program than the suite. */
  readonly file?: string;
  /** Run by this program and its arguments, e.g. unshare. */
  readonly under?: readonly string[];
}

export class Program {
  readonly #child: Child<'pipe', 'pipe', 'pipe'>;
  readonly #lines: AsyncIterator<string>;
  readonly #stderr: Promise<string>;
  readonly #closed: Promise<unknown[]>;

  constructor(
    runtime: Runtime,
    check: readonly string[],
    { cwd, user, without, under = [], file = 'suite.mjs' }: ProgramOptions,
  ) {
    const runtimeArgs = without ? runtime.argsWithout : runtime.args;
    const as =
      user === undefined ? [] : ['setpriv', `--reuid=${user.uid}`, `--regid=${user.gid}`, '--clear-groups'];
    const [program = '', ...args] = [...as, ...under, runtime.program, ...runtimeArgs, file, ...check];
    const child = spawn(program, args, {
      cwd,
      stdio: ['pipe', 'pipe', 'pipe'],
      // where each user can have one
      env: {
        ...process.env,
        NO_COLOR: '1',
        DENO_NO_UPDATE_CHECK: '1',
        DENO_DIR: join(cwd, `caches/${user?.uid ?? 'ours'}`),
      },
    });
    const hung = setTimeout(() => child.kill('SIGKILL'), HANG_MS);
    child.once('exit', () => clearTimeout(hung));
    this.#child = child;
    this.#closed = once(child, 'close');
    this.#stderr = text(child.stderr);
    this.#lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  }

  get pid(): number {
    const { pid } = this.#child;
    if (pid === undefined) throw new Error('it did not start');
    return pid;
  }

  /** What it tells next. */
  async told(): Promise<unknown> {
    const { value, done } = await this.#lines.next();
    if (done) throw new Error(`it ended without a word: ${JSON.stringify(await this.ending())}`);
    return JSON.parse(value);
  }

  /** Lets it go on. */
  tell(): void {
    this.#child.stdin.write('\n');
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  async ending(): Promise<Ending> {
    const [status, signal] = (await this.#closed) as [number | null, NodeJS.Signals | null];
    return { status, signal, stderr: await this.#stderr };
  }
}

async function text(stream: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
