/** The report `smoothing`. */

import { yesNo } from '../words.ts';
import type { Fields } from './fields.ts';
import { labelled, type ReportFormat } from './report-format.ts';

const ACTIVE = 1;
const LEAP_ONLY = 2;

function flags(fields: Fields): readonly [active: string, leapOnly: string] {
  const bits = fields.number('flags');
  return [yesNo((bits & ACTIVE) !== 0), (bits & LEAP_ONLY) !== 0 ? '(leap second only)' : ''];
}

export const smoothing: ReportFormat = {
  text: (fields) =>
    labelled(15, [
      ['Active', flags(fields).join(' ')],
      ['Offset', `${fields.signed('offset', 9)} seconds`],
      ['Frequency', `${fields.signed('frequency offset', 6)} ppm`],
      ['Wander', `${fields.signed('wander', 6)} ppm per second`],
      ['Last update', `${fields.fixed('last update ago', 1)} seconds ago`],
      ['Remaining time', `${fields.fixed('remaining time', 1)} seconds`],
    ]),

  offset: (fields) => fields.number('offset'),

  cells: (fields) => [
    ...flags(fields),
    fields.fixed('offset', 9),
    fields.fixed('frequency offset', 6),
    fields.fixed('wander', 6),
    fields.fixed('last update ago', 1),
    fields.fixed('remaining time', 1),
  ],
};
