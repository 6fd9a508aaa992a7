/** The judgement of a clock's health, by chronyd's reports or by the error of a request. Sends no request. */
import { DEFAULT_MAX_DRIFT_PPM } from '../clock/max-clock-error.ts';
import type { ChronyError } from '../errors.ts';
import { LeapStatus, type Source, SourceState, type TrackingStatus } from '../reports/index.ts';
import { isLocal } from '../reports/source-name.ts';
import {
  type HealthThresholds,
  type Limits,
  readThresholds,
  SEVERITIES,
  type Severity,
  type Thresholds,
} from './thresholds.ts';

/** How a clock is: `unknown` if it cannot be judged from here. */
export type HealthState = Severity | 'unknown';

/** What the clock was judged by. */
export interface HealthFigures {
  /** As `TrackingStatus.isSynchronized()`, which is true in local mode, too. */
  readonly synchronized: boolean;
  /** True in local mode: the clock follows itself. */
  readonly local: boolean;
  /** What the clock follows, as `TrackingStatus.referenceIdName`; null if nothing. */
  readonly reference: string | null;
  /**
   * How far the clock may be from true time, in seconds, zero or more: `TrackingStatus.maxError()` with a drift of 50 ppm
   * since the last measurement. Null while not synchronised, and in local mode: then nobody knows.
   */
  readonly maxError: number | null;
  /**
   * What is still to be corrected, in seconds: positive if the system clock is slow of true time. Field `current
   * correction`. Null where {@link maxError} is.
   */
  readonly offset: number | null;
  /** Hops to a reference clock, 1 to 15; null while not synchronised. Field `stratum`. */
  readonly stratum: number | null;
  /** Leap second pending, or not synchronised. Field `leap status`. */
  readonly leapStatus: LeapStatus;
  /** How many sources chronyd has. */
  readonly sources: number;
  /** How many of them answered at least one of the last eight polls: field `reachability` of each. */
  readonly reachableSources: number;
  /** How many of them the majority says to be wrong: field `state` of each. */
  readonly falsetickers: number;
}

/** How healthy a clock is. Plain data: `JSON.stringify` loses nothing. */
export interface Health {
  /** The worst of what was found. */
  readonly state: HealthState;
  /**
   * All that is not as it should be, in words, each with its value and the threshold, the worst first; or why chronyd
   * could not be asked. Empty if all is well.
   */
  readonly reasons: readonly string[];
  /** Null if chronyd could not be asked. */
  readonly figures: HealthFigures | null;
}

/** What a judgement takes into account beside `tracking` and `sources`. */
export interface HealthContext {
  /** When `tracking` was received, in seconds since the epoch, by the clock that is judged. Default: now. */
  readonly time?: number | undefined;
  /** `maxclockerror` of chronyd's configuration, in ppm, zero or more. Default 0: not known. */
  readonly maxClockErrorPpm?: number | undefined;
}

interface Finding {
  readonly state: Severity;
  readonly reason: string;
}

/**
 * Judges a clock by reports that you have already: `checkHealth()` without asking.
 *
 * @throws TypeError, RangeError for thresholds or a context of no use.
 *
 * @example
 * const [tracking, sources] = await Promise.all([chrony.getTracking(), chrony.getSources()]);
 * const { state, reasons } = judgeHealth(tracking, sources, { maxError: { warning: 0.01 } });
 */
export function judgeHealth(
  tracking: TrackingStatus,
  sources: readonly Source[],
  thresholds?: HealthThresholds,
  context: HealthContext = {},
): Health {
  const figures = figuresOf(tracking, sources, context);
  const found = [...findings(figures, readThresholds(thresholds))];
  const worstFirst = SEVERITIES.toReversed().flatMap((state) => found.filter((each) => each.state === state));
  return {
    state: worstFirst[0]?.state ?? 'ok',
    reasons: worstFirst.filter(({ state }) => state !== 'ok').map(({ reason }) => reason),
    figures,
  };
}

function figuresOf(
  tracking: TrackingStatus,
  sources: readonly Source[],
  { time, maxClockErrorPpm }: HealthContext,
): HealthFigures {
  const synchronized = tracking.isSynchronized();
  const local = isLocal(tracking);
  const followsOther = synchronized && !local;
  return {
    synchronized,
    local,
    reference: tracking.referenceIdName || null,
    maxError: followsOther
      ? tracking.maxError({ maxDriftPpm: DEFAULT_MAX_DRIFT_PPM, maxClockErrorPpm, time })
      : null,
    offset: followsOther ? tracking.offset : null,
    stratum: synchronized ? tracking.stratum : null,
    leapStatus: tracking.leapStatus,
    sources: sources.length,
    reachableSources: sources.filter((source) => source.isReachable()).length,
    falsetickers: sources.filter(({ state }) => state === SourceState.FALSETICKER).length,
  };
}

const LOCAL = 'in local mode (7F7F0101), which follows nothing but its own clock, and is not allowed';

const LEAPS: Partial<Readonly<Record<LeapStatus, string>>> = {
  [LeapStatus.INSERT]: 'a leap second will be inserted at the end of the day (UTC)',
  [LeapStatus.DELETE]: 'a leap second will be deleted at the end of the day (UTC)',
};

function* findings(figures: HealthFigures, thresholds: Thresholds): Generator<Finding> {
  const { maxError, offset, stratum, reachableSources } = figures;
  const { maxStratum, minSources, allowLocal } = thresholds;
  if (!figures.synchronized) yield { state: 'critical', reason: whyNotSynchronised(figures) };
  else if (figures.local && !allowLocal) yield { state: 'critical', reason: LOCAL };
  if (maxError !== null) {
    yield* exceeding(maxError, thresholds.maxError, `may be ${decimal(maxError)} s from true time`);
  }
  if (offset !== null) {
    const size = Math.abs(offset);
    const direction = offset > 0 ? 'slow' : 'fast';
    yield* exceeding(size, thresholds.offset, `${decimal(size)} s ${direction} of true time`);
  }
  if (stratum !== null && maxStratum !== null && stratum > maxStratum) {
    yield { state: 'warning', reason: `stratum ${stratum}, above ${maxStratum}` };
  }
  if (reachableSources < minSources) {
    const reason = `${reachability(figures)}, fewer than ${minSources}`;
    yield { state: 'warning', reason };
  }
  const leap = LEAPS[figures.leapStatus];
  if (leap !== undefined) yield { state: thresholds.leap, reason: leap };
}

function whyNotSynchronised({ leapStatus, reference, sources, falsetickers }: HealthFigures): string {
  if (leapStatus !== LeapStatus.UNSYNC && reference !== null) {
    return `not synchronised: what it follows (${reference}) is too far from a reference clock`;
  }
  if (sources === 1) {
    return `not synchronised: does not follow its only source${falsetickers > 0 ? ', a falseticker' : ''}`;
  }
  const kind = falsetickers === 1 ? 'a falseticker' : 'falsetickers';
  const wrong = falsetickers > 0 ? `, ${falsetickers} of them ${kind}` : '';
  return `not synchronised: follows none of ${sources} sources${wrong}`;
}

/** How many sources answer, in words. */
export function reachability({ sources, reachableSources }: HealthFigures): string {
  return `${reachableSources} of ${sources} ${sources === 1 ? 'source' : 'sources'} reachable`;
}

/** What is wrong with a value: nothing, or the worse of the two. */
function* exceeding(value: number, { warning, critical }: Limits, what: string): Generator<Finding> {
  if (critical !== null && value > critical) {
    yield { state: 'critical', reason: `${what}, more than ${decimal(critical)} s` };
  } else if (warning !== null && value > warning) {
    yield { state: 'warning', reason: `${what}, more than ${decimal(warning)} s` };
  }
}

/** A number as a plain decimal, to the ninth place: never with an exponent, which not all monitoring software reads. */
export function decimal(value: number): string {
  return value
    .toFixed(9)
    .replace(/\.?0+$/, '')
    .replace(/^-0$/, '0');
}

/**
 * Errors after which nothing may be keeping the clock: that is critical. Other errors, such as a missing permission, tell
 * nothing about the clock.
 */
const UNREACHABLE: ReadonlySet<string> = new Set([
  'ERR_CHRONY_CONNECTION',
  'ERR_CHRONY_TIMEOUT',
  'ERR_CHRONY_RESOLVE',
]);

/** The health of a clock whose chronyd could not be queried. */
export function healthOfFailure({ code, message }: ChronyError): Health {
  const state = UNREACHABLE.has(code) ? 'critical' : 'unknown';
  return { state, reasons: [message], figures: null };
}
