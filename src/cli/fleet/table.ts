/** The clocks of a fleet as text: a table with the worst first, the findings of the topology, and a summary. */
import { offset, printedName, readableInterval, signedOffset } from '../../chronyc/values.ts';
import type { ClockRow, ClockState, Topology } from '../../fleet/row.ts';
import { type Line, type Span, type Style, span } from '../styled.ts';

/** From the worst to the best. */
export const STATES = [
  'critical',
  'unknown',
  'warning',
  'pending',
  'ok',
] as const satisfies readonly ClockState[];

const STYLES: Readonly<Record<ClockState, Style>> = {
  critical: 'bad',
  unknown: 'warning',
  warning: 'warning',
  pending: 'faint',
  ok: 'good',
};

const RANKS = Object.fromEntries(STATES.map((state, rank) => [state, rank])) as Record<ClockState, number>;

/** Sorts by state, the worst first; within a state, clocks without an error bound first, then the largest bound. */
export function worstFirst(rows: Iterable<ClockRow>): ClockRow[] {
  const bound = ({ maxError }: ClockRow): number => maxError ?? Number.MAX_VALUE;
  return [...rows].sort((a, b) => RANKS[a.state] - RANKS[b.state] || bound(b) - bound(a));
}

/** Replaces the characters of a text that could control a terminal. */
export function visible(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, '\ufffd');
}

interface Column {
  readonly title: string;
  readonly isNumber?: true;
  readonly text: (row: ClockRow, time: number) => string;
}

const NONE = '-';

const COLUMNS: readonly Column[] = [
  { title: 'State', text: ({ state }) => state },
  { title: 'Target', text: ({ address }) => visible(address) },
  {
    title: 'Bound',
    isNumber: true,
    text: ({ maxError }) => (maxError === null ? NONE : offset(maxError).trim()),
  },
  {
    title: 'Offset',
    isNumber: true,
    text: (row) => (row.offset === null ? NONE : signedOffset(row.offset).trim()),
  },
  { title: 'Stratum', isNumber: true, text: ({ stratum }) => String(stratum ?? NONE) },
  { title: 'Follows', text: ({ reference }) => (reference === null ? NONE : printedName(reference)) },
  { title: 'Why, or last measurement', text: why },
];

/** The largest width of a column. A longer text shifts only its own line. */
const WIDEST = 40;
/** If the last reply of a clock is older than this, the table shows its age. */
const RECENT_S = 60;

function why({ reasons, heard, measurementAge }: ClockRow, time: number): string {
  const old =
    heard !== null && time - heard > RECENT_S ? [`last heard ${readableInterval(time - heard)} ago`] : [];
  if (reasons.length > 0) return [...reasons.map(visible), ...old].join('; ');
  return measurementAge === null ? NONE : `${readableInterval(measurementAge)} ago`;
}

/** The lines of the table. The columns are wide enough for all rows. */
export class Table {
  readonly #time: number;
  readonly #widths: readonly number[];

  /** @param time - now, in seconds since the epoch */
  constructor(rows: readonly ClockRow[], time: number) {
    this.#time = time;
    this.#widths = COLUMNS.map(({ title, text }) =>
      rows.reduce((width, row) => Math.max(width, Math.min(text(row, time).length, WIDEST)), title.length),
    );
  }

  get heading(): Line {
    return this.#line(COLUMNS.map(({ title }) => span(title, 'strong')));
  }

  line(row: ClockRow, ...styles: readonly Style[]): Line {
    return this.#line(
      COLUMNS.map(({ title, text }) =>
        title === 'State' ? span(row.state, STYLES[row.state], ...styles) : span(text(row, this.#time)),
      ),
    );
  }

  #line(cells: readonly Span[]): Line {
    return cells.flatMap((cell, i) => {
      if (i === COLUMNS.length - 1) return [cell];
      const padding = ' '.repeat(Math.max(0, (this.#widths[i] ?? 0) - cell.text.length));
      return COLUMNS[i]?.isNumber ? [span(padding), cell, span('  ')] : [cell, span(`${padding}  `)];
    });
  }
}

/** Counts the clocks in each state. */
export function counted(rows: readonly ClockRow[]): ReadonlyMap<ClockState, number> {
  const counts = new Map<ClockState, number>();
  for (const { state } of rows) counts.set(state, (counts.get(state) ?? 0) + 1);
  return counts;
}

/** `3 of 300 need attention: 1 critical, 2 warning` */
export function summaryOf(rows: readonly ClockRow[]): Line {
  const counts = counted(rows);
  const pending = counts.get('pending') ?? 0;
  const later = pending === 0 ? '' : `; ${pending} not queried yet`;
  const bad = STATES.filter((state) => state !== 'ok' && state !== 'pending').flatMap((state) => {
    const count = counts.get(state) ?? 0;
    return count === 0 ? [] : [{ state, count }];
  });
  const sum = bad.reduce((all, { count }) => all + count, 0);
  if (sum === 0) {
    const ok = counts.get('ok') ?? 0;
    return [span(ok === rows.length ? `all ${ok} are ok` : `${ok} of ${rows.length} are ok${later}`)];
  }
  const parts = bad.flatMap(({ state, count }, i) => [
    span(i === 0 ? '' : ', '),
    span(`${count} ${state}`, STYLES[state]),
  ]);
  const verb = sum === 1 ? 'needs' : 'need';
  return [span(`${sum} of ${rows.length} ${verb} attention: `), ...parts, span(later)];
}

/** The largest number of lines of each kind, and of targets in a line. */
const MOST_LINES = 5;
const MOST_NAMED = 8;

/** The findings of the topology, in words. */
export function findingsOf({ sources, loops, islands }: Topology): Line[] {
  const suspects = sources.filter(({ isSuspect }) => isSuspect);
  return [
    ...few(suspects, 'suspected sources', ({ address, name, falseticker, users }) => {
      const called = name === null || name === address ? address : `${address} (${printedName(name)})`;
      return `suspected source ${visible(called)}: ${falseticker} of ${users} clocks call it a falseticker`;
    }),
    ...few(loops, 'loops', (loop) => `loop: ${named(loop)} follow each other in a circle`),
    ...few(islands, 'islands', (island) => `island: ${named(island)} follow nothing outside`),
  ];
}

function few<T>(all: readonly T[], what: string, text: (each: T) => string): Line[] {
  const lines = all.slice(0, MOST_LINES).map(text);
  const left = all.length - lines.length;
  if (left > 0) lines.push(`${left} more ${what}`);
  return lines.map((line) => [span(line, 'warning')]);
}

function named(targets: readonly string[]): string {
  const first = targets.slice(0, MOST_NAMED).map(visible).join(', ');
  return targets.length > MOST_NAMED ? `${first} and ${targets.length - MOST_NAMED} more` : first;
}

/** A line of CSV for each clock, without a heading. */
export function csvOf(rows: readonly ClockRow[]): string {
  return rows
    .map(({ state, address, maxError, reference, referenceAddress, ...row }) => [
      state,
      address,
      maxError,
      row.offset,
      row.stratum,
      reference,
      referenceAddress,
      row.measurementAge,
      row.heard,
      row.reasons.join('; '),
    ])
    .map((cells) => `${cells.map(csvCell).join(',')}\n`)
    .join('');
}

function csvCell(value: string | number | null): string {
  const text = visible(String(value ?? ''));
  return /[",]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
