/** The reports as `chronyc -n` prints them, in text and in CSV. */
import type { Source } from '../reports/sources.ts';
import { type Fields, sourceName } from './fields.ts';
import { LEAP_STATUS, type Line, nameIn, type Printed } from './format.ts';
import {
  ACTIVITY,
  NTPDATA,
  RTCDATA,
  SERVERSTATS,
  SMOOTHING,
  SOURCESTATS,
  STATE_MARKS,
  TRACKING,
} from './lines.ts';
import { interval, NEVER, offset, signedOffset } from './values.ts';

/** The meaning of a word, for its color. */
export type Tone = 'good' | 'warning' | 'bad';

/** A word to highlight in a record's text: its first occurrence. */
export interface Mark {
  readonly text: string;
  readonly tone: Tone;
}

/** How `chronyc -n` prints a report. */
export interface ReportFormat {
  /** Explains the columns, for `-v`. */
  readonly legend?: string;
  readonly heading?: string;
  /** The format with a wider column for names (`chronyc -w`); undefined for a report without that column. */
  readonly wide?: ReportFormat;
  /** Printed before each record. */
  readonly separator?: string;
  /** A record's line or lines. */
  text(record: Fields): string;
  /** A record's values as CSV. */
  cells(record: Fields): readonly string[];
  /** The offset for the chart of a watch, in seconds; null while there is none. */
  offset?(record: Fields): number | null;
  /** The words to highlight in a record's text. */
  marks?(record: Fields): readonly Mark[];
}

function printed<Data>(lines: readonly Line<Data>[], fields: Fields): [label: string, value: Printed][] {
  return lines.flatMap(({ label, ofRecord }) => {
    const value = ofRecord(fields);
    return value === null ? [] : [[label, value]];
  });
}

/**
 * The format of a report that chronyc prints as a block of lines: in the order of the CSV values, with labels padded
 * to the same width.
 */
function blockOf<Data>(
  lines: readonly Line<Data>[],
  width: number,
  more: Partial<ReportFormat> = {},
): ReportFormat {
  return {
    text: (fields) =>
      printed(lines, fields)
        .map(([label, { text }]) => `${label.padEnd(width)}: ${text}\n`)
        .join(''),
    cells: (fields) => printed(lines, fields).flatMap(([, { cells }]) => cells),
    ...more,
  };
}

/** The additional width of the name column with `-w`. */
const WIDER = 14;

/**
 * Returns a format with its wide form, which is created on first use.
 *
 * @param make - makes the format; `wider` is the number of characters by which to widen the name column
 */
export function widenable<Format>(make: (wider: number) => Format): Format & { readonly wide: Format } {
  return {
    ...make(0),
    get wide() {
      return make(WIDER);
    },
  };
}

/** The names of the columns, underlined. */
export function underlined(columns: string): string {
  return `${columns}\n${'='.repeat(columns.length)}\n`;
}

/** Inserts spaces into a legend, after each match of the expression. */
function widened(legend: string, wider: number, behind: RegExp): string {
  return legend.replaceAll(behind, `$&${' '.repeat(wider)}`);
}

function leapStatus(fields: Fields): string {
  return nameIn(LEAP_STATUS, fields.text('leap status'));
}

/** Highlights a leap status that is not normal. A pending leap second is not an error, but important. */
function leapMarks(fields: Fields): readonly Mark[] {
  const status = fields.text('leap status');
  if (status === 'normal') return [];
  return [{ text: leapStatus(fields), tone: status === 'not synchronized' ? 'bad' : 'warning' }];
}

export const tracking = blockOf(TRACKING, 16, {
  offset: (fields) => fields.number('current correction'),
  marks: leapMarks,
});

export const activity: ReportFormat = {
  ...blockOf(ACTIVITY, 0),
  heading: '200 OK\n',
  text: (fields) => ACTIVITY.map(({ label, ofRecord }) => `${ofRecord(fields)?.text} ${label}\n`).join(''),
};

export const serverstats = blockOf(SERVERSTATS, 27);

export const rtcdata = blockOf(RTCDATA, 19, { offset: (fields) => fields.number('offset') });

export const smoothing = blockOf(SMOOTHING, 15, { offset: (fields) => fields.number('offset') });

const SOURCES_LEGEND = String.raw`
  .-- Source mode  '^' = server, '=' = peer, '#' = local clock.
 / .- Source state '*' = current best, '+' = combined, '-' = not combined,
| /             'x' = may be in error, '~' = too variable, '?' = unusable.
||                                                 .- xxxx [ yyyy ] +/- zzzz
||      Reachability register (octal) -.           |  xxxx = adjusted offset,
||      Log2(Polling interval) --.      |          |  yyyy = measured offset,
||                                \     |          |  zzzz = estimated error.
||                                 |    |           \
`;

const MODE_MARKS: Readonly<Record<string, string>> = {
  client: '^',
  peer: '=',
  'reference clock': '#',
} satisfies Readonly<Record<Source['mode'], string>>;

/** The marks of mode and state; a space if unknown. */
function marksOf(fields: Fields): readonly [mode: string, state: string] {
  const states: Readonly<Record<string, string>> = STATE_MARKS;
  return [MODE_MARKS[fields.text('mode')] ?? ' ', states[fields.text('state')] ?? ' '];
}

function reach(fields: Fields): string {
  return fields.number('reachability').toString(8);
}

/** The tones of the marks of states; other marks are neutral. */
const STATE_TONES: Readonly<Partial<Record<string, Tone>>> = {
  '*': 'good',
  '+': 'good',
  '~': 'warning',
  '?': 'warning',
  x: 'bad',
};

export const sources: ReportFormat = widenable((wider) => ({
  legend: widened(SOURCES_LEGEND, wider, /^\|\|/gm),
  heading: underlined(
    `${'MS Name/IP address'.padEnd(27 + wider)}Stratum Poll Reach LastRx Last sample               `,
  ),

  text(fields) {
    const [mode, state] = marksOf(fields);
    const name = sourceName(fields).padEnd(27 + wider);
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
    const [mode, state] = marksOf(fields);
    const tone = STATE_TONES[state];
    return tone === undefined ? [] : [{ text: mode + state, tone }];
  },

  cells(fields) {
    const seconds = (field: string): string => fields.fixed(field, 9);
    return [
      ...marksOf(fields),
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
}));

const SOURCESTATS_LEGEND = String.raw`                             .- Number of sample points in measurement set.
                            /    .- Number of residual runs with same sign.
                           |    /    .- Length of measurement set (time).
                           |   |    /      .- Est. clock freq error (ppm).
                           |   |   |      /           .- Est. error in freq.
                           |   |   |     |           /         .- Est. offset.
                           |   |   |     |          |          |   On the -.
                           |   |   |     |          |          |   samples. \
                           |   |   |     |          |          |             |
`;

export const sourcestats: ReportFormat = widenable((wider) => ({
  legend: widened(SOURCESTATS_LEGEND, wider, /^(?=.)/gm),
  heading: underlined(
    `${'Name/IP Address'.padEnd(27 + wider)}NP  NR  Span  Frequency  Freq Skew  Offset  Std Dev`,
  ),

  text(fields) {
    const column = (each: keyof typeof SOURCESTATS, width = 0): string =>
      (SOURCESTATS[each].ofRecord(fields)?.text ?? '').padStart(width);
    const name = sourceName(fields).padEnd(25 + wider);
    const measurements = `${column('samples', 3)} ${column('runs', 3)}  ${column('span')}`;
    const frequency = `${column('frequency')} ${column('skew')}`;
    return `${name} ${measurements} ${frequency}  ${column('offset')}  ${column('deviation')}\n`;
  },

  offset: (fields) => (fields.number('samples') === 0 ? null : fields.number('offset')),

  cells: (fields) => [
    sourceName(fields),
    ...Object.values(SOURCESTATS).flatMap(({ ofRecord }) => ofRecord(fields)?.cells ?? []),
  ],
}));

const SELECTDATA_LEGEND = String.raw`  . State: N - noselect, s - unsynchronised, M - missing samples, r - stratum
 /         d/D - large distance, ~ - jittery, w/W - waits for others,
|          S - stale, O - orphan, T - not trusted, P - not preferred,
|          U - waits for update, x - falseticker, + - combined, * - best.
|   Effective options   ---------.  (N - noselect, P - prefer
|   Configured options  ----.     \  T - trust, R - require)
|   Auth. enabled (Y/N) -.   \     \     Offset interval --.
|                        |    |     |                       |
`;

/** The letters of the options, from the lowest bit. */
const OPTIONS = 'NPTR';

/** Returns the letter of each set option, otherwise a dash. The last column has no bit. */
function options(bits: number): string[] {
  return [...[...OPTIONS].map((letter, bit) => ((bits >> bit) & 1 ? letter : '-')), '-'];
}

/**
 * The letter of the state, which chronyd sends itself. Unprintable characters are replaced, because they would reach
 * the terminal.
 */
function stateLetter(fields: Fields): string {
  const letter = String.fromCharCode(fields.number('state'));
  return /[\x20-\x7e]/.test(letter) ? letter : '?';
}

function authenticated(fields: Fields): string {
  return fields.number('authentication') === 0 ? 'N' : 'Y';
}

/** The tones of the letters; other letters mean that the source is as configured. */
const SELECTION_TONES: Readonly<Partial<Record<string, Tone>>> = {
  '*': 'good',
  '+': 'good',
  ...Object.fromEntries([...'sMdD~wWSO'].map((letter) => [letter, 'warning'])),
  T: 'bad',
  x: 'bad',
};

export const selectdata: ReportFormat = widenable((wider) => ({
  legend: widened(SELECTDATA_LEGEND, wider, /^\|(?! {10}\w)/gm),
  heading: underlined(
    `${'S Name/IP Address'.padEnd(25 + wider)}Auth COpts EOpts Last Score     Interval  Leap`,
  ),

  text(fields) {
    const source = `${stateLetter(fields)} ${sourceName(fields).padEnd(25 + wider)} ${authenticated(fields)}`;
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
    const letter = stateLetter(fields);
    const tone = SELECTION_TONES[letter];
    return tone === undefined ? [] : [{ text: letter, tone }];
  },

  cells: (fields) => [
    stateLetter(fields),
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
}));

const AUTHDATA_LEGEND = `                             .- Auth. mechanism (NTS, SK - symmetric key)
                            |   Key length -.  Cookie length (bytes) -.
                            |       (bits)  |  Num. of cookies --.    |
                            |               |  Key est. attempts  |   |
                            |               |           |         |   |
`;

/** The names of the modes, by number. */
const AUTH_MODES = ['-', 'SK', 'NTS'];

function authMode(fields: Fields): string {
  return AUTH_MODES[fields.number('mode')] ?? '?';
}

export const authdata: ReportFormat = widenable((wider) => ({
  legend: widened(AUTHDATA_LEGEND, wider, /^(?=.)/gm),
  heading: underlined(`${'Name/IP address'.padEnd(28 + wider)}Mode KeyID Type KLen Last Atmp  NAK Cook CLen`),

  text(fields) {
    const column = (field: string, width: number): string => fields.integer(field).padStart(width);
    const source = `${sourceName(fields).padEnd(27 + wider)} ${authMode(fields).padStart(4)}`;
    const key = `${column('key ID', 5)} ${column('key type', 4)} ${column('key length', 4)}`;
    const last = interval(fields.number('last key establishment ago'));
    const exchange = `${last} ${column('key establishment attempts', 4)} ${column('NAK', 4)}`;
    return `${source} ${key} ${exchange} ${column('cookies', 4)} ${column('cookie length', 4)}\n`;
  },

  cells: (fields) => [
    sourceName(fields),
    authMode(fields),
    fields.integer('key ID'),
    fields.integer('key type'),
    fields.integer('key length'),
    fields.integer('last key establishment ago'),
    fields.integer('key establishment attempts'),
    fields.integer('NAK'),
    fields.integer('cookies'),
    fields.integer('cookie length'),
  ],
}));

export const ntpdata = blockOf(NTPDATA, 16, {
  separator: '\n',
  offset: (fields) => fields.number('offset'),
  marks: leapMarks,
});
