/** Waits for a status of a clock. */
import type { BoundedClock, ClockStatus } from '../../../src/index.ts';

/** The next change to a status. Call it before the action that causes the change, since other changes may follow soon. */
export function change(
  clock: BoundedClock,
  to: ClockStatus,
): Promise<[status: ClockStatus, previous: ClockStatus, reason: string]> {
  return new Promise((resolve) => {
    clock.on('status', function listener(...event) {
      if (event[0] !== to) return;
      clock.off('status', listener);
      resolve(event);
    });
  });
}

/** Waits until the clock has a status. Resolves immediately if it already has it. */
export async function until(clock: BoundedClock, status: ClockStatus): Promise<void> {
  if (clock.status !== status) await change(clock, status);
}
