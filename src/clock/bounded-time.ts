/** What a bounded clock tells. */

/**
 * - `synchronized`: chronyd follows a source, is not behind with its updates, and has answered in the last 5 s;
 * - `freeRunning`: not any more; the last bound goes on growing, and still holds;
 * - `unknown`: there is no bound: there never was one, there was no answer for 1000 s, chronyd is in local mode, or
 *   the wall clock was stepped.
 */
export type ClockStatus = 'synchronized' | 'freeRunning' | 'unknown';

/**
 * The time at the moment of the call, as an interval that holds it. Moments are nanoseconds since the epoch (UTC, as
 * POSIX counts them: without leap seconds).
 */
export interface BoundedTime {
  /** The earliest that it can be. */
  readonly earliest: bigint;
  /** The latest that it can be. */
  readonly latest: bigint;
  /** What the system's wall clock says. */
  readonly midpoint: bigint;
  /**
   * How far the wall clock may be from true time, in nanoseconds: |`offset`| + `rootDispersion` + `rootDelay` / 2 of
   * chronyd's last good answer, what the clock may have drifted since it was asked for, and a second while a leap
   * second may be going on. The interval is wider, to either side, by what JavaScript does not know of the wall
   * clock: mostly less than a microsecond, a millisecond at most. That is `latest - midpoint - errorBoundNs`.
   */
  readonly errorBoundNs: bigint;
  /** Whether chronyd has just confirmed it, or it is extrapolated: never `unknown` here. */
  readonly status: ClockStatus;
  /** How long ago that answer was asked for, in milliseconds, zero or more. */
  readonly asOfAgeMs: number;
}
