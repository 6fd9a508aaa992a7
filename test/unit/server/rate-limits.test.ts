/** The limit of the rate of requests, by a clock of the test's own. */
import { expect, it } from 'vitest';
import { RateLimits } from '../../../src/server/rate-limits.ts';

const LIMIT = { intervalMs: 1000, burst: 3 };

it('lets a burst through, and says how long to wait for the next', () => {
  const rates = new RateLimits();
  expect([0, 0, 0, 0].map(() => rates.take('a', LIMIT, 0))).toEqual([0, 0, 0, 1000]);
  expect(rates.take('a', LIMIT, 400)).toBeCloseTo(600);
  // the refusals cost nothing
  expect(rates.take('a', LIMIT, 1000)).toBe(0);
  expect(rates.take('a', LIMIT, 1000)).toBe(1000);
});

it('refills up to the burst, and no further', () => {
  const rates = new RateLimits();
  for (let i = 0; i < 3; i++) rates.take('a', LIMIT, 0);
  const later = [0, 0, 0, 0].map(() => rates.take('a', LIMIT, 1_000_000));
  expect(later.map((ms) => ms === 0)).toEqual([true, true, true, false]);
});

it('counts each client for itself', () => {
  const rates = new RateLimits();
  for (let i = 0; i < 4; i++) rates.take('a', LIMIT, 0);
  expect([rates.take('b', LIMIT, 0), rates.take('a', LIMIT, 0)]).toEqual([0, 1000]);
});

it('forgets the client that was seen least recently, of 4096', () => {
  const rates = new RateLimits();
  const spend = (client: string): number => {
    const limit = { intervalMs: 1000, burst: 1 };
    return rates.take(client, limit, 0);
  };
  for (let i = 0; i < 4096; i++) expect(spend(`client ${i}`)).toBe(0);
  expect(spend('client 0')).toBe(1000);
  expect(spend('new')).toBe(0);
  expect([spend('client 0'), spend('client 1')]).toEqual([1000, 0]);
});
