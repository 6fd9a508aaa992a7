/** Judges a clock's health by chronyd's reports, or by the error of a request. Sends no request. */
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

/** The state of a clock: `unknown` if it cannot be judged from here. */
export type HealthState = Severity | 'unknown';

/** The figures by which the clock was judged. */
export interface HealthFigures {
  /** The result of `TrackingStatus.isSynchronized()`, which is true in local mode, too. */
  readonly synchronized: boolean;
  /** True in local mode: the clock follows itself. */
  readonly local: boolean;
  /**
   * The reference of the clock, as `TrackingStatus.referenceIdName`; null if it has none. chronyd continues to report
   * a source that it has lost: see {@link selected}.
   */
  readonly reference: string | null;
  /** The selected source, as `Source.address`; null if none is selected. Field `state` of each source. */
  readonly selected: string | null;
  /** Seconds between two polls of the selected source; null if none is selected. Field `poll`. */
  readonly pollInterval: number | null;
  /**
   * The largest distance of the clock from true time, in seconds, zero or more: `TrackingStatus.maxError()` with a
   * drift of 50 ppm since the last measurement. Null while the clock is not synchronized, and in local mode, because
   * it is unknown then.
   */
  readonly maxError: number | null;
  /**
   * The remaining correction, in seconds: positive if the system clock is behind true time. Field
   * `current correction`. Null if {@link maxError} is null.
   */
  readonly offset: number | null;
  /**
   * Seconds since the last measurement by which the clock was updated, zero or more. Field `reference time`. Null if
   * {@link maxError} is null, or the reference time is implausible.
   */
  readonly measurementAge: number | null;
  /** Error bound of the clock's frequency, in ppm, zero or more. Field `skew`. Null if {@link maxError} is null. */
  readonly skew: number | null;
  /** Hops to a reference clock, 1 to 15; null while the clock is not synchronized. Field `stratum`. */
  readonly stratum: number | null;
  /** Whether a leap second is pending, or the clock is not synchronized. Field `leap status`. */
  readonly leapStatus: LeapStatus;
  /** The number of chronyd's sources. */
  readonly sources: number;
  /** The number of sources that answered at least one of the last eight polls: field `reachability` of each. */
  readonly reachableSources: number;
  /**
   * The number of selectable sources, including the selected one: field `state` of each in `selectdata`, or in
   * `sources` if chronyd refuses that report.
   */
  readonly selectableSources: number;
  /** The number of sources that disagree with the majority: field `state` of each. */
  readonly falsetickers: number;
  /**
   * The smallest number of NTS cookies of a source, 0 to 8: field `cookies` of each. Null if no judged source uses
   * NTS, or chronyd refuses the report `authdata`.
   */
  readonly ntsCookies: number | null;
}

/** The health of a clock. Plain data: `JSON.stringify` loses nothing. */
export interface Health {
  /** The state of the worst finding. */
  readonly state: HealthState;
  /**
   * The findings as text, the worst first, each with its value, the threshold, and advice in parentheses; or the
   * reason why chronyd could not be queried. Empty if there is no finding.
   */
  readonly reasons: readonly string[];
  /** Null if chronyd could not be queried. */
  readonly figures: HealthFigures | null;
}

/** Data for a judgement in addition to `tracking` and `sources`. */
export interface HealthContext {
  /** The report `selectdata`, of the same moment; null or absent if chronyd refuses it. */
  readonly selectData?: readonly SelectData[] | null | undefined;
  /** The report `authdata`, of the same moment; null or absent if chronyd refuses it. */
  readonly authData?: readonly AuthData[] | null | undefined;
  /** When `tracking` was received, in seconds since the epoch, by the clock that is judged. Default: now. */
  readonly time?: number | undefined;
  /** `maxclockerror` of chronyd's configuration, in ppm, zero or more. Default 0: unknown. */
  readonly maxClockErrorPpm?: number | undefined;
}

interface Finding {
  readonly state: Severity;
  readonly reason: string;
}

/**
 * Judges a clock by given reports, like `checkHealth()` but without a request.
 *
 * @throws TypeError, RangeError for thresholds or a context of the wrong type or range.
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
 * Judges a clock. If its sources are unknown, only `tracking` is judged, and the figures of sources are zero or null.
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

/** The data by which a clock is judged. */
export interface HealthView {
  readonly tracking: TrackingStatus;
  /** Null if the sources are unknown. */
  readonly sources: SourcesSummary | null;
  /** See {@link HealthContext.time}. */
  readonly time: number;
  /** See {@link HealthContext.maxClockErrorPpm}. */
  readonly maxClockErrorPpm: number | undefined;
}

/** Omits the drift if the reference time is implausible. */
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

/**
 * The largest plausible distance of a reference time in the future, in seconds: the clock may have been read before
 * the reply arrived.
 */
const CLOCK_TOLERANCE = 1;

/** Adds the offset, because the reference time is on the scale of true time, as chronyd estimates it. */
function measurementAge({ tracking, time }: HealthView): number {
  return time + tracking.offset - tracking.refTime;
}

function isPlausible(view: HealthView): boolean {
  const age = measurementAge(view);
  return age >= -CLOCK_TOLERANCE && age <= MAX_AGE_SECONDS;
}

const LOCAL =
  'in local mode (7F7F0101), following only its own clock, which is not allowed (add a source, or allow local mode)';

const LEAPS: Partial<Readonly<Record<LeapStatus, string>>> = {
  [LeapStatus.INSERT]: 'a leap second will be inserted at the end of the UTC day',
  [LeapStatus.DELETE]: 'a leap second will be deleted at the end of the UTC day',
};
const LEAP_REMEDY = 'compare with Bulletin C of the IERS: a false announcement comes from a source';

const CORRECTION_REMEDY = 'wait until it is corrected, or step it: chronyc makestep';
const ANSWER_REMEDY = 'check that its sources answer: chronyc sources';
const NEARER_REMEDY = 'use nearer sources';

function* findings(view: HealthView, figures: HealthFigures, thresholds: Thresholds): Generator<Finding> {
  const { maxError, offset, measurementAge: age, skew, stratum } = figures;
  const { maxStratum, maxSkew, allowLocal } = thresholds;
  if (!figures.synchronized) yield { state: 'critical', reason: whyNotSynchronized(view, figures) };
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

/** Returns advice for the largest part of the maximum error. */
function largestPart({ offset, rootDelay, rootDispersion }: TrackingStatus): string {
  const size = Math.abs(offset);
  if (size >= rootDispersion && size >= rootDelay / 2) return CORRECTION_REMEDY;
  return rootDispersion > rootDelay / 2 ? ANSWER_REMEDY : NEARER_REMEDY;
}

function whyNotSynchronized({ sources: known }: HealthView, figures: HealthFigures): string {
  const { leapStatus, reference, sources, falsetickers } = figures;
  if (leapStatus !== LeapStatus.UNSYNC && reference !== null) {
    return `not synchronized: the stratum of its source (${reference}) is too high (${NEARER_REMEDY})`;
  }
  if (known === null) return 'not synchronized: follows no source (chronyc sources says why)';
  if (sources === 1) {
    const kind = falsetickers > 0 ? ', a falseticker' : '';
    return `not synchronized: does not follow its only source${kind} (${whyNotSelected(known, figures)})`;
  }
  const kind = falsetickers === 1 ? 'a falseticker' : 'falsetickers';
  const wrong = falsetickers > 0 ? `, ${falsetickers} of them ${kind}` : '';
  return `not synchronized: follows none of ${sources} sources${wrong} (${whyNotSelected(known, figures)})`;
}

/**
 * Reports that no source is selected. chronyd keeps reporting its last reference after losing it, so the reference
 * alone does not show the loss. chronyd also selects no source between the removal of the selected source (or a
 * reselect) and the next measurement. If `selectdata` shows this state (waiting for update), it is not a finding.
 */
function* withoutSelected(
  view: HealthView,
  sources: SourcesSummary,
  figures: HealthFigures,
): Generator<Finding> {
  if (figures.selected !== null) return;
  const reason = `no source is selected: ${selectability(figures)}`;
  if (sources.selectStates === null && measurementAge(view) < sources.longestWait) {
    const remedy = 'it may be waiting for the next measurement, which only its Unix socket shows';
    yield { state: 'warning', reason: `${reason} (${remedy})` };
  } else if (!sources.selectStates?.has(SelectState.WAITING_FOR_UPDATE)) {
    yield { state: 'critical', reason: `${reason} (${whyNotSelected(sources, figures)})` };
  }
}

/** Returns the reason why chronyd selects no source, with advice. */
function whyNotSelected({ selectStates }: SourcesSummary, figures: HealthFigures): string {
  const states = selectStates ?? new Set();
  if (figures.sources === 0) return 'add sources to chrony.conf';
  if (figures.reachableSources === 0) return 'none answers: chronyc activity shows whether they are online';
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
  if (tracking.refTime === 0) return 'synchronized, but the reference time is 0 (restart chronyd)';
  const age = time + tracking.offset - tracking.refTime;
  const remedy = 'if a clock was set, here or at its source, correct it and restart chronyd';
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

/** Returns the number of reachable sources, as text. */
export function reachability({ sources, reachableSources }: HealthFigures): string {
  return `${ofAll(reachableSources, sources)} reachable`;
}

/** Returns the number of selectable sources, as text. */
export function selectability({ sources, selectableSources }: HealthFigures): string {
  return `${ofAll(selectableSources, sources)} selectable`;
}

/**
 * Compares a value with its limits, and yields the worse finding, if any. The text is created only for a finding,
 * because most values have none.
 */
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

/**
 * Formats a number with up to nine decimal places, never with an exponent, which some monitoring software cannot
 * read.
 */
export function decimal(value: number): string {
  return value
    .toFixed(9)
    .replace(/\.?0+$/, '')
    .replace(/^-0$/, '0');
}

/**
 * Formats a number of seconds with up to three decimal places: a reference time is no more precise than the clock
 * with which it is compared.
 */
export function rounded(value: number): string {
  return decimal(Math.round(value * 1000) / 1000);
}

/**
 * The errors after which chronyd may not be running: they are critical. Other errors, such as a missing permission,
 * say nothing about the clock.
 */
const UNREACHABLE: ReadonlySet<string> = new Set([
  'ERR_CHRONY_CONNECTION',
  'ERR_CHRONY_TIMEOUT',
  'ERR_CHRONY_RESOLVE',
]);

/** Returns the health of a clock whose chronyd could not be queried. */
export function healthOfFailure({ code, message }: ChronyError): Health {
  const state = UNREACHABLE.has(code) ? 'critical' : 'unknown';
  return { state, reasons: [message], figures: null };
}
