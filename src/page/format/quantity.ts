/** Quantities as chronyc prints them, but for what makes them easier to read: a space and the micro sign. */
import { fixed, signed } from '../../chronyc/number.ts';
import { interval, NEVER, offset, ppm, signedOffset, signedPpm } from '../../chronyc/units.ts';

/** `+12us` → `+12 µs`, with a minus that is as wide as the plus. */
function readable(text: string): string {
  return text
    .trim()
    .replace(/(?<=\d)(?=[a-z])/, ' ')
    .replace(' us', ' µs')
    .replace('-', '−');
}

/** The size of a number of seconds: `42 µs`. */
export function size(seconds: number): string {
  return readable(offset(seconds));
}

/** With its sign: `+42 µs`. */
export function signedSize(seconds: number): string {
  return readable(signedOffset(seconds));
}

export function signedFrequency(partsPerMillion: number): string {
  return `${signedPpm(partsPerMillion).trim().replace('-', '−')} ppm`;
}

export function frequency(partsPerMillion: number): string {
  return `${ppm(partsPerMillion).trim()} ppm`;
}

const MINUTES = { m: 'min', h: 'h', d: 'd', y: 'y' } as const;

/** Whole seconds, cut to whole units: `35 s`, `21 min`; `never` for null. */
export function duration(seconds: number | null): string {
  if (seconds === null) return 'never';
  const text = interval(Math.floor(Math.min(seconds, NEVER - 1))).trim();
  const unit = MINUTES[text.slice(-1) as keyof typeof MINUTES];
  return unit === undefined ? `${text} s` : `${text.slice(0, -1)} ${unit}`;
}

/** A polling interval by its logarithm: `16 s`, `250 ms`. */
export function pollInterval(poll: number): string {
  return poll < 0 ? size(2 ** poll) : duration(2 ** poll);
}

/** `35 s ago`, or `never`. */
export function ago(seconds: number | null): string {
  return seconds === null ? 'never' : `${duration(seconds)} ago`;
}

/** As chronyc prints them in its blocks of lines. */
export function seconds(value: number, decimals = 9): string {
  return `${fixed(value, decimals)} seconds`;
}
export function signedSeconds(value: number): string {
  return `${signed(value, 9)} seconds`;
}

const UNITS = [
  [1e-6, 1e9, 'ns'],
  [1e-3, 1e6, 'µs'],
  [1, 1e3, 'ms'],
] as const;

/** A bound, to three digits, rounded outwards: no less than it is. */
export function bound(value: number): string {
  return threeDigits(roundedUp(value));
}

/** The size of a number of seconds to three digits, for those who read no further: `1.89 ms`. */
export function rough(value: number): string {
  return threeDigits(Number(Math.abs(value).toPrecision(3)));
}

function threeDigits(value: number): string {
  const [, perSecond, unit] = UNITS.find(([limit]) => value < limit) ?? [0, 1, 's'];
  return `${Number((value * perSecond).toPrecision(3))} ${unit}`;
}

function roundedUp(value: number): number {
  if (value === 0) return 0;
  const step = 10 ** (Math.floor(Math.log10(value)) - 2);
  // what a double cannot hold exactly is not to count as more
  return Math.ceil(value / step - 1e-9) * step;
}
