/** How good a sample of chronyd is as a bound. */
import { describe, expect, it } from 'vitest';
import { isStale, qualityOf } from '../../../src/clock/sample.ts';
import { local, makeSample, unsynchronised } from './samples.ts';

describe('a sample', () => {
  it('is good if its reference time is no older than eight update intervals', () => {
    expect(qualityOf(makeSample({}, 512), false)).toBe('good');
    expect(qualityOf(makeSample({}, 513), false)).toBe('stale');
    // in the future: the reference time is not of this clock
    expect(qualityOf(makeSample({}, -513), false)).toBe('stale');
  });

  it('is good after a burst, and after the first update, if its source is polled less often', () => {
    for (const updateInterval of [0, 2]) {
      expect(isStale(makeSample({ updateInterval }, 60))).toBe(true);
      expect(qualityOf(makeSample({ updateInterval }, 60, null), false)).toBe('stale');
      expect(qualityOf(makeSample({ updateInterval }, 60, 64), false)).toBe('good');
      expect(qualityOf(makeSample({ updateInterval }, 513, 64), false)).toBe('stale');
    }
  });

  it('in local mode is good only if that is allowed', () => {
    expect(qualityOf(local, false)).toBe('local');
    expect(qualityOf(local, true)).toBe('good');
  });

  it('is no bound while chronyd is not synchronised', () => {
    expect(qualityOf(unsynchronised, true)).toBe('unsynchronised');
  });
});
