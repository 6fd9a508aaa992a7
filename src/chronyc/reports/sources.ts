/** The report `sources`. */

import type { Tone } from '../styled.ts';
import { interval, NEVER, offset, signedOffset } from '../units.ts';
import type { Fields } from './fields.ts';
import { sourceName } from './names.ts';
import { type ReportFormat, tableHeading } from './report-format.ts';

const LEGEND = String.raw`
  .-- Source mode  '^' = server, '=' = peer, '#' = local clock.
 / .- Source state '*' = current best, '+' = combined, '-' = not combined,
| /             'x' = may be in error, '~' = too variable, '?' = unusable.
||                                                 .- xxxx [ yyyy ] +/- zzzz
||      Reachability register (octal) -.           |  xxxx = adjusted offset,
||      Log2(Polling interval) --.      |          |  yyyy = measured offset,
||                                \     |          |  zzzz = estimated error.
||                                 |    |           \
`;

/** The letter of a number: its place; what has none is a space. */
const MODES = '^=#';
const STATES = '*?x~+-';

function letters(fields: Fields): readonly [mode: string, state: string] {
  return [MODES[fields.number('mode')] ?? ' ', STATES[fields.number('state')] ?? ' '];
}

function reach(fields: Fields): string {
  return fields.number('reachability').toString(8);
}

/** How the state of each letter is meant; what has none says nothing by itself. */
const TONES: Readonly<Partial<Record<string, Tone>>> = {
  '*': 'good',
  '+': 'good',
  '~': 'warning',
  '?': 'warning',
  x: 'bad',
};

export const sources: ReportFormat = {
  legend: LEGEND,
  heading: tableHeading('MS Name/IP address         Stratum Poll Reach LastRx Last sample', 79),

  text(fields) {
    const [mode, state] = letters(fields);
    const name = sourceName(fields).padEnd(27);
    const stratum = fields.integer('stratum').padStart(2);
    const poll = fields.integer('poll').padStart(2);
    const last = interval(fields.number('last sample ago'));
    const adjusted = signedOffset(fields.number('adjusted last sample offset'));
    const measured = signedOffset(fields.number('original last sample offset'));
    const error = offset(fields.number('last sample error'));
    const source = `${mode}${state} ${name}  ${stratum}  ${poll}   ${reach(fields).padStart(3)}  ${last}`;
    return `${source}  ${adjusted}[${measured}] +/- ${error}\n`;
  },

  offset: (fields) =>
    fields.number('last sample ago') === NEVER ? null : fields.number('adjusted last sample offset'),

  marks(fields) {
    const [mode, state] = letters(fields);
    const tone = TONES[state];
    return tone === undefined ? [] : [{ text: mode + state, tone }];
  },

  cells(fields) {
    const seconds = (field: string): string => fields.fixed(field, 9);
    return [
      ...letters(fields),
      sourceName(fields),
      fields.integer('stratum'),
      fields.integer('poll'),
      reach(fields),
      fields.integer('last sample ago'),
      seconds('adjusted last sample offset'),
      seconds('original last sample offset'),
      seconds('last sample error'),
    ];
  },
};
