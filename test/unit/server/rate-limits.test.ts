/** The rate limit of requests, with fake time. */
import { expect, it } from 'vitest';
import { RateLimits } from '../../../src/server/rate-limits.ts';

const LIMIT = { intervalMs: 1000, burst: 3 };

it('allows a burst, and returns the wait for the next request', () => {
  const rates = new RateLimits();
  expect([0, 0, 0, 0].map(() => rates.take('a', LIMIT, 0))).toEqual([0, 0, 0, 1000]);
  expect(rates.take('a', LIMIT, 400)).toBeCloseTo(600);
  // refused requests do not count
  expect(rates.take('a', LIMIT, 1000)).toBe(0);
  expect(rates.take('a', LIMIT, 1000)).toBe(1000);
});

it('refills only up to the burst', () => {
  const rates = new RateLimits();
  for (let i = 0; i < 3; i++) rates.take('a', LIMIT, 0);
  const later = [0, 0, 0, 0].map(() => rates.take('a', LIMIT, 1_000_000));
  expect(later.map((ms) => ms === 0)).toEqual([true, true, true, false]);
});

it('counts each client separately', () => {
  const rates = new RateLimits();
  for (let i = 0; i < 4; i++) rates.take('a', LIMIT, 0);
  expect([rates.take('b', LIMIT, 0), rates.take('a', LIMIT, 0)]).toEqual([0, 1000]);
});

it('drops the least recently used of 4096 clients', () => {
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
