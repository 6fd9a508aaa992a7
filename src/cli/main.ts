/** The command line `chrony-wasm`, which `start.ts` starts. */
import { ChronyError } from '../errors.ts';
import { choose, isCheck, readArguments, statusIsHealth, UsageError } from './arguments.ts';
import { STATUS, statusLine } from './check.ts';
import { runCommand, runLines } from './commands.ts';
import { commandNames } from './manual/commands.ts';
import { closeDeadTerminals, type Output, StandardOutput } from './output.ts';

/** The package's version, put in by the build. */
declare const VERSION: string;

const USAGE_OF_CHECK = 'Usage: chrony-wasm [options] check (see chrony-wasm check --help)\n';

/** @param aside - the exit status of help and version, which are about the program and not about a clock */
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

/** What went wrong and what to do. */
function explain(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return error instanceof ChronyError || error instanceof UsageError
    ? message
    : `unexpected error: ${message}; this is a fault of chrony-wasm, please report it`;
}

/** One line for a person. @param isHealth - whether the exit status tells the health of clocks */
function complain(error: unknown, isHealth: boolean, output: Output): number {
  const isUsage = error instanceof UsageError;
  output.complain(explain(error) + (isUsage ? ' (see chrony-wasm --help)' : ''));
  if (isHealth) return STATUS.unknown;
  return isUsage ? 2 : 1;
}

/** As a monitoring plugin's UNKNOWN: any other output or status would say something about the clock. */
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
  // an output that cannot be written sets the status by itself
  const status = await run(args, check ? STATUS.unknown : 0, output).catch((error: unknown) =>
    check ? reportUnknown(error, output) : complain(error, isHealth, output),
  );
  process.exitCode ||= status;
}

main();
