/** The command line `chrony-wasm`, which `start.ts` starts. */
import { ChronyError } from '../errors.ts';
import { choose, isCheck, readArguments, statusIsHealth, UsageError } from './arguments.ts';
import { STATUS, statusLine } from './check.ts';
import { runCommand, runLines } from './commands.ts';
import { commandNames } from './manual/commands.ts';
import { closeDeadTerminals, type Output, StandardOutput } from './output.ts';

/** The package's version, defined by the build. */
declare const VERSION: string;

const USAGE_OF_CHECK = 'Usage: chrony-wasm [options] check (see chrony-wasm check --help)\n';

/** @param aside - the exit status of help and version, which do not report the state of a clock */
async function run(args: readonly string[], aside: number, output: Output): Promise<number> {
  const request = readArguments(args);
  switch (request.kind) {
    case 'help': {
      const command = request.command && choose('command', request.command, commandNames);
      const { helpFor } = await import('./manual/help.ts');
      await output.write(helpFor(command));
      return aside;
    }
    case 'version':
      await output.write(`chrony-wasm ${VERSION}\n`);
      return aside;
    case 'command':
      return runCommand(request.words, request.options, output, VERSION);
    case 'commands':
      return runLines(request.lines, request.options, output);
  }
}

/** Describes an error, and what to do about it. */
function explain(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return error instanceof ChronyError || error instanceof UsageError
    ? message
    : `unexpected error: ${message}; this is a bug in chrony-wasm, please report it`;
}

/** Prints the error in one line. @param isHealth - whether the exit status is the health of clocks */
function complain(error: unknown, isHealth: boolean, output: Output): number {
  const isUsage = error instanceof UsageError;
  output.complain(explain(error) + (isUsage ? ' (see chrony-wasm --help)' : ''));
  if (isHealth) return STATUS.unknown;
  return isUsage ? 2 : 1;
}

/** Reports an error as a monitoring plugin's UNKNOWN: another output or status would be a statement about the clock. */
async function reportUnknown(error: unknown, output: Output): Promise<number> {
  const usage = error instanceof UsageError ? USAGE_OF_CHECK : '';
  await output.write(`${statusLine('unknown', explain(error))}\n${usage}`);
  return STATUS.unknown;
}

async function main(): Promise<void> {
  const args = process.argv.slice(2);
  const check = isCheck(args);
  const isHealth = statusIsHealth(args);
  process.on('exit', closeDeadTerminals);
  const output = new StandardOutput(isHealth ? STATUS.unknown : 1);
  // a failed output has set the exit code already
  const status = await run(args, check ? STATUS.unknown : 0, output).catch((error: unknown) =>
    check ? reportUnknown(error, output) : complain(error, isHealth, output),
  );
  process.exitCode ||= status;
}

main();
