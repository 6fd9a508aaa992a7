/** The text of the clients. */
import { expect, it } from 'vitest';
import { counted, rateText } from '../../../src/page/format.ts';

it.each([
  [0, 'not known'],
  [2 ** -6, 'every 64 s'],
  [2 ** -10, 'every 1024 s'],
  [2 ** -12, 'every 68 min'],
  [1, 'every 1 s'],
  [4, '4 a second'],
  [1 / 64 + 32, '32 a second'],
  [2 ** -10 + 2 ** -6, 'every 60 s'],
])('writes a rate of %d as %s', (rate, text) => {
  expect(rateText(rate)).toBe(text);
});

it('uses singular and plural', () => {
  expect(counted(1, 'client')).toBe('1 client');
  expect(counted(0, 'client')).toBe('0 clients');
  expect(counted(4096, 'client')).toBe('4096 clients');
});
