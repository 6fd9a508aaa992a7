/** The reports for the commands: how each is fetched, as raw records and as data, and how it is printed. */
import { Fields } from '../chronyc/fields.ts';
import {
  activity,
  authdata,
  type Mark,
  ntpdata,
  type ReportFormat,
  rtcdata,
  selectdata,
  serverstats,
  smoothing,
  sources,
  sourcestats,
  tracking,
} from '../chronyc/reports.ts';
import { csvTime, NEVER, referenceHex, utcTime } from '../chronyc/values.ts';
import type { ChronyConnection } from '../client/connection.ts';
import type { ReportName } from '../reports/index.ts';
import type { FieldContent, ReportField } from '../reports/report-field.ts';
import { type SourceData, sourceOf } from '../reports/source-name.ts';
import {
  chosenData,
  chosenRecords,
  namedData,
  namedRecords,
  recordsWithAddresses,
  type Selection,
} from './sources.ts';
import { paint, styledLine } from './styled.ts';

/** How a command fetches and prints a report. */
export interface Report<Data = unknown> {
  readonly format: ReportFormat;
  /** Raw, exact records, for text and CSV. */
  records(chrony: ChronyConnection, selection: Selection): Promise<ReportField[][]>;
  /** Data for JSON. */
  data(chrony: ChronyConnection, selection: Selection): Promise<Data>;
}

type Fetch<T> = (chrony: ChronyConnection) => Promise<T>;

/** A report with one record. */
function single<Data>(name: ReportName, format: ReportFormat, data: Fetch<Data>): Report<Data> {
  return { format, data, records: (chrony) => chrony.getReport(name) };
}

/** A report with a record for each source. */
function perSource(
  format: ReportFormat,
  records: Fetch<ReportField[][]>,
  data: Fetch<readonly SourceData[]>,
): Report<readonly SourceData[]> {
  return {
    format,
    records: async (chrony, { sources }) => chosenRecords(await records(chrony), sources),
    data: async (chrony, { sources }) => chosenData(await data(chrony), sources),
  };
}

/**
 * The report, with the names of its sources if the user requests them.
 *
 * @param addNames - adds them to the data
 */
function withNames<Data>(
  { format, records, data }: Report<Data>,
  addNames: (chrony: ChronyConnection, data: Data) => Promise<unknown>,
): Report {
  return {
    format,
    async records(chrony, selection) {
      const chosen = await records(chrony, selection);
      return selection.names ? namedRecords(chrony, chosen) : chosen;
    },
    async data(chrony, selection) {
      const chosen = await data(chrony, selection);
      return selection.names ? addNames(chrony, chosen) : chosen;
    },
  };
}

/** A report with a record for each source, which can show the source's name. */
function perNamedSource(...report: Parameters<typeof perSource>): Report {
  return withNames(perSource(...report), (chrony, data) => namedData(chrony, data, sourceOf));
}

export const reports: Readonly<Record<ReportName, Report>> = {
  tracking: withNames(
    single('tracking', tracking, (chrony) => chrony.getTracking()),
    async (chrony, status) => (await namedData(chrony, [status], ({ referenceIp }) => referenceIp))[0],
  ),
  sources: perNamedSource(
    sources,
    (chrony) => chrony.getReport('sources'),
    (chrony) => chrony.getSources(),
  ),
  sourcestats: perNamedSource(
    sourcestats,
    (chrony) => chrony.getReport('sourcestats'),
    (chrony) => chrony.getSourceStats(),
  ),
  selectdata: perNamedSource(
    selectdata,
    (chrony) => chrony.getReport('selectdata'),
    (chrony) => chrony.getSelectData(),
  ),
  activity: single('activity', activity, (chrony) => chrony.getActivity()),
  authdata: perNamedSource(
    authdata,
    (chrony) => recordsWithAddresses(chrony, 'authdata'),
    (chrony) => chrony.getAuthData(),
  ),
  ntpdata: perSource(
    ntpdata,
    (chrony) => recordsWithAddresses(chrony, 'ntpdata'),
    (chrony) => chrony.getNtpData(),
  ),
  serverstats: single('serverstats', serverstats, (chrony) => chrony.getServerStats()),
  rtcdata: single('rtcdata', rtcdata, (chrony) => chrony.getRtcData()),
  smoothing: single('smoothing', smoothing, (chrony) => chrony.getSmoothing()),
};

/** @param colors - whether to highlight words in colors */
export function printText(
  format: ReportFormat,
  records: readonly (readonly ReportField[])[],
  verbose: boolean,
  colors = false,
): string {
  const { legend = '', heading = '', separator = '' } = format;
  const body = records.map((record) => {
    const fields = new Fields(record);
    const text = format.text(fields);
    const marks = colors ? (format.marks?.(fields) ?? []) : [];
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
export function printCsv(format: ReportFormat, record: readonly ReportField[]): string {
  return `${format.cells(new Fields(record)).join(',')}\n`;
}

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

/** The names of an enumeration's value or of flags, with the number. */
function named(text: string, value: unknown): string {
  if (text === '') return value === 0n ? 'none (0)' : `unknown (${value})`;
  // a value without a name contains its number already
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

/** Formats any report: one field per line, with its unit. */
export function reportText(records: readonly (readonly ReportField[])[]): string {
  const width = Math.max(0, ...records.flat().map(({ name }) => name.length));
  return records
    .map((record) => {
      if (record.length === 0) return '(nothing about this source)\n';
      return record.map((field) => `${field.name.padEnd(width)} : ${valueText(field)}\n`).join('');
    })
    .join('\n');
}
