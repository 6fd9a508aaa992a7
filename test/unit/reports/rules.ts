/** Tests the rules of a class, given the accepted and rejected values of each property. */
import { describe, expect, it } from 'vitest';
import { ChronyDataError } from '../../../src/errors.ts';

/** The values that a property accepts and rejects. */
export interface Rule {
  readonly accepts?: readonly unknown[];
  readonly rejects: readonly unknown[];
}

const MAX = Number.MAX_VALUE;

/** Any finite number. */
export const FINITE: Rule = {
  accepts: [-MAX, -1e-12, 0, 1e-12, MAX],
  rejects: [Number.NaN, Infinity, -Infinity, null, undefined, '1'],
};
/** A finite number, zero or more. */
export const NON_NEGATIVE: Rule = {
  accepts: [0, 1e-12, MAX],
  rejects: [-1e-12, -MAX, Number.NaN, Infinity, -Infinity, null, undefined, '1'],
};
/** A whole number in a range. */
export const integer = (low: number, high: number): Rule => ({
  accepts: [low, high],
  rejects: [low - 1, high + 1, low + 0.5, Number.NaN, Infinity, null, undefined, '1'],
});
/** A counter of any size; 64-bit counters arrive as rounded doubles. */
export const COUNT: Rule = {
  accepts: [0, 1, 0xffffffff, 2 ** 53, 2 ** 64],
  rejects: [-1, 0.5, Number.NaN, Infinity, null, undefined, '1'],
};
export const STRATUM = integer(0, 16);
export const REFERENCE_ID = integer(0, 0xffffffff);
/** One of the names of an enumeration. */
export const names = (enumeration: Readonly<Record<string, string>>): Rule => ({
  accepts: Object.values(enumeration),
  rejects: ['unknown (77)', '', 'NORMAL', 0, null, undefined],
});
/** A rule that also accepts null. */
export const orNull = (rule: Rule): Rule => ({
  accepts: [...(rule.accepts ?? []), null],
  rejects: rule.rejects.filter((value) => value !== null),
});

/** Declares a test for each value of each rule; `valid` is the data in which one value is replaced. */
export function testRules<D extends object>(
  Class: new (data: D) => object,
  valid: NoInfer<D>,
  rules: { readonly [K in keyof D]?: Rule },
): void {
  describe('its rules', () => {
    for (const [property, rule] of Object.entries(rules) as [string, Rule][]) {
      it.each(rule.accepts ?? [])(`accepts ${property} = %o`, (value) => {
        expect(new Class({ ...valid, [property]: value })).toHaveProperty(property, value);
      });
      it.each(rule.rejects.map((value) => ({ value })))(`rejects ${property} = $value`, ({ value }) => {
        const make = () => new Class({ ...valid, [property]: value });
        expect(make).toThrow(ChronyDataError);
        expect(make).toThrow(`invalid ${property}: ${String(value)} (`);
      });
    }
  });
}
