import fc from 'fast-check';
import { expect, it } from 'vitest';
import { sparkline } from '../../../../src/cli/watch/frame.ts';

it.each([
  [[], ''],
  [[null, null], '  '],
  [[0, 1, 2, 3, 4, 5, 6, 7], '▁▂▃▄▅▆▇█'],
  [[-7e-9, 0, null, 7e-9], '▁▅ █'],
  [[3, 3, 3], '▅▅▅'],
  [[1, null, 0], '█ ▁'],
])('%j', (values, expected) => {
  expect(sparkline(values, true)).toBe(expected);
});

it('has one character per value, for any values', () => {
  const value = fc.option(fc.double({ min: -1e12, max: 1e12, noNaN: true }));
  fc.assert(
    fc.property(fc.array(value), fc.boolean(), (values, unicode) => {
      const drawn = sparkline(values, unicode);
      expect(drawn).toHaveLength(values.length);
      expect([...drawn].map((each) => each === ' ')).toEqual(values.map((each) => each === null));
    }),
  );
});
