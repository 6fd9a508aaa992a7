/** Computes an interval that contains the true time from a snapshot: the values of `chrony-wasm --json bound`. */
import { ChronyError, type TrackingStatus } from 'chrony-wasm';
import type { Snapshot } from '#metrics';
import type { ClockStatus } from '../clock/bounded-time.ts';
import { DEFAULT_MAX_DRIFT_PPM } from '../clock/max-clock-error.ts';
import { followsSource } from '../reports/tracking.ts';

/** The reply of `/api/bound`. Times are nanoseconds since the epoch, as decimal strings. */
export interface BoundReply {
  /** The earliest possible true time at the {@link midpoint}. */
  readonly earliest: string;
  /** The latest possible true time. It includes the resolution of Date.now(), a millisecond. */
  readonly latest: string;
  /** The time of the query by the wall clock of this machine, rounded down to a millisecond. */
  readonly midpoint: string;
  /** The maximum error of the clock at that time, in nanoseconds, zero or more. */
  readonly errorBoundNs: string;
  /** `freeRunning` if chronyd has no selected source. */
  readonly status: ClockStatus;
  /** The age of chronyd's reply at the {@link midpoint}, in milliseconds: always 0. */
  readonly asOfAgeMs: 0;
}

/** A millisecond in nanoseconds. */
const MS = 1_000_000n;

/** The time for which a bound is trusted without a selected source, in seconds, as in `BoundedClock`. */
const TRUSTED_S = 1000;
/** The tolerance for a reference time in the future, in seconds, because the clocks are not read at the same time. */
const FUTURE_S = 1;

const DAY_S = 86_400;
const BEFORE_LEAP_S = 60;
const AFTER_LEAP_S = 3600;

/**
 * True if a leap second is pending and less than a minute of the day is left: the clock may then be off by a whole
 * second.
 */
function mayLeap(tracking: TrackingStatus, time: number): boolean {
  return tracking.isLeapPending() && (time - AFTER_LEAP_S) % DAY_S >= DAY_S - AFTER_LEAP_S - BEFORE_LEAP_S;
}

function noBound(reason: string): ChronyError {
  return new ChronyError(`the time is unknown: ${reason}`, { code: 'ERR_CHRONY_NO_BOUND' });
}

/** Returns the bound, or the error that explains why there is none. */
export function boundOf(
  tracking: TrackingStatus,
  { time, maxClockError, reports }: Snapshot,
): BoundReply | ChronyError {
  if (!tracking.isSynchronized()) {
    return noBound('chronyd is not synchronized; wait until it has selected a source');
  }
  if (!followsSource(tracking)) {
    return noBound('chronyd is in local mode and follows no source; configure a source');
  }
  const age = time - tracking.refTime;
  if (tracking.refTime === 0 || age < -FUTURE_S) {
    return noBound('the reference time of chronyd is impossible; correct the clock, and restart chronyd');
  }
  const isKept = reports.sources?.value?.some((source) => source.isSelected()) ?? true;
  if (!isKept && age > TRUSTED_S) {
    return noBound(`no source is selected, and the last measurement is more than ${TRUSTED_S} s old`);
  }
  const bound = tracking.maxError({
    maxDriftPpm: DEFAULT_MAX_DRIFT_PPM,
    maxClockErrorPpm: maxClockError.leastPpm,
    time,
  });
  const errorNs = BigInt(Math.ceil((bound + (mayLeap(tracking, time) ? 1 : 0)) * 1e9));
  const midpoint = BigInt(Math.round(time * 1000)) * MS;
  return {
    earliest: String(midpoint - errorNs),
    latest: String(midpoint + errorNs + MS),
    midpoint: String(midpoint),
    errorBoundNs: String(errorNs),
    status: isKept ? 'synchronized' : 'freeRunning',
    asOfAgeMs: 0,
  };
}
