/** The result of a bounded clock. */
import { isoTime, toMs } from './nanoseconds.ts';

/**
 * The status of a bounded clock:
 * - `synchronized`: chronyd follows a source, updates the clock, and has replied in the last 5 s;
 * - `freeRunning`: one of these is no longer true. The last bound continues to grow. It remains valid for 1000 s
 *   without a reply or since the last measurement;
 * - `disrupted`: there is no bound, because the virtual machine was paused, cloned or migrated, until chronyd has
 *   made new measurements. Linux reports this if it has `/dev/vmclock0` and this process may read it;
 * - `unknown`: there is no bound for another reason: chronyd was never synchronized, has not replied or measured for
 *   1000 s, is in local mode or reports impossible values, or the wall clock was stepped.
 */
export type ClockStatus = 'synchronized' | 'freeRunning' | 'disrupted' | 'unknown';

/**
 * The JSON form of a {@link BoundedTime}: moments in ISO 8601 with nanoseconds, e.g.
 * `2026-11-25T22:36:48.123456789Z`.
 */
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
 * The time at a moment, as an interval that contains the true time. Moments are nanoseconds since the epoch (UTC, as
 * POSIX counts them: without leap seconds).
 */
export interface BoundedTime {
  /** The earliest possible true time. */
  readonly earliest: bigint;
  /** The latest possible true time. */
  readonly latest: bigint;
  /** The time by the system's wall clock. */
  readonly midpoint: bigint;
  /**
   * The largest difference between the wall clock and true time, in nanoseconds. It is |`offset`| + `rootDispersion`
   * + `rootDelay` / 2 of chronyd's last good report, plus the largest drift since its last measurement, plus one
   * second while a leap second may be in progress.
   *
   * The interval is wider than this on each side, by `latest - midpoint - errorBoundNs`, because JavaScript reads the
   * wall clock in milliseconds: usually less than a microsecond, at most a millisecond.
   */
  readonly errorBoundNs: bigint;
  /** `synchronized`, or `freeRunning` if the bound is extrapolated; no other status occurs here. */
  readonly status: ClockStatus;
  /** The time from the request for that report to the moment, in milliseconds: zero or more. */
  readonly asOfAgeMs: number;
  /**
   * Returns the {@link midpoint} as a `Date`, rounded down to a whole millisecond like `Date.now()`. It does not
   * contain the error.
   */
  toDate(): Date;
  /**
   * Returns the interval in ISO 8601, with nanoseconds:
   * `2026-11-25T22:36:48.123456789Z/2026-11-25T22:36:48.123656789Z`.
   */
  toString(): string;
  /** Returns the value for `JSON.stringify()`. JSON has no 64-bit integers, so moments are strings. */
  toJSON(): BoundedTimeJson;
}

/**
 * The implementation. A busy program creates one for each timestamp, so it is a class with plain fields, whose
 * methods cost nothing unless they are called.
 */
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
