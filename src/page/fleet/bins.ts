/**
 * The bins of the distributions. They are logarithmic, because the bounds and offsets of a fleet span many powers
 * of ten.
 */
import { rough } from '../format.ts';

/**
 * The number of a bin. Bounds have two bins for each power of ten, from 0. Offsets have one: negative numbers for
 * fast clocks, 0 for an offset near zero, positive numbers for slow clocks.
 */
export type Bin = number;

/** The upper limit of the first bin, as a power of ten of a second: a nanosecond. */
const LEAST = -9;
/** Everything from 10 s on is in the last bin. */
const GREATEST = 1;

/** The digit that divides each power of ten near its middle on a logarithmic scale. */
const MIDDLE = 3;

/** The powers of ten from the least to the greatest, and the middle of each. */
const POWERS = Array.from({ length: GREATEST - LEAST + 1 }, (_, i) => Number(`1e${LEAST + i}`));
const MIDDLES = Array.from({ length: GREATEST - LEAST + 1 }, (_, i) => Number(`${MIDDLE}e${LEAST + i}`));

/**
 * The index of the largest power of ten that is not greater. log10() is inexact near powers of ten, and formatting
 * the number is slow.
 */
function powerOf(value: number): number {
  let index = 0;
  while (value >= (POWERS[index + 1] ?? Number.POSITIVE_INFINITY)) index++;
  return index;
}

/** @param value - in seconds, zero or more */
export function boundBin(value: number): Bin {
  if (value < 10 ** LEAST) return 0;
  if (value >= 10 ** GREATEST) return 2 * (GREATEST - LEAST) + 1;
  const power = powerOf(value);
  const isUpper = value >= (MIDDLES[power] ?? Number.POSITIVE_INFINITY);
  return 1 + 2 * power + (isUpper ? 1 : 0);
}

/** @param value - in seconds, positive if the clock is slow */
export function offsetBin(value: number): Bin {
  const size = Math.abs(value);
  if (size < 10 ** LEAST) return 0;
  const bin = size >= 10 ** GREATEST ? 1 + GREATEST - LEAST : 1 + powerOf(size);
  return value < 0 ? -bin : bin;
}

const SMALLEST = rough(10 ** LEAST);
const LARGEST = rough(10 ** GREATEST);

function limitOfBound(bin: Bin): number {
  const exponent = LEAST + Math.floor((bin - 1) / 2);
  return Number(`${bin % 2 === 0 ? MIDDLE : 1}e${exponent}`);
}

/** The range of a bin of bounds: `1 µs to 3 µs`. */
export function boundBinText(bin: Bin): string {
  if (bin <= 0) return `less than ${SMALLEST}`;
  if (bin > 2 * (GREATEST - LEAST)) return `${LARGEST} or more`;
  return `${rough(limitOfBound(bin))} to ${rough(limitOfBound(bin + 1))}`;
}

/** The range of a bin of offsets: `10 µs to 100 µs slow`. */
export function offsetBinText(bin: Bin): string {
  if (bin === 0) return `less than ${SMALLEST} off`;
  const word = bin > 0 ? 'slow' : 'fast';
  const size = Math.abs(bin) - 1;
  if (size >= GREATEST - LEAST) return `${LARGEST} or more ${word}`;
  return `${rough(Number(`1e${size + LEAST}`))} to ${rough(Number(`1e${size + LEAST + 1}`))} ${word}`;
}

/** The maximum number of ticks. More would overlap on a phone. */
const MOST_TICKS = 6;

/** The number of powers of ten from one tick to the next. */
function tickStep(powers: number): number {
  return Math.max(1, Math.ceil(powers / MOST_TICKS));
}

/**
 * The tick at the lower edge of a bin of bounds.
 *
 * @param bins - the number of shown bins
 * @returns an empty text for a bin without a tick
 */
export function boundTick(bin: Bin, bins: number): string {
  if (bin <= 0) return '0';
  const isTicked = bin % (2 * tickStep(bins / 2)) === 1 || bins <= 2;
  return isTicked ? rough(limitOfBound(bin)) : '';
}

/** The tick below a bin of offsets: its limit nearest to zero. See {@link boundTick}. */
export function offsetTick(bin: Bin, bins: number): string {
  if (bin === 0) return '0';
  if (bin % tickStep(bins) !== 0) return '';
  return `${bin > 0 ? '+' : '−'}${rough(Number(`1e${Math.abs(bin) - 1 + LEAST}`))}`;
}

/** The number of clocks in each bin, updated with each change. */
export class Tally {
  readonly #counts = new Map<Bin, number>();

  add(bin: Bin | null): void {
    if (bin !== null) this.#counts.set(bin, this.count(bin) + 1);
  }

  delete(bin: Bin | null): void {
    if (bin === null) return;
    const count = this.count(bin) - 1;
    if (count > 0) this.#counts.set(bin, count);
    else this.#counts.delete(bin);
  }

  clear(): void {
    this.#counts.clear();
  }

  count(bin: Bin): number {
    return this.#counts.get(bin) ?? 0;
  }

  /** The bins from the lowest to the highest one with a clock, including empty bins between them. */
  bins(): { readonly bin: Bin; readonly count: number }[] {
    const known = [...this.#counts.keys()];
    if (known.length === 0) return [];
    const low = Math.min(...known);
    return Array.from({ length: Math.max(...known) - low + 1 }, (_, i) => ({
      bin: low + i,
      count: this.count(low + i),
    }));
  }
}
