import { describe, expect, it } from 'vitest';
import { readOptions, totalTimeout, tryTimeout } from '../../../src/client/options.ts';
import { readClockOptions } from '../../../src/clock/bounded-clock.ts';
import { ChronyConnection, type ChronyOptions, getTracking, pollMany } from '../../../src/index.ts';

describe('the options', () => {
  it('have the defaults of chronyc: seven seconds in total', () => {
    const settings = readOptions(undefined);
    expect(settings).toEqual({ address: undefined, timeoutMs: 1000, retries: 2, signal: undefined });
    expect([0, 1, 2].map((attempt) => tryTimeout(settings, attempt))).toEqual([1000, 2000, 4000]);
    expect(totalTimeout(settings)).toBe(7000);
  });

  it('can be just an address', () => {
    expect(readOptions('host').address).toBe('host');
  });

  it('can be null wherever they can be omitted, for JavaScript callers', async () => {
    const none = null as unknown as undefined;
    expect(readOptions(none)).toEqual(readOptions(undefined));
    expect(readClockOptions(none)).toEqual(readClockOptions(undefined));
    await pollMany([], 'tracking', none).return();
    await using chrony = await ChronyConnection.open('127.0.0.1');
    await chrony.watch('tracking', none).return();
  });

  it('never exceed the longest possible timer', () => {
    const settings = readOptions({ timeoutMs: 2 ** 31 - 1, retries: 100 });
    expect(tryTimeout(settings, 100)).toBe(2 ** 31 - 1);
    expect(totalTimeout(settings)).toBe(2 ** 31 - 1);
  });

  it.each<[object, typeof TypeError, string]>([
    [{ timeoutMs: 0 }, RangeError, 'timeoutMs must be a number from 1 to 2147483647, not 0'],
    [{ timeoutMs: -1 }, RangeError, 'timeoutMs'],
    [{ timeoutMs: Number.NaN }, RangeError, 'timeoutMs'],
    [{ timeoutMs: Infinity }, RangeError, 'timeoutMs'],
    [{ timeoutMs: '1000' }, TypeError, 'timeoutMs must be a number, not string'],
    [{ timeoutMs: null }, TypeError, 'timeoutMs'],
    [{ retries: -1 }, RangeError, 'retries must be a whole number from 0 to 100, not -1'],
    [{ retries: 1.5 }, RangeError, 'retries'],
    [{ retries: 1e9 }, RangeError, 'retries'],
    [{ retries: true }, TypeError, 'retries must be a number, not boolean'],
    [{ address: 323 }, TypeError, 'address must be a string, not number'],
    [
      { signal: new EventTarget() },
      TypeError,
      "signal must be an AbortSignal, or an object with its 'aborted'",
    ],
    [{ signal: {} }, TypeError, 'not an object without them'],
    [{ signal: new AbortController() }, TypeError, 'not an object without them'],
    [{ signal: null }, TypeError, "'addEventListener', not null"],
  ])('rejects %j', async (options, ErrorClass, message) => {
    for (const call of [getTracking, ChronyConnection.open]) {
      const error = await call(options as ChronyOptions).catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(ErrorClass);
      expect(error).toHaveProperty('message', expect.stringContaining(message));
    }
  });

  it.each([[42], [true]])('rejects %j in place of an object', async (options) => {
    const call = getTracking(options as unknown as ChronyOptions);
    await expect(call).rejects.toThrow(TypeError);
  });
});
