/**
 * The commands: each does its work and gives the exit status. Those that print a report are read with this file; the others are
 * imported when they are called, so that a report does not wait for them.
 */

import { isSourceAddress } from '../chronyc/reports/address.ts';
import { reportText } from '../chronyc/reports/report.ts';
import { printCsv, printText } from '../chronyc/reports/report-format.ts';
import { once } from '../client/one-shot.ts';
import type { ReportName } from '../reports/index.ts';
import { sharedLibchrony } from '../sandbox/instance.ts';
import { json } from '../util/json.ts';
import type { Choices } from './arguments.ts';
import { commandNamed, commandNames, SHELLS, takersOf } from './manual/commands.ts';
import type { OptionName } from './manual/options.ts';
import type { Output } from './output.ts';
import { type Report, reports } from './reports.ts';
import type { SourceChoice } from './sources.ts';
import { choose } from './suggest.ts';
import { UsageError } from './usage.ts';

const REPORT_NAMES = Object.keys(reports) as readonly ReportName[];

function noMore(command: string, rest: readonly string[]): void {
  if (rest.length > 0) throw new UsageError(`'${rest.join(' ')}' is too much after ${command}`);
}

/** Refuses what only other commands take. */
function checkOptions(command: string, options: readonly OptionName[]): void {
  const own = commandNamed(command)?.options ?? [];
  const wrong = options.find((option) => !own.includes(option));
  if (wrong === undefined) return;
  throw new UsageError(`--${wrong} makes no sense with ${command}; it is for ${takersOf(wrong).join(', ')}`);
}

/** Which sources are meant by what follows the name of a report. */
function sourceChoice(command: ReportName, args: readonly string[], all: boolean): SourceChoice {
  const [address] = command === 'ntpdata' ? args : [];
  noMore(command, address === undefined ? args : args.slice(1));
  if (address === undefined) return all ? 'all' : 'resolved';
  if (isSourceAddress(address)) return { address };
  throw new UsageError(`ntpdata needs the IP address of a source, not '${address}'; see chrony-wasm sources`);
}

/** A report as it is to be shown of these sources. */
function reportOf(command: ReportName, choice: SourceChoice): Report {
  const report = reports[command];
  // what separates many is not printed before a single one that was asked for
  return typeof choice === 'string' ? report : { ...report, format: { ...report.format, separator: '' } };
}

async function runReport(
  command: ReportName,
  args: readonly string[],
  { format, options, all, verbose }: Choices,
  output: Output,
): Promise<number> {
  const choice = sourceChoice(command, args, all);
  const report = reportOf(command, choice);
  const text = await once(options, async (chrony) => {
    if (format === 'json') return json(await report.data(chrony, choice), output.terminal !== null);
    const records = await report.records(chrony, choice);
    if (format === 'csv') return records.map((record) => printCsv(report.format, record)).join('');
    return printText(report.format, records, verbose, output.terminal?.colours);
  });
  await output.write(text);
  return 0;
}

async function runGeneric(
  [name, ...rest]: readonly string[],
  { format, options }: Choices,
  output: Output,
): Promise<number> {
  if (name === undefined) throw new UsageError('report needs the name of a report, e.g. report sources');
  noMore('report', rest);
  if (format === 'csv') throw new UsageError('report has no CSV; use --json');
  const report = choose('report', name, sharedLibchrony().reports);
  const records = await once(options, (chrony) => chrony.getReport(report));
  await output.write(format === 'json' ? json(records, output.terminal !== null) : reportText(records));
  return 0;
}

async function runWatch(
  [name, ...rest]: readonly string[],
  choices: Choices,
  output: Output,
): Promise<number> {
  if (name === undefined) throw new UsageError('watch needs the name of a report, e.g. watch tracking');
  const command = choose('report', name, REPORT_NAMES);
  checkOptions(command, choices.all ? ['all'] : []);
  const choice = sourceChoice(command, rest, choices.all);
  const { watchReport } = await import('./watch/command.ts');
  return watchReport(command, reportOf(command, choice), choice, choices, output);
}

async function runCheck(rest: readonly string[], choices: Choices, output: Output): Promise<number> {
  if (choices.format === 'csv') {
    throw new UsageError('check has no CSV; use --json, or --critical if -c is meant as the threshold');
  }
  noMore('check', rest);
  const { checkClock } = await import('./check/command.ts');
  return checkClock(choices, output);
}

async function runCompletion([shell, ...rest]: readonly string[], output: Output): Promise<number> {
  if (shell === undefined) throw new UsageError(`completion needs the name of a shell: ${SHELLS.join(', ')}`);
  noMore('completion', rest);
  const { completionScript } = await import('./completion/index.ts');
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
  choices: Choices,
  output: Output,
  version: string,
): Promise<number> {
  const command = choose('command', name, commandNames);
  checkOptions(command, choices.given);
  switch (command) {
    case 'report':
      return runGeneric(args, choices, output);
    case 'watch':
      return runWatch(args, choices, output);
    case 'check':
      return runCheck(args, choices, output);
    case 'bound': {
      noMore('bound', args);
      const { runBound } = await import('./bound.ts');
      return runBound(choices, output);
    }
    case 'serve': {
      noMore('serve', args);
      const { runServe } = await import('./serve.ts');
      return runServe(choices, output, version);
    }
    case 'completion':
      return runCompletion(args, output);
    case 'man': {
      noMore('man', args);
      const { manualPage } = await import('./manual/man.ts');
      await output.write(manualPage(version));
      return 0;
    }
    default:
      return runReport(choose('report', command, REPORT_NAMES), args, choices, output);
  }
}
