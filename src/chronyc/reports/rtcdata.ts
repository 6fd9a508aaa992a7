/** The report `rtcdata`. */
import { csvTime, utcTime } from '../time.ts';
import { interval } from '../units.ts';
import { labelled, type ReportFormat } from './report-format.ts';

export const rtcdata: ReportFormat = {
  text: (fields) =>
    labelled(19, [
      ['RTC ref time (UTC)', utcTime(fields.time('reference time'))],
      ['Number of samples', fields.integer('samples')],
      ['Number of runs', fields.integer('runs')],
      ['Sample span period', interval(fields.number('span'))],
      ['RTC is fast by', `${fields.fixed('offset', 6).padStart(12)} seconds`],
      ['RTC gains time at', `${fields.fixed('frequency offset', 3).padStart(9)} ppm`],
    ]),

  offset: (fields) => fields.number('offset'),

  cells: (fields) => [
    csvTime(fields.time('reference time')),
    fields.integer('samples'),
    fields.integer('runs'),
    fields.integer('span'),
    fields.fixed('offset', 6),
    fields.fixed('frequency offset', 3),
  ],
};
