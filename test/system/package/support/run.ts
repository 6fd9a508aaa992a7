/** Runs child processes without blocking the test, since their mock runs in the process of the test. */
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { spawn } from '../../../support/spawn.ts';

/** The exit status and the output of a program, decoded as Latin-1: one character per byte, so that no byte is lost. */
export interface Outcome {
  /** The exit status; null if a signal ended the program. */
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly cwd?: string;
  /** Variables to add to the environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** The timeout in milliseconds, after which the program counts as hung. Compilers need more than the package. */
  readonly hangMs?: number;
}

/** No program takes a tenth of this, and a build on a loaded machine takes half: only a hung program reaches it. */
const HANG_MS = 110_000;

/** The whole output of a program, decoded as Latin-1. */
export async function text(stream: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString('latin1');
}

/** Runs a program to its end. @throws Error if it hangs */
export async function run(
  program: string,
  args: readonly string[],
  { cwd, env, hangMs = HANG_MS }: RunOptions = {},
): Promise<Outcome> {
  const child = spawn(program, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let hung = false;
  const guard = setTimeout(() => {
    hung = true;
    child.kill('SIGKILL');
  }, hangMs);
  const [[status, signal], stdout, stderr] = await Promise.all([
    once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>,
    text(child.stdout),
    text(child.stderr),
  ]).finally(() => clearTimeout(guard));
  if (hung) throw new Error(`${program} ${args.join(' ')} hung. Its output:\n${stdout}${stderr}`);
  return { status, signal, stdout, stderr };
}

/** Runs a program that must succeed. @throws Error with its whole output if it fails */
export async function mustRun(
  program: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<string> {
  const { status, signal, stdout, stderr } = await run(program, args, options);
  if (status === 0) return stdout;
  throw new Error(`${program} ${args.join(' ')} ended with ${status ?? signal}:\n${stdout}${stderr}`);
}
