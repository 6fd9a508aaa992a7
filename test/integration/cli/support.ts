/** The command line as built from the current source, and the real chronyc to compare it with. */
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { readArguments } from '../../../src/cli/arguments.ts';
import { runCommand, runLines } from '../../../src/cli/commands.ts';
import type { Output } from '../../../src/cli/output.ts';
import { env, installedChronyc } from '../../support/chronyc.ts';
import { asPrintedBy } from '../../support/differences.ts';
import { built } from '../../system/package/support/build.ts';
import { mustRun, type Outcome, run } from '../../system/package/support/run.ts';

/** The packaged executable. */
export class CommandLine {
  readonly #root: string;

  protected constructor(root: string) {
    this.#root = root;
  }

  static async build(): Promise<CommandLine> {
    return new CommandLine((await built()).root);
  }

  /** The path of the executable. */
  get program(): string {
    return join(this.#root, 'dist/cli.cjs');
  }

  /** The path of its manual page. */
  get manualPage(): string {
    return join(this.#root, 'dist/chrony-wasm.1');
  }

  run(...args: readonly string[]): Promise<Outcome> {
    return run(process.execPath, [this.program, ...args], { env });
  }

  /** The standard output of a run, which must succeed. */
  print(...args: readonly string[]): Promise<string> {
    return mustRun(process.execPath, [this.program, ...args], { env });
  }
}

/** The executable in a permanent place, like an installed one, rather than in a temporary folder. */
export class InstalledCommandLine extends CommandLine implements AsyncDisposable {
  readonly #folder: string;

  private constructor(folder: string) {
    super(folder);
    this.#folder = folder;
  }

  static async install(): Promise<InstalledCommandLine> {
    const { root } = await built();
    // serve --print-unit refuses a program in a temporary folder, where this checkout may be
    const folder = await mkdtemp(join(homedir(), '.chrony-wasm-test-'));
    for (const name of ['dist', 'package.json']) {
      await cp(join(root, name), join(folder, name), { recursive: true });
    }
    return new InstalledCommandLine(folder);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return rm(this.#folder, { recursive: true, force: true });
  }
}

/** The version of the real chronyc, e.g. `4.3`. */
export const CHRONYC_VERSION = installedChronyc().version;

/** The versions of replies that the real chronyc supports, where chronyd has several. */
export const CHRONYC_REPLIES = installedChronyc().replies;

/** The output of the real chronyc for a server at 127.0.0.1. */
export function chronyc(port: number, ...args: readonly string[]): Promise<string> {
  return installedChronyc().printAt(port, ...args);
}

/** The output of the command line for these arguments, run in this process rather than by the executable. */
export async function printed(address: string, ...args: readonly string[]): Promise<string> {
  const request = readArguments(['-h', address, ...args]);
  if (request.kind !== 'command' && request.kind !== 'commands') {
    throw new Error(`${args.join(' ')} is not a command`);
  }
  let text = '';
  const output: Output = {
    terminal: null,
    gone: new AbortController().signal,
    write: async (more) => {
      text += more;
    },
    complain: (message) => {
      throw new Error(message);
    },
    report: (line) => {
      throw new Error(line);
    },
  };
  if (request.kind === 'commands') await runLines(request.lines, request.options, output);
  else await runCommand(request.words, request.options, output, 'of today');
  return text;
}

/** The output of {@link printed} in the format of the real chronyc's version, where it differs from the newest. */
export async function printedLikeChronyc(address: string, ...args: readonly string[]): Promise<string> {
  return asPrintedBy(CHRONYC_VERSION, args, await printed(address, ...args));
}
