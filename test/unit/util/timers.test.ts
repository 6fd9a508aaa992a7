import { beforeEach, expect, it, onTestFinished, vi } from 'vitest';
import {
  clearImmediate,
  clearTimeout,
  monotonicMs,
  setImmediate,
  setTimeout,
} from '../../../src/util/timers.ts';

beforeEach(() => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
});

it("keeps running while a test's timers are fake", async () => {
  const fake = vi.fn();
  globalThis.setTimeout(fake, 0);
  globalThis.setImmediate(fake);
  const start = monotonicMs();
  await new Promise<void>((resolve) => setTimeout(resolve, 5));
  await new Promise<void>((resolve) => setImmediate(resolve));
  // a timer can fire slightly early
  expect(monotonicMs() - start).toBeGreaterThan(3);
  expect(fake).not.toHaveBeenCalled();
});

it('does not call cleared timers', async () => {
  const cleared = vi.fn();
  clearTimeout(setTimeout(cleared, 0));
  clearImmediate(setImmediate(cleared));
  clearTimeout(undefined);
  clearImmediate(undefined);
  await new Promise<void>((resolve) => setTimeout(resolve, 2));
  await new Promise<void>((resolve) => setImmediate(resolve));
  expect(cleared).not.toHaveBeenCalled();
});

it('has a clock in fractional milliseconds that never goes back', () => {
  const readings = Array.from({ length: 1000 }, monotonicMs);
  expect(readings).toEqual(readings.toSorted((one, other) => one - other));
  expect(readings.some((reading) => !Number.isInteger(reading))).toBe(true);
  expect(new Set(readings).size).toBeGreaterThan(1);
});
