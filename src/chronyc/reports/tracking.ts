/** The report `tracking`. */

import { fixed } from '../number.ts';
import { csvTime, utcTime } from '../time.ts';
import { referenceHex, referenceText } from '../words.ts';
import type { Fields } from './fields.ts';
import { leapMarks, leapStatus } from './names.ts';
import { labelled, type ReportFormat } from './report-format.ts';

/** Seconds and frequencies; the update interval has one decimal. */
const SECONDS = 9;
const PPM = 3;

function reference(fields: Fields): { hex: string; name: string } {
  const id = fields.number('reference ID');
  return { hex: referenceHex(id), name: fields.text('address') || referenceText(id) };
}

export const tracking: ReportFormat = {
  text(fields) {
    const { hex, name } = reference(fields);
    const seconds = (field: string): string => `${fields.fixed(field, SECONDS)} seconds`;
    const correction = fields.number('current correction');
    const frequency = fields.number('frequency offset');
    return labelled(16, [
      ['Reference ID', `${hex} (${name})`],
      ['Stratum', fields.integer('stratum')],
      ['Ref time (UTC)', utcTime(fields.time('reference time'))],
      [
        'System time',
        `${fixed(Math.abs(correction), SECONDS)} seconds ${correction > 0 ? 'slow' : 'fast'} of NTP time`,
      ],
      ['Last offset', `${fields.signed('last offset', SECONDS)} seconds`],
      ['RMS offset', seconds('RMS offset')],
      ['Frequency', `${fixed(Math.abs(frequency), PPM)} ppm ${frequency > 0 ? 'fast' : 'slow'}`],
      ['Residual freq', `${fields.signed('residual frequency', PPM)} ppm`],
      ['Skew', `${fields.fixed('skew', PPM)} ppm`],
      ['Root delay', seconds('root delay')],
      ['Root dispersion', seconds('root dispersion')],
      ['Update interval', `${fields.fixed('last update interval', 1)} seconds`],
      ['Leap status', leapStatus(fields)],
    ]);
  },

  offset: (fields) => fields.number('current correction'),
  marks: leapMarks,

  cells(fields) {
    const { hex, name } = reference(fields);
    const seconds = (field: string): string => fields.fixed(field, SECONDS);
    const ppm = (field: string): string => fields.fixed(field, PPM);
    return [
      hex,
      name,
      fields.integer('stratum'),
      csvTime(fields.time('reference time')),
      seconds('current correction'),
      seconds('last offset'),
      seconds('RMS offset'),
      ppm('frequency offset'),
      ppm('residual frequency'),
      ppm('skew'),
      seconds('root delay'),
      seconds('root dispersion'),
      fields.fixed('last update interval', 1),
      leapStatus(fields),
    ];
  },
};
