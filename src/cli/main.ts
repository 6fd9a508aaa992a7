#!/usr/bin/env node
/** The executable `chrony-wasm`. */
import { ChronyError } from '../errors.ts';
import { readArguments } from './arguments.ts';
import { runCommand } from './commands.ts';
import { commandNames } from './manual/commands.ts';
import { helpFor } from './manual/help.ts';
import { type Output, StandardOutput } from './output.ts';
import { choose } from './suggest.ts';
import { UsageError } from './usage.ts';

/** The package's version, put in by the build. */
declare const VERSION: string;

async function run(args: readonly string[], output: Output): Promise<number> {
  const request = readArguments(args);
  switch (request.kind) {
    case 'help':
      await output.write(helpFor(request.command && choose('command', request.command, commandNames)));
      return 0;
    case 'version':
      await output.write(`chrony-wasm ${VERSION}\n`);
      return 0;
    case 'command':
      return runCommand(request.words, request.choices, output, VERSION);
  }
}

/** One line for a person: what went wrong and what to do. */
function complain(error: unknown, output: Output): number {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof UsageError) {
    output.complain(`${message} (see chrony-wasm --help)`);
    return 2;
  }
  const known = error instanceof ChronyError;
  output.complain(
    known ? message : `unexpected ${message}; this is a fault of chrony-wasm, please report it`,
  );
  return 1;
}

async function main(): Promise<void> {
  const output = new StandardOutput();
  // an output that cannot be written sets the status by itself
  const status = await run(process.argv.slice(2), output).catch((error: unknown) => complain(error, output));
  process.exitCode ||= status;
}

main();
