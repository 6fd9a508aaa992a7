/** The thresholds of a healthy clock, with their defaults and checks. */
import { numberInRange } from '../client/options.ts';

/** From the best to the worst. */
export const SEVERITIES = ['ok', 'warning', 'critical'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** How large a figure may be. At the limit is still within it. */
export interface HealthLimits {
  /**
   * Above it is a warning, in seconds, 0 to 86400; null for never. A default that is above your `critical` is lowered to it.
   */
  readonly warning?: number | null | undefined;
  /** Above it is critical, in seconds, 0 to 86400, not below the warning; null for never. */
  readonly critical?: number | null | undefined;
}

/** What a clock has to be like to be healthy. */
export interface HealthThresholds {
  /**
   * How far the clock may be from true time: `TrackingStatus.maxError()`. with a drift of 50 ppm since the last
   * measurement. Default: a warning above 0.25 s, which a clock that is measured each 1024 s, as seldom as chronyd does by
   * default, stays below until it misses three measurements; critical above 0.5 s, from where on it may tell the wrong
   * second.
   */
  readonly maxError?: HealthLimits | undefined;
  /**
   * How much may be left to correct, slow or fast: `TrackingStatus.offset` without its sign. Default: never, as
   * it is a part of the maximum error. Set it to hear of an error that is known, not just possible.
   */
  readonly offset?: HealthLimits | undefined;
  /**
   * A stratum above it is a warning, 1 to 15; null, the default, for never, as distance alone makes no clock
   * wrong. Set it to hear of a clock that has fallen back to servers which are not meant for it.
   */
  readonly maxStratum?: number | null | undefined;
  /**
   * Fewer reachable sources are a warning, 0 to 65535. Default 1: without any the clock runs free, and its error
   * grows until that is critical. 0 if local mode is allowed, which needs none.
   */
  readonly minSources?: number | undefined;
  /**
   * Fewer selectable sources are a warning, 0 to 65535: a source can answer and still not be selectable, e.g. a falseticker.
   * Default 0, for never: without any selectable source none is selected, which is critical by itself. Set it to hear
   * that a majority is at risk: 3 for four servers, of which one may fail.
   */
  readonly minSelectable?: number | undefined;
  /**
   * An older last measurement is a warning, in seconds, 0 to 31622400; null for never. Default 1025, or four polling
   * intervals of the selected source if that is longer, so that no alarm is raised for a measurement or two that were
   * missed. A limit of your own is taken as it is.
   */
  readonly maxAge?: number | null | undefined;
  /**
   * A larger skew is a warning, in ppm, 0 to 1000000: `TrackingStatus.skew`, the error bound of the clock's frequency.
   * Null, the default, for never, as it is a part of the maximum error. Set it to hear of a clock whose frequency is not
   * known well enough to go without a source for some time.
   */
  readonly maxSkew?: number | null | undefined;
  /**
   * Fewer NTS cookies for a source are a warning, 0 to 8. Default 3: each request takes one of 8 and each reply brings a
   * new one, so that six requests in a row had no reply, and after eight the source is lost. 0 for never. Sources
   * that do not answer at all are left out, unless none is selected.
   */
  readonly minCookies?: number | undefined;
  /**
   * What it is that a leap second is announced. Default `warning`: it is rare, much software has never seen one, and
   * a false announcement can only be told from a true one by a person, before the end of the day.
   */
  readonly leap?: Severity | undefined;
  /**
   * Whether local mode is good enough: reference ID 7F7F0101, set by `local` in chrony.conf. Default false: it
   * calls itself synchronised with hardly any error, and follows nothing but its own clock, so it is critical. True
   * for the server that gives its time to a network without any other.
   */
  readonly allowLocal?: boolean | undefined;
}

/** {@link HealthLimits} with nothing left open. */
export interface Limits {
  readonly warning: number | null;
  readonly critical: number | null;
}

/** {@link HealthThresholds} with nothing left open. */
export interface Thresholds {
  readonly maxError: Limits;
  readonly offset: Limits;
  readonly maxStratum: number | null;
  readonly minSources: number;
  readonly minSelectable: number;
  /** Undefined where the default holds, which depends on the source: {@link ageLimit}. */
  readonly maxAge: number | null | undefined;
  readonly maxSkew: number | null;
  readonly minCookies: number;
  readonly leap: Severity;
  readonly allowLocal: boolean;
}

/** A clock that is a day off is no better than one that is two. */
export const MAX_SECONDS = 86_400;
export const MAX_STRATUM = 15;
/** As many as there can be. */
export const MAX_SOURCES = 65_535;
/** As many as chronyd keeps for a source. */
export const MAX_COOKIES = 8;
export const MAX_SKEW_PPM = 1_000_000;
/** A year: longer than the longest polling interval, 2^24 s. */
export const MAX_AGE_SECONDS = 366 * 86_400;

/** What holds where nothing is said; with local mode allowed, no sources are needed. */
export const DEFAULTS = {
  maxError: { warning: 0.25, critical: 0.5 },
  offset: { warning: null, critical: null },
  maxStratum: null,
  minSources: 1,
  minSelectable: 0,
  maxAge: 1025,
  maxSkew: null,
  minCookies: 3,
  leap: 'warning',
  allowLocal: false,
} as const satisfies Thresholds;

/** How many polling intervals may pass between two measurements: up to three polls in a row without one. */
const ORDINARY_POLLS = 4;

/**
 * The greatest age of the last measurement, in seconds; null for any.
 *
 * @param pollInterval - the selected source's, in seconds; null if none is selected
 */
export function ageLimit({ maxAge }: Thresholds, pollInterval: number | null): number | null {
  if (maxAge !== undefined) return maxAge;
  return Math.min(Math.max(DEFAULTS.maxAge, ORDINARY_POLLS * (pollInterval ?? 0)), MAX_AGE_SECONDS);
}

/** Completes limits by their defaults: a default warning is never above a given critical limit. */
export function completeLimits({ warning, critical }: HealthLimits, defaults: Limits): Limits {
  const upper = critical === undefined ? defaults.critical : critical;
  if (warning !== undefined) return { warning, critical: upper };
  const isAbove = isOutOfOrder({ warning: defaults.warning, critical: upper });
  return { warning: isAbove ? upper : defaults.warning, critical: upper };
}

/** True if there could never be a warning: all that is above the one is above the other. */
export function isOutOfOrder({ warning, critical }: Limits): boolean {
  return warning !== null && critical !== null && warning > critical;
}

/** @throws TypeError, RangeError if a value is of no use. */
export function readThresholds(thresholds?: HealthThresholds | null): Thresholds {
  const given = thresholds ?? {};
  const { leap = DEFAULTS.leap, allowLocal = DEFAULTS.allowLocal } = given;
  const { minSources = allowLocal ? 0 : DEFAULTS.minSources } = given;
  const { minSelectable = DEFAULTS.minSelectable, minCookies = DEFAULTS.minCookies, maxAge } = given;
  if (!SEVERITIES.includes(leap)) {
    throw new RangeError(`leap must be one of: ${SEVERITIES.join(', ')}; not ${String(leap)}`);
  }
  if (typeof allowLocal !== 'boolean') {
    throw new TypeError(`allowLocal must be true or false, not ${typeof allowLocal}`);
  }
  return {
    maxError: readLimits('maxError', given.maxError, DEFAULTS.maxError),
    offset: readLimits('offset', given.offset, DEFAULTS.offset),
    maxStratum: readLimit('maxStratum', given.maxStratum ?? DEFAULTS.maxStratum, 1, MAX_STRATUM, true),
    minSources: numberInRange('minSources', minSources, 0, MAX_SOURCES, true),
    minSelectable: numberInRange('minSelectable', minSelectable, 0, MAX_SOURCES, true),
    maxAge: maxAge === undefined ? undefined : readLimit('maxAge', maxAge, 0, MAX_AGE_SECONDS),
    maxSkew: readLimit('maxSkew', given.maxSkew ?? DEFAULTS.maxSkew, 0, MAX_SKEW_PPM),
    minCookies: numberInRange('minCookies', minCookies, 0, MAX_COOKIES, true),
    leap,
    allowLocal,
  };
}

function readLimits(name: string, given: HealthLimits = {}, defaults: Limits): Limits {
  if (typeof given !== 'object' || given === null) {
    throw new TypeError(`${name} must be an object with warning and critical, not ${String(given)}`);
  }
  const read = (which: keyof HealthLimits): number | null | undefined =>
    given[which] === undefined ? undefined : readLimit(`${name}.${which}`, given[which], 0, MAX_SECONDS);
  const limits = completeLimits({ warning: read('warning'), critical: read('critical') }, defaults);
  if (!isOutOfOrder(limits)) return limits;
  const remedy =
    given.critical === undefined ? ', which is the default; set both' : '; lower it, or raise the other';
  throw new RangeError(
    `${name}.warning (${limits.warning}) must not be above ${name}.critical (${limits.critical})${remedy}`,
  );
}

function readLimit(
  name: string,
  value: number | null,
  low: number,
  high: number,
  whole = false,
): number | null {
  return value === null ? null : numberInRange(name, value, low, high, whole);
}
