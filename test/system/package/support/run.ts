/** Programs as children of the test, without blocking it: the mock they talk to lives in the same process. */
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { spawn } from '../../../support/spawn.ts';

/** How a program ended and what it said, as Latin-1: a character for each byte, so nothing is lost. */
export interface Outcome {
  /** Null if a signal ended it. */
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly cwd?: string;
  /** Added to the environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** After this it hangs, in milliseconds; what compiles takes longer than what we ship. */
  readonly hangMs?: number;
}

/** Nothing here takes a tenth of it, and a build half where much else runs: only a program that hangs gets this far. */
const HANG_MS = 110_000;

/** All that a program says, as Latin-1. */
export async function text(stream: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString('latin1');
}

/** Runs a program to its end. @throws Error if it hangs. */
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
  if (hung) throw new Error(`${program} ${args.join(' ')} hung; it said:\n${stdout}${stderr}`);
  return { status, signal, stdout, stderr };
}

/** Runs a program that must succeed. @throws Error with all it said if it does not. */
export async function mustRun(
  program: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<string> {
  const { status, signal, stdout, stderr } = await run(program, args, options);
  if (status === 0) return stdout;
  throw new Error(`${program} ${args.join(' ')} ended with ${status ?? signal}:\n${stdout}${stderr}`);
}
