/** The thresholds of a healthy clock, with their defaults and checks. */
import { numberInRange } from '../client/options.ts';

/** From the best to the worst. */
export const SEVERITIES = ['ok', 'warning', 'critical'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** How large a figure may be. At the limit is still within it. */
export interface HealthLimits {
  /** Above it is a warning, in seconds, 0 to 86400; null for never. */
  readonly warning?: number | null | undefined;
  /** Above it is critical, in seconds, 0 to 86400, not below the warning; null for never. */
  readonly critical?: number | null | undefined;
}

/** What a clock has to be like to be healthy. */
export interface HealthThresholds {
  /**
   * How far the clock may be from true time: `TrackingStatus.maxError()`. Default: a warning above 0.1 s, which a
   * clock that follows servers on the internet stays well below; critical above 0.5 s, from where on it may tell
   * the wrong second.
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
  readonly leap: Severity;
  readonly allowLocal: boolean;
}

/** A clock that is a day off is no better than one that is two. */
export const MAX_SECONDS = 86_400;
export const MAX_STRATUM = 15;
/** As many as there can be. */
export const MAX_SOURCES = 65_535;

/** What holds where nothing is said; with local mode allowed, no sources are needed. */
export const DEFAULTS = {
  maxError: { warning: 0.1, critical: 0.5 },
  offset: { warning: null, critical: null },
  maxStratum: null,
  minSources: 1,
  leap: 'warning',
  allowLocal: false,
} as const satisfies Thresholds;

/** True if there could never be a warning: all that is above the one is above the other. */
export function isOutOfOrder({ warning, critical }: Limits): boolean {
  return warning !== null && critical !== null && warning > critical;
}

/** @throws TypeError, RangeError if a value is of no use. */
export function readThresholds(thresholds?: HealthThresholds | null): Thresholds {
  const given = thresholds ?? {};
  const { maxStratum = DEFAULTS.maxStratum, leap = DEFAULTS.leap, allowLocal = DEFAULTS.allowLocal } = given;
  const { minSources = allowLocal ? 0 : DEFAULTS.minSources } = given;
  if (!SEVERITIES.includes(leap)) {
    throw new RangeError(`leap must be one of: ${SEVERITIES.join(', ')}; not ${String(leap)}`);
  }
  if (typeof allowLocal !== 'boolean') {
    throw new TypeError(`allowLocal must be true or false, not ${typeof allowLocal}`);
  }
  return {
    maxError: readLimits('maxError', given.maxError, DEFAULTS.maxError),
    offset: readLimits('offset', given.offset, DEFAULTS.offset),
    maxStratum: maxStratum === null ? null : numberInRange('maxStratum', maxStratum, 1, MAX_STRATUM, true),
    minSources: numberInRange('minSources', minSources, 0, MAX_SOURCES, true),
    leap,
    allowLocal,
  };
}

function readLimits(name: string, given: HealthLimits = {}, defaults: Limits): Limits {
  if (typeof given !== 'object' || given === null) {
    throw new TypeError(`${name} must be an object with warning and critical, not ${String(given)}`);
  }
  const { warning = defaults.warning, critical = defaults.critical } = given;
  const limits = {
    warning: readLimit(`${name}.warning`, warning),
    critical: readLimit(`${name}.critical`, critical),
  };
  if (!isOutOfOrder(limits)) return limits;
  throw new RangeError(
    `${name}.warning (${warning}) must not be above ${name}.critical (${critical}); lower it, or raise the other`,
  );
}

function readLimit(name: string, value: number | null): number | null {
  return value === null ? null : numberInRange(name, value, 0, MAX_SECONDS, false);
}
