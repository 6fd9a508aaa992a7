/** The judgement of a clock's health, by chronyd's reports or by the error of a request. Sends no request. */
import { numberInRange } from '../client/options.ts';
import { DEFAULT_MAX_DRIFT_PPM } from '../clock/max-clock-error.ts';
import type { ChronyError } from '../errors.ts';
import {
  type AuthData,
  LeapStatus,
  type SelectData,
  SelectState,
  type Source,
  type TrackingStatus,
} from '../reports/index.ts';
import { followsSource } from '../reports/tracking.ts';
import { type SourcesSummary, summarizeSources, UNKNOWN_SOURCES } from './sources-summary.ts';
import {
  ageLimit,
  type HealthThresholds,
  type Limits,
  MAX_AGE_SECONDS,
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
  /**
   * What the clock follows, as `TrackingStatus.referenceIdName`; null if nothing. chronyd goes on reporting a source that it
   * has lost: see {@link selected}.
   */
  readonly reference: string | null;
  /** The selected source, as `Source.address`; null if none is selected. Field `state` of each source. */
  readonly selected: string | null;
  /** Seconds between two polls of the selected source; null if none is selected. Field `poll`. */
  readonly pollInterval: number | null;
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
  /**
   * Seconds since the last measurement by which the clock was updated, zero or more. Field `reference time`. Null where
   * {@link maxError} is, and where the reference time is nonsense.
   */
  readonly measurementAge: number | null;
  /** Error bound of the clock's frequency, in ppm, zero or more. Field `skew`. Null where {@link maxError} is. */
  readonly skew: number | null;
  /** Hops to a reference clock, 1 to 15; null while not synchronised. Field `stratum`. */
  readonly stratum: number | null;
  /** Leap second pending, or not synchronised. Field `leap status`. */
  readonly leapStatus: LeapStatus;
  /** How many sources chronyd has. */
  readonly sources: number;
  /** How many of them answered at least one of the last eight polls: field `reachability` of each. */
  readonly reachableSources: number;
  /**
   * How many of them could be selected, the selected one included: field `state` of each in `selectdata`, or in `sources`
   * where chronyd refuses that report.
   */
  readonly selectableSources: number;
  /** How many of them the majority says to be wrong: field `state` of each. */
  readonly falsetickers: number;
  /**
   * The smallest number of NTS cookies of a source, 0 to 8: field `cookies` of each. Null if no judged source uses NTS, or
   * chronyd refuses the report `authdata`.
   */
  readonly ntsCookies: number | null;
}

/** How healthy a clock is. Plain data: `JSON.stringify` loses nothing. */
export interface Health {
  /** The worst of what was found. */
  readonly state: HealthState;
  /**
   * All that is not as it should be, in words, each with its value and the threshold, and in parentheses what to do about it,
   * the worst first; or why chronyd could not be asked. Empty if all is well.
   */
  readonly reasons: readonly string[];
  /** Null if chronyd could not be asked. */
  readonly figures: HealthFigures | null;
}

/** What a judgement takes into account beside `tracking` and `sources`. */
export interface HealthContext {
  /** The report `selectdata`, of the same moment; null or absent if chronyd refuses it. */
  readonly selectData?: readonly SelectData[] | null | undefined;
  /** The report `authdata`, of the same moment; null or absent if chronyd refuses it. */
  readonly authData?: readonly AuthData[] | null | undefined;
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
  const limits = readThresholds(thresholds);
  const time = numberInRange('time', context.time ?? Date.now() / 1000, 0, Number.MAX_VALUE, false);
  const summary = summarizeSources(sources, context.selectData ?? null, context.authData ?? null);
  return judge({ tracking, sources: summary, maxClockErrorPpm: context.maxClockErrorPpm, time }, limits);
}

/**
 * Judges a clock. If its sources are not known, only `tracking` is judged, and the figures of sources are zero or null.
 */
export function judge(view: HealthView, limits: Thresholds): Health & { readonly figures: HealthFigures } {
  const figures = figuresOf(view);
  const found = [...findings(view, figures, limits)];
  if (found.length === 0) return { state: 'ok', reasons: [], figures };
  const worstFirst = SEVERITIES.toReversed().flatMap((state) => found.filter((each) => each.state === state));
  return {
    state: worstFirst[0]?.state ?? 'ok',
    reasons: worstFirst.filter(({ state }) => state !== 'ok').map(({ reason }) => reason),
    figures,
  };
}

/** What a clock is judged by. */
export interface HealthView {
  readonly tracking: TrackingStatus;
  /** Null if they are not known. */
  readonly sources: SourcesSummary | null;
  /** As {@link HealthContext.time}. */
  readonly time: number;
  /** As {@link HealthContext.maxClockErrorPpm}. */
  readonly maxClockErrorPpm: number | undefined;
}

/** The time since a reference time that is nonsense says nothing of the drift. */
function maxErrorOf(view: HealthView): number {
  const { tracking, maxClockErrorPpm, time } = view;
  if (!isPlausible(view)) return tracking.maxError();
  return tracking.maxError({ maxDriftPpm: DEFAULT_MAX_DRIFT_PPM, maxClockErrorPpm, time });
}

function figuresOf(view: HealthView): HealthFigures {
  const { tracking } = view;
  const sources = view.sources ?? UNKNOWN_SOURCES;
  const synchronized = tracking.isSynchronized();
  const follows = followsSource(tracking);
  return {
    synchronized,
    local: tracking.isLocal(),
    reference: tracking.referenceIdName || null,
    selected: sources.selected,
    pollInterval: sources.pollInterval,
    maxError: follows ? maxErrorOf(view) : null,
    offset: follows ? tracking.offset : null,
    measurementAge: follows && isPlausible(view) ? Math.max(0, measurementAge(view)) : null,
    skew: follows ? tracking.skew : null,
    stratum: synchronized ? tracking.stratum : null,
    leapStatus: tracking.leapStatus,
    sources: sources.sources,
    reachableSources: sources.reachableSources,
    selectableSources: sources.selectableSources,
    falsetickers: sources.falsetickers,
    ntsCookies: sources.leastCookies?.cookies ?? null,
  };
}

/** A clock that was read before the reply came may seem to be this far behind the reference time, in seconds. */
const CLOCK_TOLERANCE = 1;

/** The reference time is on the scale of true time, as far as chronyd knows it. */
function measurementAge({ tracking, time }: HealthView): number {
  return time + tracking.offset - tracking.refTime;
}

function isPlausible(view: HealthView): boolean {
  const age = measurementAge(view);
  return age >= -CLOCK_TOLERANCE && age <= MAX_AGE_SECONDS;
}

const LOCAL =
  'in local mode (7F7F0101), which follows nothing but its own clock, and is not allowed (give it a source, or allow it)';

const LEAPS: Partial<Readonly<Record<LeapStatus, string>>> = {
  [LeapStatus.INSERT]: 'a leap second will be inserted at the end of the UTC day',
  [LeapStatus.DELETE]: 'a leap second will be deleted at the end of the UTC day',
};
const LEAP_REMEDY = 'compare with Bulletin C of the IERS: a false one comes from a source';

const CORRECTION_REMEDY = 'wait until it is corrected, or step it: chronyc makestep';
const ANSWER_REMEDY = 'check that its sources answer: chronyc sources';
const NEARER_REMEDY = 'use nearer sources';

function* findings(view: HealthView, figures: HealthFigures, thresholds: Thresholds): Generator<Finding> {
  const { maxError, offset, measurementAge: age, skew, stratum } = figures;
  const { maxStratum, maxSkew, allowLocal } = thresholds;
  if (!figures.synchronized) yield { state: 'critical', reason: whyNotSynchronised(view, figures) };
  else if (figures.local && !allowLocal) yield { state: 'critical', reason: LOCAL };
  else if (!figures.local && view.sources !== null) yield* withoutSelected(view, view.sources, figures);
  if (maxError !== null) {
    const what = (): string => `may be ${decimal(maxError)} s from true time`;
    yield* exceeding(maxError, thresholds.maxError, what, () => largestPart(view.tracking));
  }
  if (offset !== null) {
    const size = Math.abs(offset);
    const what = (): string => `${decimal(size)} s ${offset > 0 ? 'slow' : 'fast'} of true time`;
    yield* exceeding(size, thresholds.offset, what, () => CORRECTION_REMEDY);
  }
  if (followsSource(view.tracking) && !isPlausible(view)) {
    yield { state: 'critical', reason: implausible(view) };
  }
  if (age !== null) {
    const limits = { warning: ageLimit(thresholds, figures.pollInterval), critical: null };
    const what = (): string => `last measured ${rounded(age)} s ago`;
    yield* exceeding(age, limits, what, () => ANSWER_REMEDY);
  }
  if (skew !== null) {
    const limits = { warning: maxSkew, critical: null };
    const what = (): string => `skew ${decimal(skew)} ppm`;
    yield* exceeding(skew, limits, what, () => 'wait until it has settled', 'ppm');
  }
  if (stratum !== null && maxStratum !== null && stratum > maxStratum) {
    yield {
      state: 'warning',
      reason: `stratum ${stratum}, above ${maxStratum} (use sources nearer to a reference clock)`,
    };
  }
  if (view.sources !== null) yield* sourceFindings(view.sources, figures, thresholds);
  const leap = LEAPS[figures.leapStatus];
  if (leap !== undefined) yield { state: thresholds.leap, reason: `${leap} (${LEAP_REMEDY})` };
}

function* sourceFindings(
  { leastCookies }: SourcesSummary,
  figures: HealthFigures,
  thresholds: Thresholds,
): Generator<Finding> {
  const { minSources, minSelectable } = thresholds;
  if (figures.reachableSources < minSources) {
    const remedy = 'check the servers, the network and firewalls';
    yield { state: 'warning', reason: `${reachability(figures)}, fewer than ${minSources} (${remedy})` };
  }
  if (figures.selectableSources < minSelectable) {
    const remedy = 'chronyc selectdata says why';
    yield { state: 'warning', reason: `${selectability(figures)}, fewer than ${minSelectable} (${remedy})` };
  }
  if (leastCookies !== null && leastCookies.cookies < thresholds.minCookies) {
    yield { state: 'warning', reason: fewCookies(leastCookies, thresholds) };
  }
}

/** What to do about the largest part of the maximum error. */
function largestPart({ offset, rootDelay, rootDispersion }: TrackingStatus): string {
  const size = Math.abs(offset);
  if (size >= rootDispersion && size >= rootDelay / 2) return CORRECTION_REMEDY;
  return rootDispersion > rootDelay / 2 ? ANSWER_REMEDY : NEARER_REMEDY;
}

function whyNotSynchronised({ sources: known }: HealthView, figures: HealthFigures): string {
  const { leapStatus, reference, sources, falsetickers } = figures;
  if (leapStatus !== LeapStatus.UNSYNC && reference !== null) {
    return `not synchronised: what it follows (${reference}) is too far from a reference clock (${NEARER_REMEDY})`;
  }
  if (known === null) return 'not synchronised: follows no source (chronyc sources says why)';
  if (sources === 1) {
    const kind = falsetickers > 0 ? ', a falseticker' : '';
    return `not synchronised: does not follow its only source${kind} (${whyNotSelected(known, figures)})`;
  }
  const kind = falsetickers === 1 ? 'a falseticker' : 'falsetickers';
  const wrong = falsetickers > 0 ? `, ${falsetickers} of them ${kind}` : '';
  return `not synchronised: follows none of ${sources} sources${wrong} (${whyNotSelected(known, figures)})`;
}

/**
 * chronyd goes on reporting its last reference when it has lost it. It also selects none from the moment when the selected
 * source is removed, or it is told to select anew, until the next measurement: that is no alarm where chronyd says so.
 */
function* withoutSelected(
  view: HealthView,
  sources: SourcesSummary,
  figures: HealthFigures,
): Generator<Finding> {
  if (figures.selected !== null) return;
  const reason = `no source is selected: ${selectability(figures)}`;
  if (sources.selectStates === null && measurementAge(view) < sources.longestWait) {
    const remedy = 'it may wait for the next measurement, which only its Unix socket tells';
    yield { state: 'warning', reason: `${reason} (${remedy})` };
  } else if (!sources.selectStates?.has(SelectState.WAITING_FOR_UPDATE)) {
    yield { state: 'critical', reason: `${reason} (${whyNotSelected(sources, figures)})` };
  }
}

/** Why chronyd selects no source, and what to do about it. */
function whyNotSelected({ selectStates }: SourcesSummary, figures: HealthFigures): string {
  const states = selectStates ?? new Set();
  if (figures.sources === 0) return 'add sources to chrony.conf';
  if (figures.reachableSources === 0) return 'none answers: chronyc activity says whether they are online';
  if (states.has(SelectState.MISSING_SELECTABLE_SOURCES)) {
    return 'too few are selectable: add sources, or see minsources and require in chrony.conf';
  }
  if (figures.falsetickers > 0) return 'no majority agrees: add sources, or remove the wrong ones';
  if (states.has(SelectState.UNACCEPTABLE_DISTANCE)) {
    return 'the root distance is too large: use nearer sources, or raise maxdistance in chrony.conf';
  }
  if (states.has(SelectState.JITTERY)) {
    return 'measurements vary too much: use nearer sources, or raise maxjitter in chrony.conf';
  }
  if (states.has(SelectState.IGNORED)) return 'option noselect in chrony.conf: add a source without it';
  return selectStates === null
    ? 'chronyc selectdata, over the Unix socket, says why'
    : 'chronyc selectdata says why; wait if it was just started';
}

function implausible({ tracking, time }: HealthView): string {
  if (tracking.refTime === 0) return 'synchronised, but the reference time is 0 (restart chronyd)';
  const age = time + tracking.offset - tracking.refTime;
  const remedy = 'if a clock was set, here or there, set it right and restart chronyd';
  return age < 0
    ? `the reference time is ${rounded(-age)} s in the future (${remedy})`
    : `the reference time is ${rounded(age)} s ago, more than a year (${remedy})`;
}

function fewCookies({ address, cookies, keAttempts }: AuthData, { minCookies }: Thresholds): string {
  const attempts =
    keAttempts > 0
      ? `, ${keAttempts} ${keAttempts === 1 ? 'attempt' : 'attempts'} at key establishment so far`
      : '';
  return (
    `${cookies} NTS ${cookies === 1 ? 'cookie' : 'cookies'} left for ${address}, fewer than ${minCookies}${attempts} ` +
    '(check that the server answers, its certificate and port 4460)'
  );
}

function ofAll(count: number, sources: number): string {
  return `${count} of ${sources} ${sources === 1 ? 'source' : 'sources'}`;
}

/** How many sources answer, in words. */
export function reachability({ sources, reachableSources }: HealthFigures): string {
  return `${ofAll(reachableSources, sources)} reachable`;
}

/** How many sources are selectable, in words. */
export function selectability({ sources, selectableSources }: HealthFigures): string {
  return `${ofAll(selectableSources, sources)} selectable`;
}

/** What is wrong with a value: nothing, or the worse of the two. Most values are fine, and need no words. */
function* exceeding(
  value: number,
  { warning, critical }: Limits,
  what: () => string,
  remedy: () => string,
  unit = 's',
): Generator<Finding> {
  const reason = (limit: number): string => `${what()}, more than ${decimal(limit)} ${unit} (${remedy()})`;
  if (critical !== null && value > critical) yield { state: 'critical', reason: reason(critical) };
  else if (warning !== null && value > warning) yield { state: 'warning', reason: reason(warning) };
}

/** A number as a plain decimal, to the ninth place: never with an exponent, which not all monitoring software reads. */
export function decimal(value: number): string {
  return value
    .toFixed(9)
    .replace(/\.?0+$/, '')
    .replace(/^-0$/, '0');
}

/** A number of seconds to the third place: a reference time is no more exact than the clock that it is compared with. */
export function rounded(value: number): string {
  return decimal(Math.round(value * 1000) / 1000);
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
