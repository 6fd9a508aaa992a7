/** The report `tracking`. */

import { fixed, signed } from '../../format/number.ts';
import { csvTime, utcTime } from '../../format/time.ts';
import { referenceHex, referenceText } from '../../format/words.ts';
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
    const seconds = (field: string): string => `${fixed(fields.number(field), SECONDS)} seconds`;
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
      ['Last offset', `${signed(fields.number('last offset'), SECONDS)} seconds`],
      ['RMS offset', seconds('RMS offset')],
      ['Frequency', `${fixed(Math.abs(frequency), PPM)} ppm ${frequency > 0 ? 'fast' : 'slow'}`],
      ['Residual freq', `${signed(fields.number('residual frequency'), PPM)} ppm`],
      ['Skew', `${fixed(fields.number('skew'), PPM)} ppm`],
      ['Root delay', seconds('root delay')],
      ['Root dispersion', seconds('root dispersion')],
      ['Update interval', `${fixed(fields.number('last update interval'), 1)} seconds`],
      ['Leap status', leapStatus(fields)],
    ]);
  },

  offset: (fields) => fields.number('current correction'),
  marks: leapMarks,

  cells(fields) {
    const { hex, name } = reference(fields);
    const seconds = (field: string): string => fixed(fields.number(field), SECONDS);
    const ppm = (field: string): string => fixed(fields.number(field), PPM);
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
      fixed(fields.number('last update interval'), 1),
      leapStatus(fields),
    ];
  },
};
