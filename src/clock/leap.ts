/**
 * Around a leap second the wall clock is off by up to a second, whatever chronyd reports: POSIX time has no name for
 * the second that is inserted, the kernel or chronyd steps or slews the clock over it, or leaves it to be found by
 * the next measurements.
 */
import type { TrackingStatus } from '../reports/index.ts';

const DAY_S = 86_400;
/** More than the clock is off, so that the second does not begin before it is reckoned with. */
const BEFORE_S = 60;
/** By measurements so long after it, whatever was done about it is done. */
const AFTER_S = 3600;

/**
 * When to begin reckoning with a leap second, in seconds since the epoch; null if none is pending. There is no end
 * to it but an answer that needs it no more.
 *
 * @param before - what came of the answer before
 * @param time - the true time of this one, as chronyd has it
 */
export function leapAfter(before: number | null, status: TrackingStatus, time: number): number | null {
  if (status.isLeapPending()) {
    // it is the end of this day; but just after that of the last one, it is that one still
    return Math.floor((time - AFTER_S) / DAY_S) * DAY_S + DAY_S - BEFORE_S;
  }
  if (before === null || time < before) return null;
  return status.refTime >= before + BEFORE_S + AFTER_S ? null : before;
}
