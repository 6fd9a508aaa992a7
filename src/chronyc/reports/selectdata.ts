/** The report `selectdata`. */

import type { Tone } from '../styled.ts';
import { interval, signedOffset } from '../units.ts';
import type { Fields } from './fields.ts';
import { leapStatus, sourceName } from './names.ts';
import { type ReportFormat, tableHeading } from './report-format.ts';

const LEGEND = String.raw`  . State: N - noselect, s - unsynchronised, M - missing samples, r - stratum
 /         d/D - large distance, ~ - jittery, w/W - waits for others,
|          S - stale, O - orphan, T - not trusted, P - not preferred,
|          U - waits for update, x - falseticker, + - combined, * - best.
|   Effective options   ---------.  (N - noselect, P - prefer
|   Configured options  ----.     \  T - trust, R - require)
|   Auth. enabled (Y/N) -.   \     \     Offset interval --.
|                        |    |     |                       |
`;

/** The letters of the options, the lowest bit first. */
const OPTIONS = 'NPTR';

/** The last column is for an option that there is no bit of. */
function options(bits: number): string[] {
  return [...[...OPTIONS].map((letter, bit) => ((bits >> bit) & 1 ? letter : '-')), '-'];
}

/** chronyd sends the letter itself; a terminal is not to obey one that is none. */
function state(fields: Fields): string {
  const letter = String.fromCharCode(fields.number('state'));
  return /[\x20-\x7e]/.test(letter) ? letter : '?';
}

function authenticated(fields: Fields): string {
  return fields.number('authentication') === 0 ? 'N' : 'Y';
}

/** How each letter is meant; the others say that something is as it was configured. */
const TONES: Readonly<Partial<Record<string, Tone>>> = {
  '*': 'good',
  '+': 'good',
  ...Object.fromEntries([...'sMdD~wWSO'].map((letter) => [letter, 'warning'])),
  T: 'bad',
  x: 'bad',
};

export const selectdata: ReportFormat = {
  legend: LEGEND,
  heading: tableHeading('S Name/IP Address        Auth COpts EOpts Last Score     Interval  Leap', 71),

  text(fields) {
    const source = `${state(fields)} ${sourceName(fields).padEnd(25)} ${authenticated(fields)}`;
    const configured = options(fields.number('configured options')).join('');
    const effective = options(fields.number('effective options')).join('');
    const last = interval(fields.number('last sample ago'));
    const score = fields.fixed('score', 1).padStart(5);
    const low = signedOffset(fields.number('low limit'));
    const high = signedOffset(fields.number('high limit'));
    const leap = 'N+-'[fields.number('leap status')] ?? '?';
    return `${source} ${configured} ${effective} ${last} ${score} ${low} ${high}  ${leap}\n`;
  },

  marks(fields) {
    const letter = state(fields);
    const tone = TONES[letter];
    return tone === undefined ? [] : [{ text: letter, tone }];
  },

  cells: (fields) => [
    state(fields),
    sourceName(fields),
    authenticated(fields),
    ...options(fields.number('configured options')),
    ...options(fields.number('effective options')),
    fields.integer('last sample ago'),
    fields.fixed('score', 1),
    fields.fixed('low limit', 9),
    fields.fixed('high limit', 9),
    leapStatus(fields),
  ],
};
