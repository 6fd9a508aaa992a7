/** The values of options. */
import { UsageError } from './usage.ts';

function refuse(option: string, what: string, text: string): never {
  throw new UsageError(`--${option} needs ${what}, not '${text}'`);
}

export function wholeNumber(
  option: string,
  text: string | undefined,
  low: number,
  high: number,
): number | undefined {
  if (text === undefined) return undefined;
  const value = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  return value >= low && value <= high
    ? value
    : refuse(option, `a whole number from ${low} to ${high}`, text);
}

export function seconds(
  option: string,
  text: string | undefined,
  low: number,
  high: number,
): number | undefined {
  if (text === undefined) return undefined;
  const value = /^\d+(?:\.\d+)?$|^\.\d+$/.test(text) ? Number(text) : Number.NaN;
  return value >= low && value <= high ? value : refuse(option, `seconds from ${low} to ${high}`, text);
}

export function oneOf<Word extends string>(
  option: string,
  text: string | undefined,
  words: readonly Word[],
): Word | undefined {
  if (text === undefined) return undefined;
  return words.find((word) => word === text) ?? refuse(option, `one of: ${words.join(', ')}`, text);
}
