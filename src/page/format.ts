/** Formats of quantities and times that chronyc does not print. The formats of chronyc are in chronyc/values.ts. */
import { readableInterval, readableOffset, twoDigits } from '../chronyc/values.ts';

/** A polling interval, given as a power of two: `16 s`, `250 ms`. */
export function pollInterval(poll: number): string {
  return poll < 0 ? readableOffset(2 ** poll) : readableInterval(2 ** poll);
}

/** `35 s ago`, or `never`. */
export function ago(seconds: number | null): string {
  return seconds === null ? 'never' : `${readableInterval(seconds)} ago`;
}

/** The units of time: the limit in seconds below which each is used, and the number of units in a second. */
const UNITS = [
  [1e-6, 1e9, 'ns'],
  [1e-3, 1e6, 'µs'],
  [1, 1e3, 'ms'],
] as const;

/** Returns the unit that suits a number of seconds, and the number of units in a second. */
export function unitFor(seconds: number): readonly [perSecond: number, unit: string] {
  const [, perSecond, unit] = UNITS.find(([limit]) => seconds < limit) ?? [0, 1, 's'];
  return [perSecond, unit];
}

/** Formats a bound, rounded up to three digits. */
export function bound(value: number): string {
  return threeDigits(roundedUp(value));
}

/** The size of an offset in seconds, to three digits: `1.89 ms`. */
export function rough(value: number): string {
  return threeDigits(Number(Math.abs(value).toPrecision(3)));
}

function threeDigits(value: number): string {
  const [perSecond, unit] = unitFor(value);
  return `${Number((value * perSecond).toPrecision(3))} ${unit}`;
}

function roundedUp(value: number): number {
  if (value === 0) return 0;
  const step = 10 ** (Math.floor(Math.log10(value)) - 2);
  // the rounding error of a double must not raise the last digit
  return Math.ceil(value / step - 1e-9) * step;
}

/** `12:03:04`, in the browser's time zone. */
export function timeOfDay(secondsSinceEpoch: number, withSeconds = true): string {
  const date = new Date(secondsSinceEpoch * 1000);
  const parts = [date.getHours(), date.getMinutes(), ...(withSeconds ? [date.getSeconds()] : [])];
  return parts.map(twoDigits).join(':');
}

/** The rate of a client's requests as text: `every 64 s`, `4 a second`. @param rate - per second, 0 if it is unknown */
export function rateText(rate: number): string {
  if (rate === 0) return 'not known';
  return rate > 1
    ? `${Number(rate.toPrecision(2))} a second`
    : `every ${readableInterval(Math.round(1 / rate))}`;
}

/** A number of things: `1 client`, `23 clients`. */
export function counted(count: number, thing: string): string {
  return `${count} ${thing}${count === 1 ? '' : 's'}`;
}
