/**
 * The commands: each does its work and returns the exit status. Modules that only some commands need are loaded on demand,
 * so that printing a report starts quickly.
 */

import { type ChronyConnection, once } from '../client/connection.ts';
import { isSourceAddress } from '../client/names.ts';
import type { ReportName } from '../reports/index.ts';
import { sharedLibchrony } from '../sandbox/instance.ts';
import { json } from '../util/json.ts';
import { type CommandOptions, choose, readLine, UsageError } from './arguments.ts';
import { checkClock } from './check.ts';
import { commandNamed, commandNames, commandsAccepting, SHELLS } from './manual/commands.ts';
import type { OptionName } from './manual/options.ts';
import type { Output } from './output.ts';
import { printCsv, printText, type Report, reports, reportText } from './reports.ts';
import type { SourceChoice } from './sources.ts';

const REPORT_NAMES = Object.keys(reports) as readonly ReportName[];

function noMore(command: string, rest: readonly string[]): void {
  if (rest.length > 0) throw new UsageError(`unexpected argument '${rest.join(' ')}' after ${command}`);
}

/** Throws if an option belongs to other commands. */
function checkOptions(command: string, options: readonly OptionName[]): void {
  const own = commandNamed(command)?.options ?? [];
  const wrong = options.find((option) => !own.includes(option));
  if (wrong === undefined) return;
  throw new UsageError(
    `--${wrong} cannot be used with ${command}; it is for ${commandsAccepting(wrong).join(', ')}`,
  );
}

/** Returns the sources selected by the arguments after a report's name. */
function sourceChoice(command: ReportName, args: readonly string[], all: boolean): SourceChoice {
  const [address] = command === 'ntpdata' ? args : [];
  noMore(command, address === undefined ? args : args.slice(1));
  if (address === undefined) return all ? 'all' : 'resolved';
  if (isSourceAddress(address)) return { address };
  throw new UsageError(`ntpdata needs the IP address of a source, not '${address}'; see chrony-wasm sources`);
}

/** Formats a report for the selected sources. */
function reportOf(command: ReportName, choice: SourceChoice, wide: boolean): Report {
  const report = reports[command];
  const format = wide ? (report.format.wide ?? report.format) : report.format;
  // no separator before a single record
  return { ...report, format: typeof choice === 'string' ? format : { ...format, separator: '' } };
}

async function runReport(
  chrony: ChronyConnection,
  command: ReportName,
  args: readonly string[],
  { format, all, names, wide, verbose }: CommandOptions,
  output: Output,
): Promise<number> {
  const selection = { sources: sourceChoice(command, args, all), names };
  const report = reportOf(command, selection.sources, wide);
  if (format === 'json') {
    await output.write(json(await report.data(chrony, selection), output.terminal !== null));
    return 0;
  }
  const records = await report.records(chrony, selection);
  await output.write(
    format === 'csv'
      ? records.map((record) => printCsv(report.format, record)).join('')
      : printText(report.format, records, verbose, output.terminal?.colors),
  );
  return 0;
}

async function runGeneric(
  [name, ...rest]: readonly string[],
  { format, connection }: CommandOptions,
  output: Output,
): Promise<number> {
  if (name === undefined) throw new UsageError('report needs the name of a report, e.g. report sources');
  noMore('report', rest);
  if (format === 'csv') throw new UsageError('report cannot print CSV; use --json');
  const report = choose('report', name, sharedLibchrony().reports);
  const records = await once(connection, (chrony) => chrony.getReport(report));
  await output.write(format === 'json' ? json(records, output.terminal !== null) : reportText(records));
  return 0;
}

async function runWatch(
  [name, ...rest]: readonly string[],
  options: CommandOptions,
  output: Output,
): Promise<number> {
  if (name === undefined) throw new UsageError('watch needs the name of a report, e.g. watch tracking');
  const command = choose('report', name, REPORT_NAMES);
  checkOptions(command, options.all ? ['all'] : []);
  const selection = { sources: sourceChoice(command, rest, options.all), names: options.names };
  const report = reportOf(command, selection.sources, options.wide);
  const { watchReport } = await import('./watch/command.ts');
  return watchReport(command, report, selection, options, output);
}

function runCheck(rest: readonly string[], options: CommandOptions, output: Output): Promise<number> {
  if (options.format === 'csv') {
    throw new UsageError('check cannot print CSV; use --json, or --critical if -c is meant as the threshold');
  }
  if (options.wide) {
    throw new UsageError(
      'check prints no tables; remove -w, or use --warning if -w is meant as the threshold',
    );
  }
  noMore('check', rest);
  return checkClock(options, output);
}

async function runCompletion([shell, ...rest]: readonly string[], output: Output): Promise<number> {
  if (shell === undefined) throw new UsageError(`completion needs the name of a shell: ${SHELLS.join(', ')}`);
  noMore('completion', rest);
  const { completionScript } = await import('./completion.ts');
  await output.write(completionScript(choose('shell', shell, SHELLS)));
  return 0;
}

/**
 * @param words - the command and its operands
 * @returns the exit status
 * @throws UsageError, ChronyError
 */
export async function runCommand(
  [name = '', ...args]: readonly string[],
  options: CommandOptions,
  output: Output,
  version: string,
): Promise<number> {
  const command = choose('command', name, commandNames);
  checkOptions(command, options.given);
  switch (command) {
    case 'report':
      return runGeneric(args, options, output);
    case 'watch':
      return runWatch(args, options, output);
    case 'check':
      return runCheck(args, options, output);
    case 'bound': {
      noMore('bound', args);
      const { runBound } = await import('./bound.ts');
      return runBound(options, output);
    }
    case 'serve': {
      noMore('serve', args);
      const { runServe } = await import('./serve.ts');
      return runServe(options, output, version);
    }
    case 'fleet': {
      const { runFleet } = await import('./fleet/command.ts');
      return runFleet(args, options, output, version);
    }
    case 'completion':
      return runCompletion(args, output);
    case 'man': {
      noMore('man', args);
      const { manualPage } = await import('./manual/man.ts');
      await output.write(manualPage(version));
      return 0;
    }
    default: {
      const run = await chronycCommand(command, args, options, output);
      return once(options.connection, run);
    }
  }
}

/** Runs a command on a connection. Returns the exit status. */
type Run = (chrony: ChronyConnection) => Promise<number>;

/** Returns a command of chronyc with checked arguments. @throws UsageError */
async function chronycCommand(
  command: string,
  args: readonly string[],
  options: CommandOptions,
  output: Output,
): Promise<Run> {
  switch (command) {
    case 'sourcename': {
      noMore(command, args.slice(1));
      const { readSourceAddress, runSourceName } = await import('./extension-reports.ts');
      const address = readSourceAddress(args[0]);
      return (chrony) => runSourceName(chrony, address, options, output);
    }
    case 'clients': {
      noMore(command, args);
      const { runClients } = await import('./extension-reports.ts');
      return (chrony) => runClients(chrony, options, output);
    }
    case 'manual': {
      const [list, ...rest] = args;
      if (list !== 'list') {
        throw new UsageError(
          `${list ? `manual ${list}: not supported; ` : ''}the only subcommand of manual is 'manual list', as chrony-wasm only reads`,
        );
      }
      noMore('manual list', rest);
      const { runManualList } = await import('./extension-reports.ts');
      return (chrony) => runManualList(chrony, options, output);
    }
    case 'waitsync': {
      noMore(command, args.slice(4));
      const { readLimits, waitForSync } = await import('./waitsync.ts');
      const limits = readLimits(args, options);
      return (chrony) => waitForSync(chrony, limits, options, output);
    }
    default: {
      const report = choose('report', command, REPORT_NAMES);
      return (chrony) => runReport(chrony, report, args, options, output);
    }
  }
}

/** A comment line of chronyc. */
const COMMENT = /^\s*(?:$|[!#%;])/;

/**
 * Runs commands of chronyc, each given as one argument, on one connection. Stops at the first failure.
 *
 * @returns the exit status
 * @throws UsageError, ChronyError
 */
export function runLines(lines: readonly string[], outer: CommandOptions, output: Output): Promise<number> {
  return once(outer.connection, async (chrony) => {
    for (const line of lines) {
      if (COMMENT.test(line)) continue;
      const { words, options } = readLine(line, outer);
      const [name = '', ...args] = words;
      if (name === 'exit' || name === 'quit') break;
      const command = choose('command', name, commandNames);
      if (!commandNamed(command)?.isChronyc)
        throw new UsageError(`-m cannot be used with ${command}; run it alone`);
      checkOptions(command, options.given);
      const run = await chronycCommand(command, args, options, output);
      const status = await run(chrony);
      if (status !== 0) return status;
    }
    return 0;
  });
}
