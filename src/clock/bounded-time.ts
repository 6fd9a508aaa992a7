/** The result of a bounded clock. */
import { isoTime, toMs } from './nanoseconds.ts';

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

/** A {@link BoundedTime} as JSON has it: moments in ISO 8601 with nanoseconds, e.g. `2026-11-25T22:36:48.123456789Z`. */
export interface BoundedTimeJson {
  /** {@link BoundedTime.earliest} */
  readonly earliest: string;
  /** {@link BoundedTime.latest} */
  readonly latest: string;
  /** {@link BoundedTime.midpoint} */
  readonly midpoint: string;
  /** {@link BoundedTime.errorBoundNs} as a number: exact up to 104 days. */
  readonly errorBoundNs: number;
  /** {@link BoundedTime.status} */
  readonly status: ClockStatus;
  /** {@link BoundedTime.asOfAgeMs} */
  readonly asOfAgeMs: number;
}

/**
 * The time at a moment, as an interval that holds it. Moments are nanoseconds since the epoch (UTC, as POSIX counts
 * them: without leap seconds).
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
  /** How long before the moment that report was requested, in milliseconds: zero or more. */
  readonly asOfAgeMs: number;
  /**
   * Returns the {@link midpoint} as a `Date`, rounded down to a whole millisecond, as `Date.now()` gives it. It says
   * nothing of the error.
   */
  toDate(): Date;
  /**
   * Returns the interval in ISO 8601, with nanoseconds:
   * `2026-11-25T22:36:48.123456789Z/2026-11-25T22:36:48.123656789Z`.
   */
  toString(): string;
  /** Returns what `JSON.stringify()` writes: JSON has no 64-bit integers, so moments are strings. */
  toJSON(): BoundedTimeJson;
}

/** Made for each timestamp of a busy program: a class with plain fields, whose methods cost nothing until they are called. */
export class Interval implements BoundedTime {
  readonly earliest: bigint;
  readonly latest: bigint;
  readonly midpoint: bigint;
  readonly errorBoundNs: bigint;
  readonly status: ClockStatus;
  readonly asOfAgeMs: number;

  constructor(
    earliest: bigint,
    latest: bigint,
    midpoint: bigint,
    errorBoundNs: bigint,
    status: ClockStatus,
    asOfAgeMs: number,
  ) {
    this.earliest = earliest;
    this.latest = latest;
    this.midpoint = midpoint;
    this.errorBoundNs = errorBoundNs;
    this.status = status;
    this.asOfAgeMs = asOfAgeMs;
  }

  toDate(): Date {
    return new Date(toMs(this.midpoint));
  }

  toString(): string {
    return `${isoTime(this.earliest)}/${isoTime(this.latest)}`;
  }

  toJSON(): BoundedTimeJson {
    return {
      earliest: isoTime(this.earliest),
      latest: isoTime(this.latest),
      midpoint: isoTime(this.midpoint),
      errorBoundNs: Number(this.errorBoundNs),
      status: this.status,
      asOfAgeMs: this.asOfAgeMs,
    };
  }
}
