/** Values with changes, as every function here takes them. */
import { checkKeys } from '../util/suggestion.ts';

/**
 * Changes to an object: some of its properties. Properties of properties that are objects are merged with what is there, lists
 * replace it. What is undefined is left as it is.
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
 * The object with changes; neither is changed.
 *
 * @param where - the function that was given the changes, for the message
 * @param path - where the changes are in what it was given
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

/** True for an object with properties: no list, and not null. */
function isRecord(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
