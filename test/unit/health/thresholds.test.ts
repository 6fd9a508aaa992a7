import { describe, expect, it } from 'vitest';
import { decimal } from '../../../src/health/judgement.ts';
import { ageLimit, readThresholds } from '../../../src/health/thresholds.ts';
import { checkHealth, type HealthLimits, type HealthThresholds, judgeHealth } from '../../../src/index.ts';
import { makeTracking } from '../../../src/testing/index.ts';

describe('the thresholds', () => {
  it('have defaults', () => {
    const defaults = {
      maxError: { warning: 0.25, critical: 0.5 },
      offset: { warning: null, critical: null },
      maxStratum: null,
      minSources: 1,
      minSelectable: 0,
      maxAge: undefined,
      maxSkew: null,
      minCookies: 3,
      leap: 'warning',
      allowLocal: false,
    };
    expect(readThresholds()).toEqual(defaults);
    const nothingSaid = { maxError: undefined, offset: {}, maxStratum: undefined, minSources: undefined };
    expect(readThresholds(nothingSaid)).toEqual(defaults);
    expect(readThresholds({ allowLocal: true })).toEqual({ ...defaults, allowLocal: true, minSources: 0 });
  });

  it.each<[HealthLimits, HealthLimits]>([
    [{ critical: 0.001 }, { warning: 0.001, critical: 0.001 }],
    [{ critical: 0 }, { warning: 0, critical: 0 }],
    [{ critical: 0.1 }, { warning: 0.1, critical: 0.1 }],
    [{ critical: 0.3 }, { warning: 0.25, critical: 0.3 }],
    [{ critical: null }, { warning: 0.25, critical: null }],
    [
      { critical: 0.001, warning: undefined },
      { warning: 0.001, critical: 0.001 },
    ],
    [
      { critical: 0.001, warning: null },
      { warning: null, critical: 0.001 },
    ],
  ])('lower the default warning to the critical limit: %o', (given, limits) => {
    expect(readThresholds({ maxError: given }).maxError).toEqual(limits);
  });

  it.each([
    [{}, null, 1025],
    [{}, 64, 1025],
    [{}, 256, 1025],
    [{}, 512, 2048],
    [{}, 1024, 4096],
    [{}, 2 ** 24, 366 * 86_400],
    [{ maxAge: 5 }, 1024, 5],
    [{ maxAge: 0 }, 1024, 0],
    [{ maxAge: null }, 1024, null],
  ])('give the maximum age with %o at a poll interval of %s s: %s s', (given, pollInterval, limit) => {
    expect(ageLimit(readThresholds(given), pollInterval)).toBe(limit);
  });

  it('can be equal for warning and critical', () => {
    const same = { warning: 2, critical: 2 };
    expect(readThresholds({ maxError: same }).maxError).toEqual(same);
  });

  it('stay the same when they are read again', () => {
    const read = readThresholds({ offset: { warning: 3 }, allowLocal: true, maxStratum: 4, maxAge: null });
    expect(readThresholds(read)).toEqual(read);
  });

  it.each<[object, typeof TypeError, string]>([
    [{ maxError: { warning: -1 } }, RangeError, 'maxError.warning must be a number from 0 to 86400, not -1'],
    [{ maxError: { warning: Number.NaN } }, RangeError, 'maxError.warning'],
    [{ maxError: { critical: Infinity } }, RangeError, 'maxError.critical'],
    [{ maxError: { critical: '1' } }, TypeError, 'maxError.critical must be a number, not string'],
    [{ maxError: 0.1 }, TypeError, 'maxError must be an object with warning and critical, not 0.1'],
    [{ maxError: null }, TypeError, 'maxError must be an object with warning and critical, not null'],
    [
      { maxError: { warning: 2, critical: 1 } },
      RangeError,
      'maxError.warning (2) must not be above maxError.critical (1); lower it, or raise the other',
    ],
    [
      { maxError: { warning: 0.6 } },
      RangeError,
      'maxError.warning (0.6) must not be above maxError.critical (0.5), which is the default; set both',
    ],
    [
      { maxError: { critical: -1 } },
      RangeError,
      'maxError.critical must be a number from 0 to 86400, not -1',
    ],
    [{ minSelectable: 1.5 }, RangeError, 'minSelectable must be a whole number from 0 to 65535, not 1.5'],
    [{ maxAge: -1 }, RangeError, 'maxAge must be a number from 0 to 31622400, not -1'],
    [{ maxAge: Infinity }, RangeError, 'maxAge'],
    [{ maxSkew: '5' }, TypeError, 'maxSkew must be a number, not string'],
    [{ maxSkew: -1 }, RangeError, 'maxSkew must be a number from 0 to 1000000, not -1'],
    [{ minCookies: 9 }, RangeError, 'minCookies must be a whole number from 0 to 8, not 9'],
    [{ offset: { warning: 2, critical: 1 } }, RangeError, 'offset.warning (2) must not be above'],
    [{ offset: { critical: 86_401 } }, RangeError, 'offset.critical'],
    [{ maxStratum: 0 }, RangeError, 'maxStratum must be a whole number from 1 to 15, not 0'],
    [{ maxStratum: 16 }, RangeError, 'maxStratum'],
    [{ maxStratum: 2.5 }, RangeError, 'maxStratum'],
    [{ minSources: -1 }, RangeError, 'minSources must be a whole number from 0 to 65535, not -1'],
    [{ minSources: '3' }, TypeError, 'minSources must be a number, not string'],
    [{ leap: 'unknown' }, RangeError, 'leap must be one of: ok, warning, critical; not unknown'],
    [{ leap: true }, RangeError, 'leap'],
    [{ allowLocal: 'yes' }, TypeError, 'allowLocal must be true or false, not string'],
  ])('reject %o', async (thresholds, ErrorClass, message) => {
    // an untyped caller can pass this
    const given = thresholds as HealthThresholds;
    for (const read of [() => readThresholds(given), () => judgeHealth(makeTracking(), [], given)]) {
      expect(read).toThrow(ErrorClass);
      expect(read).toThrow(message);
    }
    await expect(checkHealth({ address: '127.0.0.1:9', ...given })).rejects.toThrow(message);
  });
});

it.each([
  [0, '0'],
  [-0, '0'],
  [-1e-12, '0'],
  [1e-9, '0.000000001'],
  [-0.00025, '-0.00025'],
  [0.1, '0.1'],
  [10, '10'],
  [100.5, '100.5'],
  [86_400, '86400'],
  [2 ** 62, '4611686018427387904'],
])('writes %d as a plain decimal: %s', (value, text) => {
  expect(decimal(value)).toBe(text);
});
