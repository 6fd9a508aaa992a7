/** Determines chronyd's `maxclockerror`, which no report contains, from the growth of the root dispersion. */
import type { TrackingStatus } from '../reports/index.ts';
import type { Moment } from '../util/moment.ts';

/** The default of the largest drift of a clock, in ppm: no working computer's clock drifts faster. */
export const DEFAULT_MAX_DRIFT_PPM = 50;

/**
 * The relative rounding error of the protocol's floating-point numbers. They have 24 bits, of which chronyd may drop
 * the last two.
 */
export const WIRE_ROUNDING = 2 ** -22;

/** A report. chronyd made it between the request and the reply. */
interface TimedReport {
  readonly tracking: TrackingStatus;
  readonly before: Moment;
  readonly after: Moment;
}

/** The known range of a chronyd's `maxclockerror`. */
export interface MaxClockError {
  /** The smallest possible value, in ppm: zero or more. Zero while nothing is known. */
  readonly leastPpm: number;
  /** The largest possible value, in ppm. Infinite while nothing is known. */
  readonly mostPpm: number;
  /** The first report of the last measurement. */
  readonly first: TimedReport | null;
}

export const NOTHING_KNOWN: MaxClockError = { leastPpm: 0, mostPpm: Number.POSITIVE_INFINITY, first: null };

/**
 * Narrows the range with another tracking report of the same chronyd. Between two measurements the root dispersion of
 * chronyd grows by skew + |residual frequency| + `maxclockerror`, and it reports the first two.
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
  // a dispersion that does not grow like chronyd's is ignored
  if (most < 0) return known;
  // this is another chronyd, or one that was restarted with another configuration
  if (least > mostPpm || most < leastPpm) return { leastPpm: Math.max(0, least), mostPpm: most, first };
  return { leastPpm: Math.max(leastPpm, least), mostPpm: Math.min(mostPpm, most), first };
}

/** The widest range for which a value is shown, in ppm. */
const EXACT_PPM = 0.5;

/** Returns `maxclockerror` in ppm, rounded to tenths; null until it is known to half a ppm. */
export function maxClockErrorPpm({ leastPpm, mostPpm }: MaxClockError): number | null {
  if (mostPpm - leastPpm > EXACT_PPM) return null;
  return Math.round((leastPpm + mostPpm) * 5) / 10;
}

/**
 * Returns advice for a `maxclockerror` below the assumed drift of a clock, as one sentence without a full stop; null
 * if it is large enough or unknown.
 */
export function maxClockErrorHint(ppm: number | null): string | null {
  // the value is known only to this precision
  if (ppm === null || ppm > DEFAULT_MAX_DRIFT_PPM - EXACT_PPM) return null;
  return (
    `chronyd allows for a drift of ${ppm} ppm only; with the line "maxclockerror ${DEFAULT_MAX_DRIFT_PPM}" in chrony.conf ` +
    'the errors that it reports, also to its clients, allow for the same drift as this bound'
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

/** The growth rate of the dispersion, minus the part that chronyd reports, in ppm. */
function growthOf(first: TimedReport, last: TimedReport): { readonly least: number; readonly most: number } {
  const { rootDispersion, skew, residualFreq } = last.tracking;
  const grown = rootDispersion - first.tracking.rootDispersion;
  const rounding = (rootDispersion + first.tracking.rootDispersion) * WIRE_ROUNDING;
  const reported = skew + Math.abs(residualFreq);
  // chronyd includes the time of a suspend, and a step of its clock
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
