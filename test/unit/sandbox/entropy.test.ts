import { describe, expect, it } from 'vitest';
import { systemEntropy } from '../../../src/sandbox/instance.ts';

describe('systemEntropy()', () => {
  it.each([1, 4, 7, 4095, 4096, 4097, 9000])('returns %i bytes, never the same twice', (length) => {
    const entropy = systemEntropy();
    const seen = new Set<string>();
    const draws = Math.ceil(4096 / length);
    for (let i = 0; i < draws; i++) {
      const bytes = new Uint8Array(length);
      entropy(bytes);
      seen.add(bytes.join());
    }
    if (length >= 4) expect(seen.size).toBe(draws);
    else expect(seen.size).toBeGreaterThan(200);
  });

  it('has no bias towards any bit', () => {
    const entropy = systemEntropy();
    const ones = new Array<number>(32).fill(0);
    const draws = 20_000;
    for (let i = 0; i < draws; i++) {
      const bytes = new Uint8Array(4);
      entropy(bytes);
      for (let bit = 0; bit < 32; bit++)
        ones[bit] = (ones[bit] ?? 0) + (((bytes[bit >> 3] ?? 0) >> (bit & 7)) & 1);
    }
    // seven standard deviations
    for (const count of ones) expect(Math.abs(count - draws / 2)).toBeLessThan(3.5 * Math.sqrt(draws));
  });
});
