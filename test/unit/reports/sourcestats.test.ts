import { describe, expect, it } from 'vitest';
import { SourceStats } from '../../../src/reports/index.ts';
import { data, decode } from './records.ts';
import { COUNT, FINITE, NON_NEGATIVE, REFERENCE_ID, testRules } from './rules.ts';

describe('SourceStats', () => {
  testRules(SourceStats, data.sourcestats, {
    referenceId: REFERENCE_ID,
    samples: COUNT,
    runs: COUNT,
    span: COUNT,
    stdDev: NON_NEGATIVE,
    residFreq: FINITE,
    skew: NON_NEGATIVE,
    offset: FINITE,
    offsetErr: NON_NEGATIVE,
  });

  it.each([
    [3, undefined, false],
    [4, undefined, true],
    [7, 8, false],
    [8, 8, true],
    [0, 0, true],
  ])('%i samples with a minimum of %s: hasSufficientSamples() is %s', (samples, minimum, sufficient) => {
    expect(new SourceStats({ ...data.sourcestats, samples }).hasSufficientSamples(minimum)).toBe(sufficient);
  });
});

describe('the sourcestats decoder', () => {
  it('names a reference clock, which has no address, by its reference ID', () => {
    expect(decode('sourcestats', { 'reference ID': 0x47505300, address: null }).address).toBe('GPS');
  });

  it('accepts a source without samples', () => {
    const empty = { samples: 0, runs: 0, span: 0, 'standard deviation': 0, skew: 2000, 'offset error': 4 };
    expect(decode('sourcestats', empty).hasSufficientSamples()).toBe(false);
  });
});
