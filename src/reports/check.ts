/**
 * The checks that every value passes on its way into a report's class. Each returns its value, so that a
 * constructor reads as a list of assignments, or throws a {@link ChronyDataError} naming field and value.
 */
import { ChronyDataError } from '../errors.ts';

function invalid(field: string, value: unknown, rule: string): never {
  throw new ChronyDataError(`invalid ${field}: ${String(value)} (${rule})`);
}

/** A finite number of either sign. */
export function finite(field: string, value: number): number {
  return Number.isFinite(value) ? value : invalid(field, value, 'it must be a finite number');
}

/** A finite number, zero or more. */
export function nonNegative(field: string, value: number): number {
  return Number.isFinite(value) && value >= 0 ? value : invalid(field, value, 'it must be zero or more');
}

/** A whole number from `low` to `high`, both included. */
export function integer(field: string, value: number, low: number, high: number): number {
  return Number.isInteger(value) && value >= low && value <= high
    ? value
    : invalid(field, value, `it must be a whole number from ${low} to ${high}`);
}

/**
 * A counter: a whole number, zero or more. It has no upper limit, since a 64-bit one beyond 2⁵³ arrives
 * rounded to a double and is still the right order of magnitude.
 */
export function count(field: string, value: number): number {
  return Number.isInteger(value) && value >= 0
    ? value
    : invalid(field, value, 'it must be a whole number, zero or more');
}

/** 32 bits without a sign, such as a reference ID. */
export function uint32(field: string, value: number): number {
  return integer(field, value, 0, 0xffffffff);
}

/** The stratum of a clock that is not synchronised; 1 to 15 are those of synchronised ones. */
export const UNSYNCHRONISED_STRATUM = 16;

/**
 * A stratum, 0 to 16. 16 needs no other sign that the clock is not synchronised: chronyd itself reports it
 * with a leap status of `normal` when it follows a source of stratum 15.
 */
export function stratum(field: string, value: number): number {
  return integer(field, value, 0, UNSYNCHRONISED_STRATUM);
}

/** One of a fixed set of names. */
export function oneOf<T extends string>(field: string, value: string, names: Readonly<Record<string, T>>): T {
  for (const key in names) if (names[key] === value) return names[key];
  return invalid(field, value, `it must be one of: ${Object.values(names).join(', ')}`);
}

/** Each of a list one of a fixed set of names. */
export function eachOf<T extends string>(
  field: string,
  values: readonly string[],
  names: Readonly<Record<string, T>>,
): readonly T[] {
  return Object.freeze(values.map((value) => oneOf(field, value, names)));
}

/** Any of the checks above, for a value that the server may not have. */
export function nullable<V, A extends unknown[], R>(
  check: (field: string, value: V, ...rest: A) => R,
  field: string,
  value: V | null,
  ...rest: A
): R | null {
  return value === null ? null : check(field, value, ...rest);
}
