/** Ranges and ticks of the charts' scales. */
import { timeOfDay } from '../format/moment.ts';

type Range = [low: number, high: number];

/** At least a minute is shown, so that the first points do not jump about. */
const SHORTEST_S = 60;

export function timeRange(low: number | null, high: number | null): Range {
  const end = high ?? Date.now() / 1000;
  return [Math.min(low ?? end, end - SHORTEST_S), end];
}

/** As far up as down. */
export function evenRange(low: number | null, high: number | null, least: number): Range {
  const size = Math.max(Math.abs(low ?? 0), Math.abs(high ?? 0), least) * 1.1;
  return [-size, size];
}

/** With some room on both sides, and never less than that high. */
export function looseRange(low: number | null, high: number | null, least: number): Range {
  const middle = ((low ?? 0) + (high ?? 0)) / 2;
  const half = Math.max(((high ?? 0) - (low ?? 0)) * 0.6, least / 2);
  return [middle - half, middle + half];
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
  const decimals = Math.max(0, Math.ceil(-Math.log10(step) - 1e-9));
  return ticks.map(
    (tick) =>
      `${tick
        .toFixed(decimals)
        .replace(/^-(?=0\.?0*$)/, '')
        .replace('-', '−')} ${unit}`,
  );
}

/** @param step - seconds from one to the next */
export function timeTicks(ticks: readonly number[], step: number): string[] {
  return ticks.map((tick) => timeOfDay(tick, step < 60));
}
