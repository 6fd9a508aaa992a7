/** The report `smoothing`. */

import { fixed, signed } from '../../format/number.ts';
import { yesNo } from '../../format/words.ts';
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
      ['Offset', `${signed(fields.number('offset'), 9)} seconds`],
      ['Frequency', `${signed(fields.number('frequency offset'), 6)} ppm`],
      ['Wander', `${signed(fields.number('wander'), 6)} ppm per second`],
      ['Last update', `${fixed(fields.number('last update ago'), 1)} seconds ago`],
      ['Remaining time', `${fixed(fields.number('remaining time'), 1)} seconds`],
    ]),

  offset: (fields) => fields.number('offset'),

  cells: (fields) => [
    ...flags(fields),
    fixed(fields.number('offset'), 9),
    fixed(fields.number('frequency offset'), 6),
    fixed(fields.number('wander'), 6),
    fixed(fields.number('last update ago'), 1),
    fixed(fields.number('remaining time'), 1),
  ],
};
