/** The report `tracking` as chronyc prints it with `-n`. */
import type { ReportField } from '../../report-field.ts';
import { Fields } from './fields.ts';
import { fixed, signed } from './number.ts';
import { csvTime, utcTime } from './time.ts';

const LEAP: Readonly<Record<string, string>> = {
  normal: 'Normal',
  'insert second': 'Insert second',
  'delete second': 'Delete second',
  'not synchronized': 'Not synchronised',
};

function leapStatus(fields: Fields): string {
  return LEAP[fields.text('leap status')] ?? 'Invalid';
}

/** Seconds and frequencies; the update interval has one decimal. */
const SECONDS = 9;
const PPM = 3;

/** The printable characters of a reference ID, as chronyc shows it where there is no address. */
function asText(id: number): string {
  const bytes = [id >>> 24, (id >>> 16) & 0xff, (id >>> 8) & 0xff, id & 0xff];
  return String.fromCharCode(...bytes.filter((byte) => byte >= 0x20 && byte <= 0x7e));
}

function referenceId(fields: Fields): { hex: string; name: string } {
  const id = fields.number('reference ID');
  return {
    hex: id.toString(16).toUpperCase().padStart(8, '0'),
    name: fields.text('address') || asText(id),
  };
}

/** The whole report, one value a line. */
export function trackingText(record: readonly ReportField[]): string {
  const fields = new Fields(record);
  const { hex, name } = referenceId(fields);
  const seconds = (field: string): string => `${fixed(fields.number(field), SECONDS)} seconds`;
  const correction = fields.number('current correction');
  const frequency = fields.number('frequency offset');
  const lines: readonly (readonly [label: string, value: string])[] = [
    ['Reference ID', `${hex} (${name})`],
    ['Stratum', String(fields.number('stratum'))],
    ['Ref time (UTC)', utcTime(fields.time('reference time'))],
    [
      'System time',
      `${fixed(Math.abs(correction), SECONDS)} seconds ${correction > 0 ? 'slow' : 'fast'} of NTP time`,
    ],
    ['Last offset', `${signed(fields.number('last offset'), SECONDS)} seconds`],
    ['RMS offset', seconds('RMS offset')],
    ['Frequency', `${fixed(Math.abs(frequency), PPM)} ppm ${frequency > 0 ? 'fast' : 'slow'}`],
    ['Residual freq', `${signed(fields.number('residual frequency'), PPM)} ppm`],
    ['Skew', `${fixed(fields.number('skew'), PPM)} ppm`],
    ['Root delay', seconds('root delay')],
    ['Root dispersion', seconds('root dispersion')],
    ['Update interval', `${fixed(fields.number('last update interval'), 1)} seconds`],
    ['Leap status', leapStatus(fields)],
  ];
  return lines.map(([label, value]) => `${label.padEnd(16)}: ${value}\n`).join('');
}

/** The report as one line of 14 values. */
export function trackingCsv(record: readonly ReportField[]): string {
  const fields = new Fields(record);
  const { hex, name } = referenceId(fields);
  const seconds = (field: string): string => fixed(fields.number(field), SECONDS);
  const ppm = (field: string): string => fixed(fields.number(field), PPM);
  return `${[
    hex,
    name,
    fields.number('stratum'),
    csvTime(fields.time('reference time')),
    seconds('current correction'),
    seconds('last offset'),
    seconds('RMS offset'),
    ppm('frequency offset'),
    ppm('residual frequency'),
    ppm('skew'),
    seconds('root delay'),
    seconds('root dispersion'),
    fixed(fields.number('last update interval'), 1),
    leapStatus(fields),
  ].join(',')}\n`;
}
