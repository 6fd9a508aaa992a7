/** Any report as text: names, values, units. */

import type { FieldContent, ReportField } from '../../reports/report-field.ts';
import { csvTime, utcTime } from '../time.ts';
import { NEVER } from '../units.ts';
import { referenceHex } from '../words.ts';

const UNITS: Partial<Record<FieldContent, string>> = {
  interval_log2_seconds: 'log2 s',
  interval_seconds: 's',
  offset_seconds: 's',
  measure_seconds: 's',
  offset_ppm: 'ppm',
  measure_ppm: 'ppm',
  offset_ppm_per_second: 'ppm/s',
  length_bits: 'bits',
  length_bytes: 'bytes',
};

/** The names of an enumeration's value or of flags, and the number behind them. */
function named(text: string, value: unknown): string {
  if (text === '') return value === 0n ? 'none (0)' : `unknown (${value})`;
  // a value without a name says its number already
  return text === `unknown (${value})` ? text : `${text} (${value})`;
}

function valueText({ value, content, text }: ReportField): string {
  if (value === null) return '-';
  if (typeof value === 'object') return `${utcTime(value)} UTC (${csvTime(value)})`;
  if (text !== undefined) return named(text, value);
  if (content === 'interval_seconds' && Number(value) === NEVER) return 'never';
  if (content === 'reference_id') return referenceHex(Number(value));
  if (content === 'bits') return `0b${value.toString(2).padStart(8, '0')}`;
  if (content === 'boolean') return value === 0n ? 'no' : 'yes';
  const unit = UNITS[content];
  return unit === undefined ? String(value) : `${value} ${unit}`;
}

/** One field a line; an empty line between records. */
export function reportText(records: readonly (readonly ReportField[])[]): string {
  const width = Math.max(0, ...records.flat().map(({ name }) => name.length));
  return records
    .map((record) => {
      if (record.length === 0) return '(nothing about this source)\n';
      return record.map((field) => `${field.name.padEnd(width)} : ${valueText(field)}\n`).join('');
    })
    .join('\n');
}
