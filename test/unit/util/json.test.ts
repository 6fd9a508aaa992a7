import { expect, it } from 'vitest';
import { json } from '../../../src/util/json.ts';

it('writes one line for a program, and indented lines for a person', () => {
  expect(json({ a: [1, null] }, false)).toBe('{"a":[1,null]}\n');
  expect(json({ a: [1] }, true)).toBe('{\n  "a": [\n    1\n  ]\n}\n');
});

it.each([
  [0n, '0'],
  [-1n, '-1'],
  [BigInt(Number.MAX_SAFE_INTEGER), '9007199254740991'],
  [BigInt(Number.MIN_SAFE_INTEGER), '-9007199254740991'],
  [2n ** 53n, '"9007199254740992"'],
  [-(2n ** 53n), '"-9007199254740992"'],
  [2n ** 64n - 1n, '"18446744073709551615"'],
])('writes the integer %d as %s: a string if a double is not exact', (value, text) => {
  expect(json({ value }, false)).toBe(`{"value":${text}}\n`);
});
