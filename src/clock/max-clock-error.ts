/** chronyd's `maxclockerror`, which no report has: it shows in how fast the root dispersion grows. */
import type { TrackingStatus } from '../reports/index.ts';
import type { Moment } from '../util/moment.ts';

/** How fast a clock may drift unless its user says otherwise, in ppm: no working computer's clock drifts faster. */
export const DEFAULT_MAX_DRIFT_PPM = 50;

/** The protocol's floating-point numbers have 24 bits, the last two of which chronyd may cut off. */
export const WIRE_ROUNDING = 2 ** -22;

/** A report, which was made between the request and the reply. */
interface Sighting {
  readonly tracking: TrackingStatus;
  readonly before: Moment;
  readonly after: Moment;
}

/** What is known of a chronyd's `maxclockerror`. */
export interface MaxClockError {
  /** The least that it can be, in ppm: zero or more. Zero while nothing is known. */
  readonly leastPpm: number;
  /** The most that it can be, in ppm: infinite while nothing is known. */
  readonly mostPpm: number;
  /** The first report of the last measurement. */
  readonly first: Sighting | null;
}

export const NOTHING_KNOWN: MaxClockError = { leastPpm: 0, mostPpm: Number.POSITIVE_INFINITY, first: null };

/**
 * Learns from another tracking report of the same chronyd. Between two measurements chronyd lets the root dispersion
 * grow by skew + |residual frequency| + `maxclockerror`, and it reports the first two.
 *
 * @param before - before the request
 * @param after - after the reply
 */
export function learnMaxClockError(
  known: MaxClockError,
  tracking: TrackingStatus,
  before: Moment,
  after: Moment,
): MaxClockError {
  const { first, leastPpm, mostPpm } = known;
  if (!tracking.isSynchronized()) return { ...known, first: null };
  const last = { tracking, before, after };
  if (first === null || !isSameMeasurement(first.tracking, tracking)) return { ...known, first: last };
  const { least, most } = growthOf(first, last);
  // what does not grow as chronyd's does tells nothing
  if (most < 0) return known;
  // another chronyd, or one that was started with another configuration
  if (least > mostPpm || most < leastPpm) return { leastPpm: Math.max(0, least), mostPpm: most, first };
  return { leastPpm: Math.max(leastPpm, least), mostPpm: Math.min(mostPpm, most), first };
}

/** How exactly it must be known to be shown, in ppm. */
const EXACT_PPM = 0.5;

/** `maxclockerror` in ppm, rounded to tenths; null until it is known to half a ppm. */
export function maxClockErrorPpm({ leastPpm, mostPpm }: MaxClockError): number | null {
  if (mostPpm - leastPpm > EXACT_PPM) return null;
  return Math.round((leastPpm + mostPpm) * 5) / 10;
}

/**
 * What to do about a `maxclockerror` that is smaller than the drift that a clock may have, in one sentence without a full
 * stop; null if it is large enough, or not known.
 */
export function maxClockErrorHint(ppm: number | null): string | null {
  // within what it is known to
  if (ppm === null || ppm > DEFAULT_MAX_DRIFT_PPM - EXACT_PPM) return null;
  return (
    `chronyd allows for a drift of ${ppm} ppm only; with the line "maxclockerror ${DEFAULT_MAX_DRIFT_PPM}" in chrony.conf ` +
    'its own figures, and the clocks that follow it, allow for as much as this bound'
  );
}

function isSameMeasurement(one: TrackingStatus, other: TrackingStatus): boolean {
  return (
    one.refTime === other.refTime &&
    one.skew === other.skew &&
    one.residualFreq === other.residualFreq &&
    one.rootDelay === other.rootDelay
  );
}

/** How fast the dispersion grew, less what chronyd reports of that, in ppm. */
function growthOf(first: Sighting, last: Sighting): { readonly least: number; readonly most: number } {
  const { rootDispersion, skew, residualFreq } = last.tracking;
  const grown = rootDispersion - first.tracking.rootDispersion;
  const rounding = (rootDispersion + first.tracking.rootDispersion) * WIRE_ROUNDING;
  const reported = skew + Math.abs(residualFreq);
  // chronyd counts the time that the machine was suspended, or that its clock was stepped by
  const longest = Math.max(...elapsed(first.before, last.after));
  const shortest = Math.min(...elapsed(first.after, last.before));
  return {
    least: ((grown - rounding) / longest) * 1e6 - reported * (1 + WIRE_ROUNDING),
    most:
      shortest > 0
        ? ((grown + rounding) / shortest) * 1e6 - reported * (1 - WIRE_ROUNDING)
        : Number.POSITIVE_INFINITY,
  };
}

function elapsed(from: Moment, to: Moment): readonly [monotonic: number, wall: number] {
  return [to.monotonic - from.monotonic, to.wall - from.wall];
}
