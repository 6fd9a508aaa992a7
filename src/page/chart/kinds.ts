/** The charts: what each shows, and how its values are written. */
import { bound, signedFrequency, signedSize } from '../format/quantity.ts';
import type { Columns } from '../points.ts';
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
  /** Half the height of what is filled around zero. */
  band?(columns: Columns): Values;
  /** What is told of in words: the line, or the band. */
  told(columns: Columns): Values;
  /** Of what is told of. */
  range(told: Values): Range;
  ticks(values: readonly number[]): string[];
  text(value: number): string;
}

const NANOSECOND = 1e-9;

/** Only while the clock is synchronised: otherwise what is left to correct means nothing. */
function trueOffsets({ offsets, bounds }: Columns): Values {
  return offsets.map((offset, i) => ((bounds[i] ?? null) === null ? null : offset));
}

export const KINDS: readonly ChartKind[] = [
  {
    title: 'Error bound',
    note: 'The clock is wrong by no more than the band is high. The line is the best estimate.',
    values: trueOffsets,
    band: ({ bounds }) => bounds,
    told: ({ bounds }) => bounds,
    range: (told) => evenRange(told, 10 * NANOSECOND),
    ticks: secondsTicks,
    text: (value) => `± ${bound(value)}`,
  },
  {
    title: 'Offset',
    note: 'What is still to be corrected: above zero the clock is slow, below it is fast.',
    values: trueOffsets,
    told: trueOffsets,
    range: (told) => zeroRange(told, 10 * NANOSECOND),
    ticks: secondsTicks,
    text: (value) => withoutSignOfZero(signedSize(value)),
  },
  {
    title: 'Frequency',
    note: 'How much the clock would gain if it were not corrected: parts per million.',
    values: ({ frequencies }) => frequencies,
    told: ({ frequencies }) => frequencies,
    range: (told) => looseRange(told, 0.01),
    ticks: (values) => withUnit(values, 'ppm'),
    text: (value) => withoutSignOfZero(signedFrequency(value)),
  },
];
