import { describe, expect, it } from 'vitest';
import { Smoothing } from '../../../src/reports/index.ts';
import { data, decode } from './records.ts';
import { FINITE, NON_NEGATIVE, testRules } from './rules.ts';

describe('Smoothing', () => {
  testRules(Smoothing, data.smoothing, {
    offset: FINITE,
    frequency: FINITE,
    wander: FINITE,
    lastUpdateAgo: NON_NEGATIVE,
    remainingTime: NON_NEGATIVE,
  });
});

describe('the smoothing decoder', () => {
  it.each([
    [[], false, false],
    [['active'], true, false],
    [['leaponly'], false, true],
    [['active', 'leaponly'], true, true],
  ])('reads the flags %j', (flags, active, leapOnly) => {
    expect(decode('smoothing', { flags })).toMatchObject({ active, leapOnly });
  });
});
