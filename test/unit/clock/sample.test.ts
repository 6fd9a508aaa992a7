/** The quality of a sample as a bound. */
import { describe, expect, it } from 'vitest';
import { explain, isStale, qualityOf } from '../../../src/clock/sample.ts';
import { local, makeSample, unsynchronized } from './samples.ts';

const LOCAL_MODE = { referenceId: 0x7f7f0101, referenceIp: null };

describe('a sample', () => {
  it('is good if its reference time is no older than eight update intervals', () => {
    expect(qualityOf(makeSample({}, 512), false)).toBe('good');
    expect(qualityOf(makeSample({}, 513), false)).toBe('stale');
  });

  it('is good after a burst, and after the first update, if its source is polled less often', () => {
    for (const updateInterval of [0, 2]) {
      expect(isStale(makeSample({ updateInterval }, 60))).toBe(true);
      expect(qualityOf(makeSample({ updateInterval }, 60, null), false)).toBe('stale');
      expect(qualityOf(makeSample({ updateInterval }, 60, 64), false)).toBe('good');
      expect(qualityOf(makeSample({ updateInterval }, 513, 64), false)).toBe('stale');
    }
  });

  it.each<[Parameters<typeof makeSample>[0], number | undefined, string]>([
    [{}, -1.5, 'its reference time is 1.5 s in the future'],
    [{}, -86_400, 'its reference time is 86400.0 s in the future'],
    [{ refTime: 0 }, undefined, 'its reference time is 0, as if it had never measured'],
    [{ updateInterval: 4e9 }, 1, 'its last updates are 4.000e+9 s apart, more than a year'],
  ])('is nonsense: %j, %d s after its reference time', (tracking, age, reason) => {
    const sample = makeSample(tracking, age);
    expect(qualityOf(sample, true)).toBe('nonsense');
    expect(explain('nonsense', sample)).toMatch(
      new RegExp(
        `^chronyd reports an impossible value: ${reason.replace('+', '\\+')}; if a clock was set, .* restart chronyd$`,
      ),
    );
    expect(qualityOf(makeSample({ ...tracking, ...LOCAL_MODE }, age), true)).toBe('good');
  });

  it('can appear slightly newer than it is', () => {
    expect(qualityOf(makeSample({}, -0.5), false)).toBe('good');
    expect(qualityOf(makeSample({ updateInterval: 2 ** 24 }, 1), false)).toBe('good');
  });

  it('in local mode is good only if local mode is allowed', () => {
    expect(qualityOf(local, false)).toBe('local');
    expect(qualityOf(local, true)).toBe('good');
  });

  it('is not a bound while chronyd is not synchronized', () => {
    expect(qualityOf(unsynchronized, true)).toBe('unsynchronized');
  });
});
