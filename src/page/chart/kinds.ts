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
  /** The values for screen readers: the line, or the band. */
  read(columns: Columns): Values;
  range(read: Values): Range;
  ticks(values: readonly number[]): string[];
  text(value: number): string;
}

const NANOSECOND = 1e-9;

/** Null unless the clock is synchronized: otherwise the offset has no meaning. */
function trueOffsets({ offsets, bounds }: Columns): Values {
  return offsets.map((offset, i) => ((bounds[i] ?? null) === null ? null : offset));
}

export const KINDS: readonly ChartKind[] = [
  {
    title: 'Error bound',
    note: 'The error of the clock is at most the height of the band. The line is the best estimate.',
    values: trueOffsets,
    band: ({ bounds }) => bounds,
    read: ({ bounds }) => bounds,
    range: (read) => evenRange(read, 10 * NANOSECOND),
    ticks: secondsTicks,
    text: (value) => `± ${bound(value)}`,
  },
  {
    title: 'Offset',
    note: 'The remaining correction: above zero the clock is slow, below zero it is fast.',
    values: trueOffsets,
    read: trueOffsets,
    range: (read) => zeroRange(read, 10 * NANOSECOND),
    ticks: secondsTicks,
    text: (value) => withoutSignOfZero(readableSignedOffset(value)),
  },
  {
    title: 'Frequency',
    note: 'The rate at which the clock would gain if it were not corrected, in parts per million.',
    values: ({ frequencies }) => frequencies,
    read: ({ frequencies }) => frequencies,
    range: (read) => looseRange(read, 0.01),
    ticks: (values) => withUnit(values, 'ppm'),
    text: (value) => withoutSignOfZero(readableSignedPpm(value)),
  },
];
