/** The pace of a watch, which does not depend on fake timers in a user's test. */
import { createHook } from 'node:async_hooks';
import { expect, it, onTestFinished, vi } from 'vitest';
import { repeating } from '../../../src/client/watch.ts';

const LONGEST_MS = 1000;

/** Records the durations of this thread's timers in milliseconds, except the long ones of the test runner. */
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

it("keeps its pace while a test's timers are fake", async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const pauses = recordPauses();
  const intervalMs = 20;
  let count = 0;
  for await (const turn of repeating(async () => ++count, intervalMs, {})) if (turn === 10) break;
  // each pause lasts until the next turn, slightly longer if the previous timer fired early; with a stopped clock, each pause
  // would be one interval longer than the previous one
  expect(pauses).toHaveLength(9);
  for (const pause of pauses) expect(pause).toBeLessThan(1.5 * intervalMs);
  expect(Math.max(...pauses)).toBeGreaterThan(0);
});
