/** Ranges and ticks of the charts' scales. */
import { timeOfDay, unitFor } from '../format.ts';

export type Range = [low: number, high: number];
export type Values = readonly (number | null)[];

/** The shortest time scale, in seconds: with a shorter one, the first points would jump. */
const SHORTEST_S = 60;

export function timeRange(low: number | null, high: number | null): Range {
  const end = high ?? Date.now() / 1000;
  return [Math.min(low ?? end, end - SHORTEST_S), end];
}

/** The fraction of the values at each end that may be outliers. */
const OUTLIERS = 0.1;
/** Outliers within this multiple of the range of the others are shown. */
const STILL_SHOWN = 3;
/** The fraction of the latest values that is always shown. */
const LATEST = 0.1;

/**
 * The range from the least to the greatest value, without a few early outliers, as after each start of chronyd: with
 * them the rest would be a flat line.
 *
 * @param least - the least height of the range
 */
function usualRange(values: Values, least: number): Range {
  const known = values.filter((value) => value !== null);
  const sorted = known.toSorted((a, b) => a - b);
  const at = (part: number): number => sorted[Math.round(part * (sorted.length - 1))] ?? 0;
  const room = STILL_SHOWN * Math.max(at(1 - OUTLIERS) - at(OUTLIERS), least);
  const low = Math.max(at(0), at(OUTLIERS) - room);
  const high = Math.min(at(1), at(1 - OUTLIERS) + room);
  const latest = known.slice(-Math.ceil(LATEST * known.length));
  return latest.reduce<Range>(
    (range, value) => [Math.min(range[0], value), Math.max(range[1], value)],
    [low, high],
  );
}

/** Makes a range symmetric around zero. */
export function evenRange(values: Values, least: number): Range {
  const size = Math.max(usualRange(values, least)[1], least) * 1.1;
  return [-size, size];
}

/** Adds some room on both sides. */
export function looseRange(values: Values, least: number): Range {
  const [low, high] = usualRange(values, least);
  const half = Math.max((high - low) * 0.6, least / 2);
  return [(low + high) / 2 - half, (low + high) / 2 + half];
}

/** Adds some room on both sides, and includes zero. */
export function zeroRange(values: Values, least: number): Range {
  const [low, high] = usualRange(values, least);
  return looseRange([Math.min(low, 0), Math.max(high, 0)], least);
}

/** Formats ticks in the unit that suits the largest one. */
export function secondsTicks(ticks: readonly number[]): string[] {
  const largest = Math.max(...ticks.map(Math.abs));
  const [perSecond, unit] = unitFor(largest);
  return withUnit(
    ticks.map((tick) => tick * perSecond),
    unit,
  );
}

/** Formats ticks with as many decimals as needed to distinguish them. */
export function withUnit(ticks: readonly number[], unit: string): string[] {
  const step = Math.abs((ticks[1] ?? 0) - (ticks[0] ?? 0)) || 1;
  let decimals = 0;
  while (decimals < 9 && !isWhole(step * 10 ** decimals)) decimals++;
  return ticks.map((tick) => `${withoutSignOfZero(tick.toFixed(decimals)).replace('-', '−')} ${unit}`);
}

/** Allows for the rounding error of a double. */
function isWhole(value: number): boolean {
  return Math.round(value) > 0 && Math.abs(value - Math.round(value)) < 1e-6;
}

/** `+0.000 ppm` → `0.000 ppm` */
export function withoutSignOfZero(text: string): string {
  return text.replace(/^[-−+](?=0(?:\.0+)?(?: |$))/, '');
}

/** @param step - seconds from one to the next */
export function timeTicks(ticks: readonly number[], step: number): string[] {
  return ticks.map((tick) => timeOfDay(tick, step < 60));
}
