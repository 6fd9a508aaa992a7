/**
 * Moments by the two clocks of this machine: chronyd made a report between two of them. Apart from timers.ts, as the page
 * uses the type, and has no process.
 */
import { monotonicMs } from './timers.ts';

/** In seconds. */
export interface Moment {
  /** Since some moment, by a clock that nobody sets. */
  readonly monotonic: number;
  /** Since the epoch, by the wall clock. */
  readonly wall: number;
}

/** This moment. */
export function moment(): Moment {
  return { monotonic: monotonicMs() / 1000, wall: Date.now() / 1000 };
}
