/** Merges overrides into default values. */
import { checkKeys } from '../util/suggestion.ts';

/**
 * Overrides for some properties of an object. Nested objects are merged; lists are replaced. `undefined` keeps the
 * value.
 */
export type Changes<T> = {
  readonly [K in keyof T]?:
    | (NonNullable<T[K]> extends readonly unknown[]
        ? T[K]
        : NonNullable<T[K]> extends object
          ? Changes<NonNullable<T[K]>> | Extract<T[K], null>
          : T[K])
    | undefined;
};

/**
 * Returns a copy of the object with the changes. The arguments are not modified.
 *
 * @param where - the function that received the changes, for the error message
 * @param path - the path of the changes in the argument of that function
 * @throws TypeError for a property that the object does not have.
 */
export function merged<T extends object>(base: T, changes: Changes<T>, where: string, path = ''): T {
  checkKeys(changes, Object.keys(base), where, path);
  const result = { ...base } as Record<string, unknown>;
  for (const [key, value] of Object.entries(changes)) {
    if (value === undefined) continue;
    const old = result[key];
    const inner = path === '' ? key : `${path}.${key}`;
    result[key] = isRecord(old) && value !== null ? merged(old, value as object, where, inner) : value;
  }
  return result as T;
}

/** True for an object that is neither an array nor null. */
function isRecord(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
