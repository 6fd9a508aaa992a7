/** The result of a bounded clock. */

/**
 * - `synchronized`: chronyd follows a source, updates the clock, and has replied in the last 5 s;
 * - `freeRunning`: one of these is no longer true; the last bound goes on growing, and still holds, for 1000 s without a reply
 *   or since the last measurement;
 * - `disrupted`: there is no bound, because the virtual machine was paused, cloned or migrated, until chronyd has measured
 *   anew: Linux says so where it has `/dev/vmclock0`, and this process may read it;
 * - `unknown`: there is no bound for another reason: chronyd was never synchronised, has not replied or measured for
 *   1000 s, is in local mode or reports nonsense, or the wall clock was stepped.
 */
export type ClockStatus = 'synchronized' | 'freeRunning' | 'disrupted' | 'unknown';

/**
 * The time at the moment of the call, as an interval that holds it. Moments are nanoseconds since the epoch (UTC, as
 * POSIX counts them: without leap seconds).
 */
export interface BoundedTime {
  /** The earliest that the true time can be. */
  readonly earliest: bigint;
  /** The latest that the true time can be. */
  readonly latest: bigint;
  /** The time by the system's wall clock. */
  readonly midpoint: bigint;
  /**
   * How far the wall clock may be from true time, in nanoseconds: |`offset`| + `rootDispersion` + `rootDelay` / 2 of
   * chronyd's last good report, the greatest drift since its last measurement, and a second while a leap second may be in
   * progress. The interval is wider, to either side, because JavaScript reads the wall clock in milliseconds: mostly by
   * less than a microsecond, by a millisecond at most. That is `latest - midpoint - errorBoundNs`.
   */
  readonly errorBoundNs: bigint;
  /** `synchronized`, or `freeRunning` if the bound is extrapolated: never another here. */
  readonly status: ClockStatus;
  /** How long ago that report was requested, in milliseconds: zero or more. */
  readonly asOfAgeMs: number;
}
