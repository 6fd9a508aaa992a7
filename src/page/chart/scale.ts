/** Ranges and ticks of the charts' scales. */
import { timeOfDay } from '../format/moment.ts';

export type Range = [low: number, high: number];
export type Values = readonly (number | null)[];

/** At least a minute is shown, so that the first points do not jump about. */
const SHORTEST_S = 60;

export function timeRange(low: number | null, high: number | null): Range {
  const end = high ?? Date.now() / 1000;
  return [Math.min(low ?? end, end - SHORTEST_S), end];
}

/** So many of the values at both ends may be far out. */
const FAR_OUT = 0.1;
/** How many times as far as the others they may be to be shown. */
const STILL_SHOWN = 3;
/** So many of the latest are shown in any case. */
const LATEST = 0.1;

/**
 * From the least to the greatest, but without a few earlier ones that are so far out that the rest would be a flat line
 * beside them, as after every start of chronyd.
 *
 * @param least - no less than that high
 */
function usualRange(values: Values, least: number): Range {
  const known = values.filter((value) => value !== null);
  const sorted = known.toSorted((a, b) => a - b);
  const at = (part: number): number => sorted[Math.round(part * (sorted.length - 1))] ?? 0;
  const room = STILL_SHOWN * Math.max(at(1 - FAR_OUT) - at(FAR_OUT), least);
  const low = Math.max(at(0), at(FAR_OUT) - room);
  const high = Math.min(at(1), at(1 - FAR_OUT) + room);
  const latest = known.slice(-Math.ceil(LATEST * known.length));
  return latest.reduce<Range>(
    (range, value) => [Math.min(range[0], value), Math.max(range[1], value)],
    [low, high],
  );
}

/** As far down as up. */
export function evenRange(values: Values, least: number): Range {
  const size = Math.max(usualRange(values, least)[1], least) * 1.1;
  return [-size, size];
}

/** With some room on both sides. */
export function looseRange(values: Values, least: number): Range {
  const [low, high] = usualRange(values, least);
  const half = Math.max((high - low) * 0.6, least / 2);
  return [(low + high) / 2 - half, (low + high) / 2 + half];
}

/** The same, and zero is in it. */
export function zeroRange(values: Values, least: number): Range {
  const [low, high] = usualRange(values, least);
  return looseRange([Math.min(low, 0), Math.max(high, 0)], least);
}

const UNITS = [
  [1e-6, 1e9, 'ns'],
  [1e-3, 1e6, 'µs'],
  [1, 1e3, 'ms'],
] as const;

/** All in the unit that suits the largest. */
export function secondsTicks(ticks: readonly number[]): string[] {
  const largest = Math.max(...ticks.map(Math.abs));
  const [, perSecond, unit] = UNITS.find(([limit]) => largest < limit) ?? [0, 1, 's'];
  return withUnit(
    ticks.map((tick) => tick * perSecond),
    unit,
  );
}

/** With as many decimals as tell one from the next. */
export function withUnit(ticks: readonly number[], unit: string): string[] {
  const step = Math.abs((ticks[1] ?? 0) - (ticks[0] ?? 0)) || 1;
  let decimals = 0;
  while (decimals < 9 && !isWhole(step * 10 ** decimals)) decimals++;
  return ticks.map((tick) => `${withoutSignOfZero(tick.toFixed(decimals)).replace('-', '−')} ${unit}`);
}

/** But for what a double cannot hold. */
function isWhole(value: number): boolean {
  return Math.round(value) > 0 && Math.abs(value - Math.round(value)) < 1e-6;
}

/** `+0.000 ppm` and `-0 ns` are nothing. */
export function withoutSignOfZero(text: string): string {
  return text.replace(/^[-−+](?=0(?:\.0+)?(?: |$))/, '');
}

/** @param step - seconds from one to the next */
export function timeTicks(ticks: readonly number[], step: number): string[] {
  return ticks.map((tick) => timeOfDay(tick, step < 60));
}
