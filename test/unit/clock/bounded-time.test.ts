/** A bounded time as a `Date`, as text and as JSON. */
import { expect, it } from 'vitest';
import { Interval } from '../../../src/clock/bounded-time.ts';

function time(
  earliest: bigint,
  midpoint: bigint,
  latest: bigint,
  errorBoundNs = latest - midpoint,
): Interval {
  return new Interval(earliest, latest, midpoint, errorBoundNs, 'synchronized', 12.5);
}

const NOON = 1_795_608_000_000_000_000n;
const usual = time(NOON + 123_000_001n, NOON + 123_456_789n, NOON + 123_913_577n);

it('toDate() returns the midpoint, rounded down', () => {
  expect(usual.toDate()).toEqual(new Date('2026-11-25T12:00:00.123Z'));
  expect(time(0n, -1n, 0n).toDate()).toEqual(new Date(-1));
  expect(
    time(0n, 10n ** 22n, 0n)
      .toDate()
      .getTime(),
  ).toBeNaN();
});

it('converts to an ISO 8601 interval as text', () => {
  const text = '2026-11-25T12:00:00.123000001Z/2026-11-25T12:00:00.123913577Z';
  expect(String(usual)).toBe(text);
  expect(`${usual}`).toBe(text);
});

it.each([
  [0n, '1970-01-01T00:00:00.000000000Z'],
  [-1n, '1969-12-31T23:59:59.999999999Z'],
  [-1_000_001n, '1969-12-31T23:59:59.998999999Z'],
  [8_640_000_000_000_000_999_999n, '+275760-09-13T00:00:00.000999999Z'],
  [8_640_000_000_000_001_000_000n, '8640000000000001000000ns'],
  [-8_640_000_000_000_000_000_001n, '-8640000000000000000001ns'],
])('formats %d ns as %s', (moment, text) => {
  expect(String(time(moment, 0n, 0n))).toBe(`${text}/1970-01-01T00:00:00.000000000Z`);
});

it('converts to JSON, alone or in an object', () => {
  const json = {
    earliest: '2026-11-25T12:00:00.123000001Z',
    latest: '2026-11-25T12:00:00.123913577Z',
    midpoint: '2026-11-25T12:00:00.123456789Z',
    errorBoundNs: 456_788,
    status: 'synchronized',
    asOfAgeMs: 12.5,
  };
  expect(JSON.parse(JSON.stringify(usual))).toEqual(json);
  expect(JSON.parse(JSON.stringify({ committed: [usual] }))).toEqual({ committed: [json] });
});

it('has its properties as own properties, for copies and comparisons', () => {
  expect({ ...usual }).toEqual({
    earliest: NOON + 123_000_001n,
    latest: NOON + 123_913_577n,
    midpoint: NOON + 123_456_789n,
    errorBoundNs: 456_788n,
    status: 'synchronized',
    asOfAgeMs: 12.5,
  });
});
