/** The pace of a watch: by a clock and timers that a user's fake ones do not stop. */
import { createHook } from 'node:async_hooks';
import { expect, it, onTestFinished, vi } from 'vitest';
import { repeating } from '../../../src/client/watch.ts';

const LONGEST_MS = 1000;

/** What the timers of this thread are set to, in milliseconds, other than the long ones of the test runner. */
function recordPauses(): readonly number[] {
  const pauses: number[] = [];
  const hook = createHook({
    init(_id, type, _trigger, resource) {
      const { _idleTimeout: ms = 0 } = resource as { readonly _idleTimeout?: number };
      if (type === 'Timeout' && ms <= LONGEST_MS) pauses.push(ms);
    },
  }).enable();
  onTestFinished(() => void hook.disable());
  return pauses;
}

it("goes on at the same pace while a test's timers are fake", async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const pauses = recordPauses();
  const intervalMs = 20;
  let count = 0;
  for await (const turn of repeating(async () => ++count, intervalMs, {})) if (turn === 10) break;
  // until the next turn, and a little more where the timer before fired early; by a clock that stands still each pause
  // would be longer than the one before by an interval
  expect(pauses).toHaveLength(9);
  for (const pause of pauses) expect(pause).toBeLessThan(1.5 * intervalMs);
  expect(Math.max(...pauses)).toBeGreaterThan(0);
});
