/** What a report's format consists of, and how records are printed by it. */

import type { ReportField } from '../../reports/report-field.ts';
import { type Mark, paint, styledLine } from '../styled.ts';
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
  /** The offset whose course is worth watching, in seconds; null while there is none. */
  offset?(record: Fields): number | null;
  /** What is to stand out in a record's text. */
  marks?(record: Fields): readonly Mark[];
}

type Record = readonly ReportField[];

/** @param colours - whether to mark with colours what is good or bad */
export function printText(
  format: ReportFormat,
  records: readonly Record[],
  verbose: boolean,
  colours = false,
): string {
  const { legend = '', heading = '', separator = '' } = format;
  const body = records.map((record) => {
    const fields = new Fields(record);
    const text = format.text(fields);
    const marks = colours ? (format.marks?.(fields) ?? []) : [];
    return separator + (marks.length > 0 ? painted(text, marks) : text);
  });
  return (verbose ? legend : '') + heading + body.join('');
}

function painted(text: string, marks: readonly Mark[]): string {
  return text
    .split('\n')
    .map((line) => paint(styledLine(line, marks), true))
    .join('\n');
}

/** A line, without a heading. */
export function printCsv(format: ReportFormat, record: Record): string {
  return `${format.cells(new Fields(record)).join(',')}\n`;
}

/** The names of the columns, underlined. */
export function tableHeading(columns: string, width: number): string {
  return `${columns.padEnd(width)}\n${'='.repeat(width)}\n`;
}

/** A value a line, behind labels of the same width. */
export function labelled(width: number, lines: readonly (readonly [label: string, value: string])[]): string {
  return lines.map(([label, value]) => `${label.padEnd(width)}: ${value}\n`).join('');
}
