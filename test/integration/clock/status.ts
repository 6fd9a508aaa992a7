/** Waits for what a clock's status becomes. */
import type { BoundedClock, ClockStatus } from '../../../src/index.ts';

/** The next change to a status. To be asked for before what changes it: there may be others soon. */
export function change(
  clock: BoundedClock,
  to: ClockStatus,
): Promise<[status: ClockStatus, previous: ClockStatus, reason: string]> {
  return new Promise((resolve) => {
    clock.on('status', function listener(...told) {
      if (told[0] !== to) return;
      clock.off('status', listener);
      resolve(told);
    });
  });
}

/** Waits for a status, which it may have already. */
export async function until(clock: BoundedClock, status: ClockStatus): Promise<void> {
  if (clock.status !== status) await change(clock, status);
}
