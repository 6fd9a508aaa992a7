/** Quantities as chronyc prints them in its tables: a few digits and the unit that suits. */
import { fixed, signed } from './number.ts';

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const YEAR = 365 * DAY;

/** As chronyd sends an age of what has not happened yet. */
export const NEVER = 2 ** 32 - 1;

/** From so many seconds on in the next unit. */
const UNTIL_MINUTES = 20 * MINUTE;
const UNTIL_HOURS = 10 * HOUR;
const UNTIL_DAYS = 4 * DAY;
const UNTIL_YEARS = 1000 * DAY;

/** Whole seconds, cut to whole units, 4 wide. */
export function interval(seconds: number): string {
  return intervalText(seconds).padStart(4);
}

function intervalText(seconds: number): string {
  if (seconds === NEVER) return '-';
  if (seconds < UNTIL_MINUTES) return String(seconds);
  if (seconds < UNTIL_HOURS) return `${Math.floor(seconds / MINUTE)}m`;
  if (seconds < UNTIL_DAYS) return `${Math.floor(seconds / HOUR)}h`;
  if (seconds < UNTIL_YEARS) return `${Math.floor(seconds / DAY)}d`;
  return `${Math.floor(seconds / YEAR)}y`;
}

type Printf = (value: number, decimals: number) => string;

/** Below a second: how many make one, up to four digits. */
const FRACTIONS = [
  [1e9, 'ns'],
  [1e6, 'us'],
  [1e3, 'ms'],
] as const;
const FOUR_DIGITS = 9999.5;

/** From a second on: how many seconds make one, up to five digits. */
const MULTIPLES = [
  [1, 's'],
  [MINUTE, 'm'],
  [HOUR, 'h'],
  [DAY, 'd'],
] as const;
const FIVE_DIGITS = 99999.5;

/** Above it seconds have no decimal. */
const THREE_DIGITS = 999.5;

function offsetText(seconds: number, printf: Printf): string {
  const magnitude = Math.abs(seconds);
  for (const [perSecond, unit] of FRACTIONS) {
    if (magnitude * perSecond < FOUR_DIGITS) return printf(seconds * perSecond, 0) + unit;
  }
  if (magnitude < THREE_DIGITS) return `${printf(seconds, 1)}s`;
  for (const [length, unit] of MULTIPLES) {
    if (magnitude / length < FIVE_DIGITS) return printf(seconds / length, 0) + unit;
  }
  return `${printf(seconds / YEAR, 0)}y`;
}

/** The size of an offset in seconds, 6 wide. */
export function offset(seconds: number): string {
  return offsetText(Math.abs(seconds), fixed).padStart(6);
}

/** An offset in seconds with its sign, 7 wide. */
export function signedOffset(seconds: number): string {
  return offsetText(seconds, signed).padStart(7);
}

function ppmText(value: number, printf: Printf): string {
  return printf(value, Math.abs(value) < FIVE_DIGITS ? 3 : 0).padStart(10);
}

/** Parts per million, 10 wide. */
export function ppm(value: number): string {
  return ppmText(value, fixed);
}

/** Parts per million with the sign, 10 wide. */
export function signedPpm(value: number): string {
  return ppmText(value, signed);
}
