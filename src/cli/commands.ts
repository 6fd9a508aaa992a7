/** The commands: each asks chronyd once and gives the text to print. */

import { ChronyConnection } from '../connection.ts';
import { type ChronyOptions, getTracking } from '../index.ts';
import { sharedLibchrony } from '../libchrony.ts';
import type { ReportField } from '../report-field.ts';
import type { Format } from './arguments.ts';
import { json } from './format/json.ts';
import { reportText } from './format/report.ts';
import { trackingCsv, trackingText } from './format/tracking.ts';
import { UsageError } from './usage.ts';

/** What a command is run with. */
export interface Invocation {
  readonly format: Format;
  readonly options: ChronyOptions;
  /** Whether a person reads it. */
  readonly pretty: boolean;
}

type Command = (args: readonly string[], invocation: Invocation) => Promise<string>;

const commands: Readonly<Record<string, Command>> = {
  async tracking(args, { format, options, pretty }) {
    noMore('tracking', args);
    if (format === 'json') return json(await getTracking(options), pretty);
    const [record = []] = await getReport('tracking', options);
    return format === 'csv' ? trackingCsv(record) : trackingText(record);
  },

  async report([name, ...rest], { format, options, pretty }) {
    if (name === undefined) throw new UsageError('report needs the name of a report, e.g. report sources');
    noMore('report', rest);
    if (format === 'csv') throw new UsageError('report has no CSV; use --json');
    const { reports } = sharedLibchrony();
    if (!reports.includes(name)) {
      throw new UsageError(`there is no report '${name}'; the reports are: ${reports.join(', ')}`);
    }
    const records = await getReport(name, options);
    return format === 'json' ? json(records, pretty) : reportText(records);
  },
};

async function getReport(name: string, options: ChronyOptions): Promise<ReportField[][]> {
  const connection = await ChronyConnection.open(options);
  try {
    return await connection.getReport(name);
  } finally {
    await connection.close();
  }
}

function noMore(command: string, rest: readonly string[]): void {
  if (rest.length > 0) throw new UsageError(`'${rest.join(' ')}' is too much after ${command}`);
}

/** @throws UsageError, ChronyError */
export function runCommand([name = '', ...args]: readonly string[], invocation: Invocation): Promise<string> {
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (command === undefined) {
    throw new UsageError(
      `there is no command '${name}'; the commands are: ${Object.keys(commands).join(', ')}`,
    );
  }
  return command(args, invocation);
}
