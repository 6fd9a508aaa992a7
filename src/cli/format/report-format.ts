/** What a report's format consists of, and how records are printed by it. */
import type { ReportField } from '../../report-field.ts';
import { Fields } from './fields.ts';

/** How a report looks as chronyc prints it with `-n`. */
export interface ReportFormat {
  /** What explains the columns, for `-v`. */
  readonly legend?: string;
  readonly heading?: string;
  /** Printed before each record. */
  readonly separator?: string;
  /** A record's line or lines. */
  text(record: Fields): string;
  /** A record's values as CSV has them. */
  cells(record: Fields): readonly (string | number)[];
}

type Records = readonly (readonly ReportField[])[];

export function printText(format: ReportFormat, records: Records, verbose: boolean): string {
  const { legend = '', heading = '', separator = '' } = format;
  const body = records.map((record) => separator + format.text(new Fields(record)));
  return (verbose ? legend : '') + heading + body.join('');
}

/** A line for each record, without a heading. */
export function printCsv(format: ReportFormat, records: Records): string {
  return records.map((record) => `${format.cells(new Fields(record)).join(',')}\n`).join('');
}

/** The names of the columns, underlined. */
export function tableHeading(columns: string, width: number): string {
  return `${columns.padEnd(width)}\n${'='.repeat(width)}\n`;
}

/** A value a line, behind labels of the same width. */
export function labelled(width: number, lines: readonly (readonly [label: string, value: string])[]): string {
  return lines.map(([label, value]) => `${label.padEnd(width)}: ${value}\n`).join('');
}
