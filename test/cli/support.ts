/** The command line as built from today's source, and the real chronyc to compare it with. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { readArguments } from '../../src/cli/arguments.ts';
import { runCommand } from '../../src/cli/commands.ts';
import type { Output } from '../../src/cli/output.ts';
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
    return join(this.#copy.root, 'dist/cli.cjs');
  }

  /** The path of its manual page. */
  get manualPage(): string {
    return join(this.#copy.root, 'dist/chrony-wasm.1');
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

const CHRONYC = join(findChrony(), 'bin/chronyc');

/** The version of the real chronyc, e.g. `4.3`. */
export const CHRONYC_VERSION = versionOf(execFileSync(CHRONYC, ['--version'], { encoding: 'utf8' }));

function versionOf(text: string): string {
  const version = /version (\d+\.\d+)/.exec(text)?.[1];
  if (version === undefined) throw new Error(`no version in: ${text}`);
  return version;
}

function isSince(version: string): boolean {
  return CHRONYC_VERSION.localeCompare(version, 'en', { numeric: true }) >= 0;
}

/** What a chronyd of that version replies to serverstats and ntpdata: chronyc knows no other replies. */
export const OF_ITS_TIME = {
  serverStatsReply: isSince('4.4') ? 25 : 24,
  ntpDataReply: isSince('4.6') ? 26 : 16,
} as const;

/** What the real chronyc prints of a server at 127.0.0.1. */
export function chronyc(port: number, ...args: readonly string[]): Promise<string> {
  return mustRun(CHRONYC, ['-n', '-h', '127.0.0.1', '-p', String(port), ...args], { env });
}

/** What the command line prints for these arguments, without the executable: in this process. */
export async function printed(address: string, ...args: readonly string[]): Promise<string> {
  const request = readArguments(['-h', address, ...args]);
  if (request.kind !== 'command') throw new Error(`${args.join(' ')} is no command`);
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
  };
  await runCommand(request.words, request.choices, output, 'of today');
  return text;
}
