/** The command line as built from today's source, and the real chronyc to compare it with. */
import { join } from 'node:path';
import { Copy } from '../package/support/build.ts';
import { mustRun, type Outcome, run } from '../package/support/run.ts';
import { findChrony } from '../support/chronyd.ts';

/** The same clock and language for both programs. */
const env = { TZ: 'UTC', LC_ALL: 'C' };

/** The executable, built once for a test file. */
export class CommandLine implements AsyncDisposable {
  readonly #copy: Copy;

  private constructor(copy: Copy) {
    this.#copy = copy;
  }

  static async build(): Promise<CommandLine> {
    const copy = await Copy.make();
    await copy.bundle();
    return new CommandLine(copy);
  }

  /** The path of the executable. */
  get program(): string {
    return join(this.#copy.root, 'dist/cli.js');
  }

  run(...args: readonly string[]): Promise<Outcome> {
    return run(process.execPath, [this.program, ...args], { env });
  }

  /** What it prints where it must succeed. */
  print(...args: readonly string[]): Promise<string> {
    return mustRun(process.execPath, [this.program, ...args], { env });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#copy[Symbol.asyncDispose]();
  }
}

/** What the real chronyc prints of a server at 127.0.0.1. */
export function chronyc(port: number, ...args: readonly string[]): Promise<string> {
  const program = join(findChrony(), 'bin/chronyc');
  return mustRun(program, ['-n', '-h', '127.0.0.1', '-p', String(port), ...args], { env });
}
