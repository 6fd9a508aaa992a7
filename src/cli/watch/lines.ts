/** A watch for programs: a record a line. */

import { printCsv, type ReportFormat } from '../../chronyc/reports/report-format.ts';
import type { ChronyConnection } from '../../client/connection.ts';
import type { ChronyError } from '../../errors.ts';
import type { ReportField } from '../../reports/report-field.ts';
import { json } from '../../util/json.ts';
import type { Output } from '../output.ts';
import type { View } from './view.ts';

type Ask<T> = (chrony: ChronyConnection) => Promise<T>;

/** What both kinds of lines have in common. */
abstract class Lines<T> {
  readonly ask: Ask<T>;
  readonly #withTime: boolean;
  readonly #output: Output;

  constructor(ask: Ask<T>, withTime: boolean, output: Output) {
    this.ask = ask;
    this.#withTime = withTime;
    this.#output = output;
  }

  /** @param time - seconds since the epoch; undefined if it is not to be told */
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

export class CsvLines extends Lines<ReportField[][]> implements View<ReportField[][]> {
  readonly #format: ReportFormat;

  constructor(ask: Ask<ReportField[][]>, format: ReportFormat, withTime: boolean, output: Output) {
    super(ask, withTime, output);
    this.#format = format;
  }

  protected lines(records: readonly ReportField[][], time: number | undefined): string[] {
    const first = time === undefined ? '' : `${time.toFixed(3)},`;
    return records.map((record) => first + printCsv(this.#format, record));
  }
}

export class JsonLines extends Lines<unknown> implements View<unknown> {
  protected lines(value: unknown, time: number | undefined): string[] {
    const records: readonly unknown[] = Array.isArray(value) ? value : [value];
    return records.map((record) =>
      json(time === undefined ? record : { time, ...(record as object) }, false),
    );
  }
}
