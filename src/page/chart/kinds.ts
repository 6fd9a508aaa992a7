/** The kinds of charts: the values of each, and how they are written. */
import { readableSignedOffset, readableSignedPpm } from '../../chronyc/values.ts';
import { bound } from '../format.ts';
import type { Columns } from './points.ts';
import {
  evenRange,
  looseRange,
  type Range,
  secondsTicks,
  type Values,
  withoutSignOfZero,
  withUnit,
  zeroRange,
} from './scale.ts';

export interface ChartKind {
  readonly title: string;
  readonly note: string;
  /** The line. */
  values(columns: Columns): Values;
  /** Half the height of the band around zero. */
  band?(columns: Columns): Values;
  /** The values that are read out: the line, or the band. */
  read(columns: Columns): Values;
  range(read: Values): Range;
  ticks(values: readonly number[]): string[];
  text(value: number): string;
}

const NANOSECOND = 1e-9;

/** Only while the clock is synchronised: otherwise the offset has no meaning. */
function trueOffsets({ offsets, bounds }: Columns): Values {
  return offsets.map((offset, i) => ((bounds[i] ?? null) === null ? null : offset));
}

export const KINDS: readonly ChartKind[] = [
  {
    title: 'Error bound',
    note: 'The clock is wrong by no more than the band is high. The line is the best estimate.',
    values: trueOffsets,
    band: ({ bounds }) => bounds,
    read: ({ bounds }) => bounds,
    range: (read) => evenRange(read, 10 * NANOSECOND),
    ticks: secondsTicks,
    text: (value) => `± ${bound(value)}`,
  },
  {
    title: 'Offset',
    note: 'What is still to be corrected: above zero the clock is slow, below it is fast.',
    values: trueOffsets,
    read: trueOffsets,
    range: (read) => zeroRange(read, 10 * NANOSECOND),
    ticks: secondsTicks,
    text: (value) => withoutSignOfZero(readableSignedOffset(value)),
  },
  {
    title: 'Frequency',
    note: 'How much the clock would gain if it were not corrected: parts per million.',
    values: ({ frequencies }) => frequencies,
    read: ({ frequencies }) => frequencies,
    range: (read) => looseRange(read, 0.01),
    ticks: (values) => withUnit(values, 'ppm'),
    text: (value) => withoutSignOfZero(readableSignedPpm(value)),
  },
];
