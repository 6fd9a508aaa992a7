/** The command `watch`: repeats a report, as a live view on a terminal and as lines elsewhere. */
import type { ReportFormat } from '../../chronyc/reports.ts';
import { ChronyConnection } from '../../client/connection.ts';
import type { ChronyError } from '../../errors.ts';
import type { ReportName } from '../../reports/index.ts';
import type { ReportField } from '../../reports/report-field.ts';
import type { AbortSignalLike } from '../../util/abort.ts';
import { json } from '../../util/json.ts';
import type { CommandOptions } from '../arguments.ts';
import type { Output } from '../output.ts';
import { printCsv, type Report } from '../reports.ts';
import type { Selection } from '../sources.ts';
import { LiveView } from './live-view.ts';
import { DEFAULT_INTERVAL_S, type View, watchWith } from './loop.ts';

/** @returns the exit status: 1 if a request failed */
export async function watchReport(
  name: ReportName,
  report: Report,
  selection: Selection,
  options: CommandOptions,
  output: Output,
): Promise<number> {
  const { format, time, verbose, connection, interval = DEFAULT_INTERVAL_S } = options;
  const open = (signal: AbortSignalLike) => ChronyConnection.open({ ...connection, signal });
  const watch = <T>(view: View<T>) => watchWith(open, view, options, output);
  const records = (chrony: ChronyConnection) => report.records(chrony, selection);
  if (format === 'json') {
    const data = (chrony: ChronyConnection) => report.data(chrony, selection);
    return watch(new JsonLines(data, time, output));
  }
  const { terminal } = output;
  if (format === 'text' && terminal?.movable) {
    const view = new LiveView(records, { name, interval, verbose, format: report.format, terminal, output });
    return watch(view);
  }
  return watch(new CsvLines(records, report.format, time, output));
}

type Query<T> = (chrony: ChronyConnection) => Promise<T>;

/** Prints one record per line, for programs. */
abstract class Lines<T> {
  readonly query: Query<T>;
  readonly #withTime: boolean;
  readonly #output: Output;

  constructor(query: Query<T>, withTime: boolean, output: Output) {
    this.query = query;
    this.#withTime = withTime;
    this.#output = output;
  }

  /** @param time - seconds since the epoch; undefined if it is not printed */
  protected abstract lines(value: T, time: number | undefined): readonly string[];

  async show(value: T): Promise<void> {
    const time = this.#withTime ? Date.now() / 1000 : undefined;
    await this.#output.write(this.lines(value, time).join(''));
  }

  async fail(error: ChronyError): Promise<void> {
    this.#output.complain(error.message);
  }

  async end(): Promise<void> {}
}

class CsvLines extends Lines<ReportField[][]> implements View<ReportField[][]> {
  readonly #format: ReportFormat;

  constructor(query: Query<ReportField[][]>, format: ReportFormat, withTime: boolean, output: Output) {
    super(query, withTime, output);
    this.#format = format;
  }

  protected lines(records: readonly ReportField[][], time: number | undefined): string[] {
    const first = time === undefined ? '' : `${time.toFixed(3)},`;
    return records.map((record) => first + printCsv(this.#format, record));
  }
}

class JsonLines extends Lines<unknown> implements View<unknown> {
  protected lines(value: unknown, time: number | undefined): string[] {
    const records: readonly unknown[] = Array.isArray(value) ? value : [value];
    return records.map((record) =>
      json(time === undefined ? record : { time, ...(record as object) }, false),
    );
  }
}
