/** The commands: each asks chronyd once and gives the text to print. */

import { ChronyConnection } from '../connection.ts';
import { sharedLibchrony } from '../libchrony.ts';
import type { ChronyOptions } from '../options.ts';
import type { ReportName } from '../reports/index.ts';
import type { Format } from './arguments.ts';
import { isSourceAddress } from './format/address.ts';
import { json } from './format/json.ts';
import { reportText } from './format/report.ts';
import { printCsv, printText } from './format/report-format.ts';
import { reports } from './reports.ts';
import type { SourceChoice } from './sources.ts';
import { choose } from './suggest.ts';
import { UsageError } from './usage.ts';

/** What a command is run with. */
export interface Invocation {
  readonly format: Format;
  readonly options: ChronyOptions;
  /** Whether a person reads it. */
  readonly pretty: boolean;
  /** Whether to include sources whose name is not resolved. */
  readonly all?: boolean;
  /** Whether to explain the columns. */
  readonly verbose?: boolean;
}

/** The reports in which chronyc leaves out sources whose name is not resolved, unless told otherwise. */
const WITH_ALL: readonly string[] = ['sources', 'sourcestats', 'selectdata', 'authdata'];

/** The generic view of a report. */
const GENERIC = 'report';

/** All commands. */
export const COMMANDS: readonly string[] = [...Object.keys(reports), GENERIC];

async function connected<T>(
  options: ChronyOptions,
  ask: (chrony: ChronyConnection) => Promise<T>,
): Promise<T> {
  const connection = await ChronyConnection.open(options);
  try {
    return await ask(connection);
  } finally {
    await connection.close();
  }
}

function noMore(command: string, rest: readonly string[]): void {
  if (rest.length > 0) throw new UsageError(`'${rest.join(' ')}' is too much after ${command}`);
}

function sourceChoice(command: string, args: readonly string[], all: boolean): SourceChoice {
  const [address] = command === 'ntpdata' ? args : [];
  noMore(command, address === undefined ? args : args.slice(1));
  if (address === undefined) return all ? 'all' : 'resolved';
  if (isSourceAddress(address)) return { address };
  throw new UsageError(`ntpdata needs the IP address of a source, not '${address}'; see chrony-wasm sources`);
}

function runReport(command: ReportName, args: readonly string[], invocation: Invocation): Promise<string> {
  const { format, options, pretty, all = false, verbose = false } = invocation;
  const report = reports[command];
  const choice = sourceChoice(command, args, all);
  return connected(options, async (chrony) => {
    if (format === 'json') return json(await report.data(chrony, choice), pretty);
    const records = await report.records(chrony, choice);
    if (format === 'csv') return printCsv(report.format, records);
    // what separates many is not printed before a single one that was asked for
    const layout = typeof choice === 'string' ? report.format : { ...report.format, separator: '' };
    return printText(layout, records, verbose);
  });
}

function runGeneric([name, ...rest]: readonly string[], invocation: Invocation): Promise<string> {
  if (name === undefined) throw new UsageError('report needs the name of a report, e.g. report sources');
  noMore(GENERIC, rest);
  const { format, options, pretty } = invocation;
  if (format === 'csv') throw new UsageError('report has no CSV; use --json');
  const report = choose('report', name, sharedLibchrony().reports);
  return connected(options, async (chrony) => {
    const records = await chrony.getReport(report);
    return format === 'json' ? json(records, pretty) : reportText(records);
  });
}

/** @throws UsageError, ChronyError */
export async function runCommand(
  [name = '', ...args]: readonly string[],
  invocation: Invocation,
): Promise<string> {
  const command = choose('command', name, COMMANDS);
  if (invocation.all && !WITH_ALL.includes(command)) {
    throw new UsageError(`--all makes no sense with ${command}; it is for ${WITH_ALL.join(', ')}`);
  }
  if (isReport(command)) return runReport(command, args, invocation);
  return runGeneric(args, invocation);
}

function isReport(command: string): command is ReportName {
  return Object.hasOwn(reports, command);
}
