/** The thresholds of a healthy clock, their defaults and their validation. */
import { numberInRange } from '../client/options.ts';

/** The severities, from the best to the worst. */
export const SEVERITIES = ['ok', 'warning', 'critical'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** The limits of a figure. A value equal to a limit is within it. */
export interface HealthLimits {
  /**
   * A greater value is a warning, in seconds, 0 to 86400; null for never. The default is lowered to your `critical`
   * if it exceeds that.
   */
  readonly warning?: number | null | undefined;
  /** A greater value is critical, in seconds, 0 to 86400, not below the warning; null for never. */
  readonly critical?: number | null | undefined;
}

/** The thresholds of a healthy clock. */
export interface HealthThresholds {
  /**
   * Limits of the clock's maximum error: `TrackingStatus.maxError()` with a drift of 50 ppm since the last
   * measurement.
   *
   * Default: a warning above 0.25 s. A clock that is measured every 1024 s, chronyd's longest default interval, stays
   * below that unless it misses three measurements. Critical above 0.5 s, where the clock may show the wrong second.
   */
  readonly maxError?: HealthLimits | undefined;
  /**
   * Limits of the remaining correction in either direction: `TrackingStatus.offset` without its sign. Default: never,
   * because the maximum error includes it. Set it to be alerted to known errors, not only possible ones.
   */
  readonly offset?: HealthLimits | undefined;
  /**
   * A higher stratum is a warning, 1 to 15; null, the default, for never, because distance alone makes no clock
   * wrong. Set it to be alerted if a clock has fallen back to servers that are not meant for it.
   */
  readonly maxStratum?: number | null | undefined;
  /**
   * Fewer reachable sources are a warning, 0 to 65535. Default 1: without a source the clock runs free, and its error
   * grows until it is critical. The default is 0 if local mode is allowed, which needs no source.
   */
  readonly minSources?: number | undefined;
  /**
   * Fewer selectable sources are a warning, 0 to 65535: a source may answer without being selectable, e.g. a
   * falseticker. Default 0, for never: without any selectable source none is selected, which is critical itself. Set
   * it to be alerted if a majority is at risk, e.g. 3 for four servers, one of which may fail.
   */
  readonly minSelectable?: number | undefined;
  /**
   * An older last measurement is a warning, in seconds, 0 to 31622400; null for never. Default 1025, or four polling
   * intervals of the selected source if that is longer, so that one or two missed measurements raise no alarm. A
   * limit that you set is not extended.
   */
  readonly maxAge?: number | null | undefined;
  /**
   * A larger skew is a warning, in ppm, 0 to 1000000: `TrackingStatus.skew`, the error bound of the clock's
   * frequency. Null, the default, for never, because the maximum error includes it. Set it to be alerted if the
   * frequency is not precise enough to run without a source for some time.
   */
  readonly maxSkew?: number | null | undefined;
  /**
   * Fewer NTS cookies of a source are a warning, 0 to 8. Default 3. Each request takes one of 8 cookies and each
   * reply brings a new one. So with 2 left, six requests in a row had no reply, and after eight the source is lost. 0
   * for never. Sources that do not answer at all are ignored, unless none is selected.
   */
  readonly minCookies?: number | undefined;
  /**
   * Severity while a leap second is pending. Default `warning`: leap seconds are rare, much software has never
   * handled one, and only a person can distinguish a false announcement from a true one before the end of the day.
   */
  readonly leap?: Severity | undefined;
  /**
   * Whether local mode is acceptable: reference ID 7F7F0101, set by `local` in chrony.conf. Default false: a clock in
   * local mode counts as synchronized with hardly any error, but follows only itself, so it is critical. Set it to
   * true for the only time server of an isolated network.
   */
  readonly allowLocal?: boolean | undefined;
}

/** Validated {@link HealthLimits}, with defaults applied. */
export interface Limits {
  readonly warning: number | null;
  readonly critical: number | null;
}

/** Validated {@link HealthThresholds}, with defaults applied. */
export interface Thresholds {
  readonly maxError: Limits;
  readonly offset: Limits;
  readonly maxStratum: number | null;
  readonly minSources: number;
  readonly minSelectable: number;
  /** Undefined for the default, which depends on the source: {@link ageLimit}. */
  readonly maxAge: number | null | undefined;
  readonly maxSkew: number | null;
  readonly minCookies: number;
  readonly leap: Severity;
  readonly allowLocal: boolean;
}

/** The largest limit, in seconds: a clock that is two days off is no worse than one that is a day off. */
export const MAX_SECONDS = 86_400;
export const MAX_STRATUM = 15;
/** The largest possible number of sources. */
export const MAX_SOURCES = 65_535;
/** The largest number of cookies that chronyd keeps for a source. */
export const MAX_COOKIES = 8;
export const MAX_SKEW_PPM = 1_000_000;
/** A year: longer than the longest polling interval, 2^24 s. */
export const MAX_AGE_SECONDS = 366 * 86_400;

/** The defaults. If local mode is allowed, the default of `minSources` is 0. */
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

/** The number of polling intervals that may pass between two measurements: up to three polls in a row may fail. */
const ORDINARY_POLLS = 4;

/**
 * Returns the greatest allowed age of the last measurement, in seconds; null for any.
 *
 * @param pollInterval - of the selected source, in seconds; null if none is selected
 */
export function ageLimit({ maxAge }: Thresholds, pollInterval: number | null): number | null {
  if (maxAge !== undefined) return maxAge;
  return Math.min(Math.max(DEFAULTS.maxAge, ORDINARY_POLLS * (pollInterval ?? 0)), MAX_AGE_SECONDS);
}

/** Applies defaults to limits. A default warning limit never exceeds a given critical limit. */
export function completeLimits({ warning, critical }: HealthLimits, defaults: Limits): Limits {
  const upper = critical === undefined ? defaults.critical : critical;
  if (warning !== undefined) return { warning, critical: upper };
  const isAbove = isOutOfOrder({ warning: defaults.warning, critical: upper });
  return { warning: isAbove ? upper : defaults.warning, critical: upper };
}

/**
 * True if a warning would be impossible, because every value above the warning limit is above the critical limit,
 * too.
 */
export function isOutOfOrder({ warning, critical }: Limits): boolean {
  return warning !== null && critical !== null && warning > critical;
}

/** @throws TypeError, RangeError for a value of the wrong type or range. */
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
