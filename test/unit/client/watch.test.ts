import { afterEach, expect, it, vi } from 'vitest';
import { repeating } from '../../../src/client/repeating.ts';
import { monotonicMs } from '../../../src/util/timers.ts';

afterEach(() => {
  vi.useRealTimers();
});

// again, where the machine was busy with something else meanwhile
it("goes on at the same pace while a test's timers are fake", { retry: 5 }, async () => {
  vi.useFakeTimers();
  const start = monotonicMs();
  let count = 0;
  for await (const turn of repeating(async () => ++count, 20, {})) if (turn === 10) break;
  // nine intervals; were each measured from the first turn, they would grow to 900 ms
  expect(monotonicMs() - start).toBeGreaterThan(170);
  expect(monotonicMs() - start).toBeLessThan(600);
});
