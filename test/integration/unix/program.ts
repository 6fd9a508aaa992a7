/** A check of the suite as a child process that a test can communicate with. */

import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { type Child, spawn } from '../../support/spawn.ts';
import type { Runtime } from './runtimes.ts';

/** More than ten times as long as any check takes, so that only a hang reaches it. */
const HANG_MS = 60_000;

export interface Ending {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stderr: string;
}

/** The ending of a passed check: it prints nothing on stderr, not even a warning. */
export const PASSED: Ending = { status: 0, signal: null, stderr: '' };

export interface User {
  readonly uid: number;
  readonly gid: number;
}

export interface ProgramOptions {
  readonly cwd: string;
  /** The user that runs the program; needs root. */
  readonly user?: User;
  /** Run without access to the C library. */
  readonly without?: boolean;
  /** The program; default: the suite. */
  readonly file?: string;
  /** A wrapper program that runs this one, with its arguments, e.g. unshare. */
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
      // each user needs its own cache of Deno
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

  /** The next line of JSON that the program prints. */
  async next(): Promise<unknown> {
    const { value, done } = await this.#lines.next();
    if (done) throw new Error(`it ended without output: ${JSON.stringify(await this.ending())}`);
    return JSON.parse(value);
  }

  /** Lets the program continue. */
  proceed(): void {
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
