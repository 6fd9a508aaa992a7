/**
 * A moment, as both clocks of this machine show it. Two moments enclose the time at which chronyd made a report. This
 * file is separate from timers.ts because the browser page uses the type, and a browser has no `process`.
 */
import { monotonicMs } from './timers.ts';

/** The readings of both clocks, in seconds. */
export interface Moment {
  /** Seconds since an arbitrary moment, by the monotonic clock. */
  readonly monotonic: number;
  /** Seconds since the epoch, by the wall clock. */
  readonly wall: number;
}

/** Returns the current moment. */
export function moment(): Moment {
  return { monotonic: monotonicMs() / 1000, wall: Date.now() / 1000 };
}
