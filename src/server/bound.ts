/** The time by a snapshot, as an interval that holds the true time: the figures of `chrony-wasm --json bound`. */
import { ChronyError, type TrackingStatus } from 'chrony-wasm';
import type { Snapshot } from '#metrics';
import type { ClockStatus } from '../clock/bounded-time.ts';
import { DEFAULT_MAX_DRIFT_PPM } from '../clock/max-clock-error.ts';
import { followsSource } from '../reports/tracking.ts';

/** The reply of `/api/bound`. Moments are nanoseconds since the epoch, as strings of digits. */
export interface BoundReply {
  /** The earliest that the true time was at the {@link midpoint}. */
  readonly earliest: string;
  /** The latest that it was. It has the millisecond that Date.now() leaves open. */
  readonly latest: string;
  /** When chronyd was asked, by the wall clock of this machine, rounded down to a millisecond. */
  readonly midpoint: string;
  /** How far the clock may have been from true time then, in nanoseconds: zero or more. */
  readonly errorBoundNs: string;
  /** `freeRunning` if chronyd has no selected source. */
  readonly status: ClockStatus;
  /** How long before the {@link midpoint} chronyd was asked, in milliseconds: 0. */
  readonly asOfAgeMs: 0;
}

/** A millisecond in nanoseconds. */
const MS = 1_000_000n;

/** For how long a bound is trusted without a selected source, in seconds: as by `BoundedClock`. */
const TRUSTED_S = 1000;
/** How far the reference time may seem to be in the future, in seconds: the clocks are not read at the same time. */
const FUTURE_S = 1;

const DAY_S = 86_400;
const BEFORE_LEAP_S = 60;
const AFTER_LEAP_S = 3600;

/** True while a leap second is pending from a minute before the end of the day on: the clock may be off by all of it. */
function mayLeap(tracking: TrackingStatus, time: number): boolean {
  return tracking.isLeapPending() && (time - AFTER_LEAP_S) % DAY_S >= DAY_S - AFTER_LEAP_S - BEFORE_LEAP_S;
}

function noBound(reason: string): ChronyError {
  return new ChronyError(`the time is unknown: ${reason}`, { code: 'ERR_CHRONY_NO_BOUND' });
}

/** The figures, or why there are none. */
export function boundOf(
  tracking: TrackingStatus,
  { time, maxClockError, reports }: Snapshot,
): BoundReply | ChronyError {
  if (!tracking.isSynchronized()) {
    return noBound('chronyd is not synchronized; wait until it has selected a source');
  }
  if (!followsSource(tracking)) {
    return noBound('chronyd is in local mode, synchronized to nothing; give it a source');
  }
  const age = time - tracking.refTime;
  if (tracking.refTime === 0 || age < -FUTURE_S) {
    return noBound('the reference time of chronyd cannot be; set the clock right, and restart chronyd');
  }
  const isKept = reports.sources?.value?.some((source) => source.isSelected()) ?? true;
  if (!isKept && age > TRUSTED_S) {
    return noBound(`no source is selected, and there was no measurement for more than ${TRUSTED_S} s`);
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
