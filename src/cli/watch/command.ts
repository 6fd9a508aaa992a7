/** The command `watch`: a report again and again, for a person or for a program. */
import { ChronyConnection } from '../../client/connection.ts';
import type { ReportName } from '../../reports/index.ts';
import type { Choices } from '../arguments.ts';
import type { Output } from '../output.ts';
import type { Report } from '../reports.ts';
import type { SourceChoice } from '../sources.ts';
import { CsvLines, JsonLines } from './lines.ts';
import { LiveView } from './live-view.ts';
import { DEFAULT_INTERVAL_S, watchBy } from './loop.ts';
import type { View } from './view.ts';

/** @returns the exit status: 1 if a request failed */
export async function watchReport(
  name: ReportName,
  report: Report,
  choice: SourceChoice,
  choices: Choices,
  output: Output,
): Promise<number> {
  const { format, time, verbose, options, interval = DEFAULT_INTERVAL_S } = choices;
  const open = (signal: AbortSignal) => ChronyConnection.open({ ...options, signal });
  const watch = <T>(view: View<T>) => watchBy(open, view, choices, output);
  const records = (chrony: ChronyConnection) => report.records(chrony, choice);
  if (format === 'json') {
    const data = (chrony: ChronyConnection) => report.data(chrony, choice);
    return watch(new JsonLines(data, time, output));
  }
  const { terminal } = output;
  if (format === 'text' && terminal?.movable) {
    const view = new LiveView(records, { name, interval, verbose, format: report.format, terminal, output });
    return watch(view);
  }
  return watch(new CsvLines(records, report.format, time, output));
}
