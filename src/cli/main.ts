#!/usr/bin/env node
/** The executable `chrony-wasm`. */
import { ChronyError } from '../errors.ts';
import { readArguments } from './arguments.ts';
import { runCommand } from './commands.ts';
import { helpFor } from './help.ts';
import { UsageError } from './usage.ts';

/** The package's version, put in by the build. */
declare const VERSION: string;

async function output(args: readonly string[]): Promise<string> {
  const request = readArguments(args);
  switch (request.kind) {
    case 'help':
      return helpFor(request.command);
    case 'version':
      return `chrony-wasm ${VERSION}\n`;
    case 'command':
      return runCommand(request.words, { ...request, pretty: process.stdout.isTTY === true });
  }
}

/** One line for a person: what went wrong and what to do. */
function complain(error: unknown): number {
  const message = error instanceof Error ? error.message : String(error);
  const hint = error instanceof UsageError ? ' (see chrony-wasm --help)' : '';
  const known = error instanceof UsageError || error instanceof ChronyError;
  const line = known ? message : `unexpected ${message}; this is a fault of chrony-wasm, please report it`;
  process.stderr.write(`chrony-wasm: ${line.replaceAll(/\s*\n\s*/g, ' | ')}${hint}\n`);
  return error instanceof UsageError ? 2 : 1;
}

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // whoever reads our output may stop reading, e.g. head
  if (error.code === 'EPIPE') return;
  process.stderr.write(`chrony-wasm: cannot write the output: ${error.message}\n`);
  process.exitCode = 1;
});

try {
  process.stdout.write(await output(process.argv.slice(2)));
} catch (error) {
  process.exitCode = complain(error);
}
