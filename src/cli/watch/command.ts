/** The command `watch`: a report again and again, for a person or for a program. */
import { ChronyConnection } from '../../connection.ts';
import { ChronyError } from '../../errors.ts';
import { repeating } from '../../repeating.ts';
import type { ReportName } from '../../reports/index.ts';
import type { Choices } from '../arguments.ts';
import type { Output } from '../output.ts';
import type { Report } from '../reports.ts';
import type { SourceChoice } from '../sources.ts';
import { Interruption } from './interruption.ts';
import { CsvLines, JsonLines } from './lines.ts';
import { LiveView } from './live-view.ts';
import type { View } from './view.ts';

const DEFAULT_INTERVAL_S = 1;

/** @returns the exit status: 1 if a request failed */
export async function watchReport(
  name: ReportName,
  report: Report,
  choice: SourceChoice,
  choices: Choices,
  output: Output,
): Promise<number> {
  const { format, time, verbose, interval = DEFAULT_INTERVAL_S } = choices;
  const records = (chrony: ChronyConnection) => report.records(chrony, choice);
  if (format === 'json') {
    const data = (chrony: ChronyConnection) => report.data(chrony, choice);
    return watchBy(new JsonLines(data, time, output), interval, choices, output);
  }
  const { terminal } = output;
  if (format === 'text' && terminal?.movable) {
    const view = new LiveView(records, { name, interval, verbose, format: report.format, terminal, output });
    return watchBy(view, interval, choices, output);
  }
  return watchBy(new CsvLines(records, report.format, time, output), interval, choices, output);
}

async function watchBy<T>(
  view: View<T>,
  interval: number,
  { options, count }: Choices,
  output: Output,
): Promise<number> {
  using interruption = new Interruption(output.gone);
  const { signal } = interruption;
  let turns = 0;
  let failures = 0;
  try {
    await using chrony = await ChronyConnection.open({ ...options, signal });
    for await (const outcome of repeating(() => view.ask(chrony), interval * 1000, { signal })) {
      turns++;
      if (!(outcome instanceof ChronyError)) await view.show(outcome);
      // what does not work at the start is not there, or not allowed, or was not meant
      else if (turns === 1) throw outcome;
      else {
        failures++;
        await view.fail(outcome);
      }
      if (turns === count) break;
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    await view.end();
  }
  return failures > 0 ? 1 : 0;
}
