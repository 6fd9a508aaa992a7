/** The pace of a watch: by a clock and timers that a user's fake ones do not stop. */
import { syncBuiltinESMExports } from 'node:module';
import timers from 'node:timers';
import promises from 'node:timers/promises';
import { expect, it, onTestFinished, vi } from 'vitest';
import { repeating } from '../../../src/client/watch.ts';

/** Has Node's own timers write down what they are set to, in milliseconds. They go on as they did. */
function recordPauses(): readonly number[] {
  const pauses: number[] = [];
  const { setTimeout } = timers;
  const { setTimeout: sleep } = promises;
  Object.assign(timers, {
    setTimeout: (callback: () => void, ms: number, ...rest: readonly unknown[]) => {
      pauses.push(ms);
      return Reflect.apply(setTimeout, undefined, [callback, ms, ...rest]);
    },
  });
  Object.assign(promises, {
    setTimeout: (ms: number, ...rest: readonly unknown[]) => {
      pauses.push(ms);
      return Reflect.apply(sleep, undefined, [ms, ...rest]);
    },
  });
  syncBuiltinESMExports();
  onTestFinished(() => {
    Object.assign(timers, { setTimeout });
    Object.assign(promises, { setTimeout: sleep });
    syncBuiltinESMExports();
  });
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
