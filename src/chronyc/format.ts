/**
 * The labels and formats of chronyc's reports. The command line uses them to print raw records byte for byte as
 * chronyc does. The page uses the same labels for the data of the classes, and the same text unless a format says
 * otherwise.
 */
import type { Timespec } from '../reports/report-field.ts';
import type { Fields } from './fields.ts';
import {
  csvTime,
  fixed,
  interval,
  offset,
  ppm,
  readableInterval,
  readableOffset,
  readablePpm,
  readableSignedOffset,
  readableSignedPpm,
  readableTime,
  signed,
  signedOffset,
  signedPpm,
  utcTime,
  yesNo,
} from './values.ts';

/** A field as chronyc prints it: as text, and as one or more CSV values. */
export interface Printed {
  readonly text: string;
  readonly cells: readonly string[];
}

/** The format of a field's value. */
export interface Format<Value> {
  /** Null if the record has no such field. */
  ofField(fields: Fields, field: string): Printed | null;
  /** The text on the page; null to omit the field. */
  ofValue(value: Value): string | null;
}

/** A labelled value of a report. */
export interface Line<Data> {
  readonly label: string;
  /** Null if the record has no such field. */
  ofRecord(fields: Fields): Printed | null;
  /** Null if the data have no such value. */
  ofData(data: Data): string | null;
}

/**
 * @param field - the name of the field in a raw record
 * @param key - the property of the same value in the data class
 */
export function line<Data, Key extends keyof Data>(
  label: string,
  { ofField, ofValue }: Format<Data[Key]>,
  field: string,
  key: Key,
): Line<Data> {
  return {
    label,
    ofRecord: (fields) => ofField(fields, field),
    ofData: (data) => ofValue(data[key]),
  };
}

/** The labels and values of the data, as the page shows them. */
export function labelledValues<Data>(
  lines: readonly Line<Data>[],
  data: Data,
): (readonly [label: string, value: string])[] {
  return lines.flatMap(({ label, ofData }) => {
    const value = ofData(data);
    return value === null ? [] : [[label, value] as const];
  });
}

/** @param onPage - the text on the page, if it differs from chronyc's */
function numberFormat(
  text: (value: number) => string,
  cell: (value: number) => string,
  onPage = (value: number): string => text(value).trim(),
): Format<number> {
  return {
    ofField(fields, field) {
      const value = fields.number(field);
      return { text: text(value), cells: [cell(value)] };
    },
    ofValue: onPage,
  };
}

/** @param unit - follows the number; includes the space before it */
export function decimals(count: number, unit: string): Format<number> {
  const cell = (value: number): string => fixed(value, count);
  return numberFormat((value) => cell(value) + unit, cell);
}

/** A number with its sign. In CSV only negative numbers have a sign. */
export function signedDecimals(count: number, unit: string): Format<number> {
  return numberFormat(
    (value) => signed(value, count) + unit,
    (value) => fixed(value, count),
  );
}

/** The magnitude, and a word for the direction. */
export function directed(count: number, text: (size: string, isPositive: boolean) => string): Format<number> {
  return numberFormat(
    (value) => text(fixed(Math.abs(value), count), value > 0),
    (value) => fixed(value, count),
  );
}

/** A number right-aligned before its unit. */
export function aligned(count: number, width: number, unit: string): Format<number> {
  const cell = (value: number): string => fixed(value, count);
  return numberFormat((value) => cell(value).padStart(width) + unit, cell);
}

/** An exponent of 2 and the seconds that it represents. Like chronyc, it clamps the exponent for the seconds. */
export function powerOfTwo(count: number): Format<number> {
  const seconds = (exponent: number): string => fixed(2 ** Math.min(Math.max(exponent, -31), 31), count);
  return {
    ofField(fields, field) {
      const exponent = fields.number(field);
      return { text: textOf(exponent), cells: [String(exponent), seconds(exponent)] };
    },
    ofValue: textOf,
  };
  function textOf(exponent: number): string {
    return `${exponent} (${seconds(exponent)} seconds)`;
  }
}

export const intervals = numberFormat(interval, String, readableInterval);
const fixed9 = (value: number): string => fixed(value, 9);
const fixed3 = (value: number): string => fixed(value, 3);
export const offsets = numberFormat(signedOffset, fixed9, readableSignedOffset);
export const offsetSizes = numberFormat(offset, fixed9, readableOffset);
export const signedPpms = numberFormat(signedPpm, fixed3, readableSignedPpm);
export const ppms = numberFormat(ppm, fixed3, readablePpm);

/** A whole number, exact. */
export const count: Format<number> = {
  ofField(fields, field) {
    const text = fields.integer(field);
    return { text, cells: [text] };
  },
  ofValue: String,
};

/** A count that only some versions of chronyd send. */
export const optionalCount: Format<number | null> = {
  ofField: (fields, field) => (fields.has(field) ? count.ofField(fields, field) : null),
  ofValue: (value) => (value === null ? null : String(value)),
};

/** A point in time. On the page its value is seconds since the epoch. */
export const time: Format<number> = {
  ofField(fields, field) {
    const value: Timespec = fields.time(field);
    return { text: utcTime(value), cells: [csvTime(value)] };
  },
  ofValue: readableTime,
};

/** chronyc's name of an enumeration's value. */
export function nameIn(names: Readonly<Record<string, string>>, value: string): string {
  return names[value] ?? 'Invalid';
}

/**
 * An enumeration.
 *
 * @param names - chronyc's names, by the C library's
 * @param none - the text on the page for null
 */
export function named<Value extends string>(
  names: Readonly<Record<Value, string>>,
  none = '',
): Format<Value | null> {
  return {
    ofField(fields, field) {
      const text = nameIn(names, fields.text(field));
      return { text, cells: [text] };
    },
    ofValue: (value) => (value === null ? none : names[value]),
  };
}

export const LEAP_STATUS = {
  normal: 'Normal',
  'insert second': 'Insert second',
  'delete second': 'Delete second',
  'not synchronized': 'Not synchronised',
} as const;
export const leap = named(LEAP_STATUS);

/** @param bit - the mask of the flag in a field of flags */
export function flag(bit: number): Format<boolean> {
  return {
    ofField(fields, field) {
      const text = yesNo((fields.number(field) & bit) !== 0);
      return { text, cells: [text] };
    },
    ofValue: yesNo,
  };
}
