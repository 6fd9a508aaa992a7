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
const MIN_EXPONENT = -9;
/** Everything from 10 s on is in the last bin. */
const MAX_EXPONENT = 1;

/** The digit that divides each power of ten near its middle on a logarithmic scale. */
const MIDDLE = 3;

/** The powers of ten from 10^MIN_EXPONENT to 10^MAX_EXPONENT seconds, and the middle of each. */
const POWERS = Array.from({ length: MAX_EXPONENT - MIN_EXPONENT + 1 }, (_, i) =>
  Number(`1e${MIN_EXPONENT + i}`),
);
const MIDDLES = Array.from({ length: MAX_EXPONENT - MIN_EXPONENT + 1 }, (_, i) =>
  Number(`${MIDDLE}e${MIN_EXPONENT + i}`),
);

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
  if (value < 10 ** MIN_EXPONENT) return 0;
  if (value >= 10 ** MAX_EXPONENT) return 2 * (MAX_EXPONENT - MIN_EXPONENT) + 1;
  const power = powerOf(value);
  const isUpper = value >= (MIDDLES[power] ?? Number.POSITIVE_INFINITY);
  return 1 + 2 * power + (isUpper ? 1 : 0);
}

/** @param value - in seconds, positive if the clock is slow */
export function offsetBin(value: number): Bin {
  const size = Math.abs(value);
  if (size < 10 ** MIN_EXPONENT) return 0;
  const bin = size >= 10 ** MAX_EXPONENT ? 1 + MAX_EXPONENT - MIN_EXPONENT : 1 + powerOf(size);
  return value < 0 ? -bin : bin;
}

const MIN_TEXT = rough(10 ** MIN_EXPONENT);
const MAX_TEXT = rough(10 ** MAX_EXPONENT);

function limitOfBound(bin: Bin): number {
  const exponent = MIN_EXPONENT + Math.floor((bin - 1) / 2);
  return Number(`${bin % 2 === 0 ? MIDDLE : 1}e${exponent}`);
}

/** The range of a bin of bounds: `1 µs to 3 µs`. */
export function boundBinText(bin: Bin): string {
  if (bin <= 0) return `less than ${MIN_TEXT}`;
  if (bin > 2 * (MAX_EXPONENT - MIN_EXPONENT)) return `${MAX_TEXT} or more`;
  return `${rough(limitOfBound(bin))} to ${rough(limitOfBound(bin + 1))}`;
}

/** The range of a bin of offsets: `10 µs to 100 µs slow`. */
export function offsetBinText(bin: Bin): string {
  if (bin === 0) return `less than ${MIN_TEXT} off`;
  const word = bin > 0 ? 'slow' : 'fast';
  const size = Math.abs(bin) - 1;
  if (size >= MAX_EXPONENT - MIN_EXPONENT) return `${MAX_TEXT} or more ${word}`;
  return `${rough(Number(`1e${size + MIN_EXPONENT}`))} to ${rough(Number(`1e${size + MIN_EXPONENT + 1}`))} ${word}`;
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
  return `${bin > 0 ? '+' : '−'}${rough(Number(`1e${Math.abs(bin) - 1 + MIN_EXPONENT}`))}`;
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
