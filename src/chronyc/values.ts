/** Formats numbers, quantities, times and reference IDs as chronyc prints them, and as the page shows them. */
import { ALL_ONES } from '../reports/record.ts';
import type { Timespec } from '../reports/report-field.ts';

/** The most decimals that `toFixed` gives: enough to detect a tie. */
const EXACT_DECIMALS = 100;

/**
 * Formats like `%.<decimals>f`. For a value exactly between two results, C rounds to even and `toFixed` away from
 * zero. Such values are common, because chronyd's floats are short binary fractions.
 */
export function fixed(value: number, decimals: number): string {
  const rounded = Math.abs(value).toFixed(decimals);
  const exact = Math.abs(value).toFixed(EXACT_DECIMALS);
  const cut = exact.indexOf('.') + 1 + decimals;
  const isTie = /^50*$/.test(exact.slice(cut));
  const kept = exact.slice(0, decimals === 0 ? cut - 1 : cut);
  const magnitude = isTie && '02468'.includes(kept.slice(-1)) ? kept : rounded;
  return value < 0 || Object.is(value, -0) ? `-${magnitude}` : magnitude;
}

/** Formats like `%+.<decimals>f`. */
export function signed(value: number, decimals: number): string {
  const text = fixed(value, decimals);
  return text.startsWith('-') ? text : `+${text}`;
}

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const YEAR = 365 * DAY;

/** The age that chronyd sends for an event that has not happened yet. */
export const NEVER = ALL_ONES;

/** The seconds from which the next unit is used. */
const UNTIL_MINUTES = 20 * MINUTE;
const UNTIL_HOURS = 10 * HOUR;
const UNTIL_DAYS = 4 * DAY;
const UNTIL_YEARS = 1000 * DAY;

/** Whole seconds, truncated to whole units, 4 characters wide. */
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

/** The units below a second, with their number per second. They are used up to four digits. */
const FRACTIONS = [
  [1e9, 'ns'],
  [1e6, 'us'],
  [1e3, 'ms'],
] as const;
const FOUR_DIGITS = 9999.5;

/** The units from a second, with their seconds. They are used up to five digits. */
const MULTIPLES = [
  [1, 's'],
  [MINUTE, 'm'],
  [HOUR, 'h'],
  [DAY, 'd'],
] as const;
const FIVE_DIGITS = 99999.5;

/** The limit above which seconds have no decimal. */
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

/** The magnitude of an offset in seconds, 6 characters wide. */
export function offset(seconds: number): string {
  return offsetText(Math.abs(seconds), fixed).padStart(6);
}

/** An offset in seconds with its sign, 7 characters wide. */
export function signedOffset(seconds: number): string {
  return offsetText(seconds, signed).padStart(7);
}

function ppmText(value: number, printf: Printf): string {
  return printf(value, Math.abs(value) < FIVE_DIGITS ? 3 : 0).padStart(10);
}

/** Parts per million, 10 characters wide. */
export function ppm(value: number): string {
  return ppmText(value, fixed);
}

/** Parts per million with the sign, 10 characters wide. */
export function signedPpm(value: number): string {
  return ppmText(value, signed);
}

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

export function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}

/** `Thu Jan 01 00:00:00 1970`, in UTC. */
export function utcTime({ seconds }: Timespec): string {
  const date = new Date(Number(seconds) * 1000);
  if (Number.isNaN(date.getTime())) return secondsSinceEpoch(seconds);
  const day = `${DAYS[date.getUTCDay()]} ${MONTHS[date.getUTCMonth()]} ${twoDigits(date.getUTCDate())}`;
  return `${day} ${clock(date)} ${date.getUTCFullYear()}`;
}

/** `1970-01-01 00:00:00`, in UTC. */
export function isoTime({ seconds }: Timespec): string {
  const date = new Date(Number(seconds) * 1000);
  if (Number.isNaN(date.getTime())) return secondsSinceEpoch(seconds);
  const day = [date.getUTCMonth() + 1, date.getUTCDate()].map(twoDigits);
  return `${[date.getUTCFullYear(), ...day].join('-')} ${clock(date)}`;
}

/** The text of a time beyond JavaScript's calendar. */
function secondsSinceEpoch(seconds: bigint): string {
  return `${seconds} s since the epoch`;
}

/** `00:00:00`, in UTC. */
function clock(date: Date): string {
  return [date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds()].map(twoDigits).join(':');
}

/** Seconds since the epoch with nine decimals. */
export function csvTime({ seconds, nanoseconds }: Timespec): string {
  return `${seconds}.${String(nanoseconds).padStart(9, '0')}`;
}

export function yesNo(value: boolean): string {
  return value ? 'Yes' : 'No';
}

/**
 * The name of a source as chronyc prints it: a question mark unless all characters are visible ASCII. A name comes
 * from chronyd, and must not control the terminal.
 */
export function printedName(name: string): string {
  return isPrintedName(name) ? name : '?';
}

export function isPrintedName(name: string): boolean {
  return /^[\x21-\x7e]*$/.test(name);
}

/** A reference ID in hexadecimal. */
export function referenceHex(id: number): string {
  return id.toString(16).toUpperCase().padStart(8, '0');
}

/** The printable characters of a reference ID, which chronyc shows if there is no address. */
export function referenceText(id: number): string {
  const bytes = [id >>> 24, (id >>> 16) & 0xff, (id >>> 8) & 0xff, id & 0xff];
  return String.fromCharCode(...bytes.filter((byte) => byte >= 0x20 && byte <= 0x7e));
}

// The page shows the same digits, with a space before the unit, the micro sign, and a minus sign as wide as the plus.

/** `+12us` → `+12 µs` */
function readable(text: string): string {
  return text
    .trim()
    .replace(/(?<=\d)(?=[a-z])/, ' ')
    .replace(' us', ' µs')
    .replace('-', '−');
}

/** The magnitude of an offset in seconds: `42 µs`. */
export function readableOffset(seconds: number): string {
  return readable(offset(seconds));
}

/** An offset in seconds with its sign: `+42 µs`. */
export function readableSignedOffset(seconds: number): string {
  return readable(signedOffset(seconds));
}

/** Parts per million: `0.123 ppm`. */
export function readablePpm(value: number): string {
  return `${ppm(value).trim()} ppm`;
}

/** Parts per million with the sign: `−0.123 ppm`. */
export function readableSignedPpm(value: number): string {
  return `${signedPpm(value).trim().replace('-', '−')} ppm`;
}

const UNIT_NAMES = { m: 'min', h: 'h', d: 'd', y: 'y' } as const;

/** Seconds, truncated to whole units: `35 s`, `21 min`; `never` for null. */
export function readableInterval(seconds: number | null): string {
  if (seconds === null) return 'never';
  const text = intervalText(Math.floor(Math.min(seconds, NEVER - 1)));
  const unit = UNIT_NAMES[text.slice(-1) as keyof typeof UNIT_NAMES];
  return unit === undefined ? `${text} s` : `${text.slice(0, -1)} ${unit}`;
}

/** Seconds since the epoch as a date in UTC: `Thu Jan 01 00:00:00 1970`. */
export function readableTime(secondsSinceEpoch: number): string {
  return utcTime({ seconds: BigInt(Math.floor(secondsSinceEpoch)), nanoseconds: 0 });
}
