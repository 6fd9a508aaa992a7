/**
 * Determines the trust level: how far the clock can be trusted, given chronyd's samples and their age. Does not read
 * any clock.
 */
import { ChronyDataError, type ChronyError } from '../errors.ts';
import type { TrackingStatus } from '../reports/index.ts';
import { followsSource } from '../reports/tracking.ts';
import type { ClockStatus } from './bounded-time.ts';
import type { WallOffset } from './clocks.ts';
import { fromSeconds, SECOND } from './nanoseconds.ts';
import {
  explain,
  isStale,
  type Measurement,
  qualityOf,
  type SampleQuality,
  type TrackingSample,
} from './sample.ts';

/** A bound on the clock's error at a moment. */
export interface Bound {
  /** The moment, by the monotonic clock: before chronyd was queried. */
  readonly asOf: bigint;
  readonly errorNs: number;
  readonly offset: WallOffset;
}

export interface TrustLevel {
  readonly status: ClockStatus;
  /** The reason for the status, as text. */
  readonly reason: string;
  /** Null if the status is unknown or disrupted. */
  readonly bound: Bound | null;
  /** Whether a leap second may be in progress. */
  readonly leap: boolean;
  /**
   * The last moment of the level, by the monotonic clock, unless an event ends it earlier; null if the level does not
   * end with time.
   */
  readonly until: bigint | null;
}

/** How long the status stays `synchronized` after a sample. */
const FRESH_NS = 5n * SECOND;
/** How long a bound is trusted without a sample, or without a measurement while chronyd does not control the clock. */
const TRUSTED_NS = 1000n * SECOND;

/** Collects samples, failures and steps, and derives the trust level from them. */
export class Trust {
  readonly #allowLocal: boolean;
  readonly #maxDriftPpm: number;
  #bound: Bound | null = null;
  #proof: Proof | null = null;
  /** The reason why there is no bound, if there is none. */
  #missing = 'chronyd has not been queried yet';
  #quality: SampleQuality | null = null;
  #explained = '';
  #sampledAt = 0n;
  /** The time of the last measurement, by the monotonic clock. */
  #measuredAt = 0n;
  #failure = '';
  #step: Step | null = null;
  /** When the window around a leap second begins, in seconds since the epoch. */
  #leap: number | null = null;
  /** The same, by the monotonic clock. */
  #leapAt: bigint | null = null;

  /** @param maxDriftPpm - the largest drift of the clock from the frequency that chronyd has set */
  constructor(allowLocal: boolean, maxDriftPpm: number) {
    this.#allowLocal = allowLocal;
    this.#maxDriftPpm = maxDriftPpm;
  }

  /** Whether the selected source is needed to judge the sample, or to derive a proven error from its measurement. */
  needsSelected(sample: TrackingSample): boolean {
    if (!followsSource(sample.tracking)) return false;
    return isStale(sample) || this.#proof?.refTime !== sample.tracking.refTime;
  }

  /**
   * @param asOf - by the monotonic clock, before chronyd was queried
   * @param offset - the offset of the wall clock at that moment
   * @param maxClockErrorPpm - the drift that chronyd itself allows for; null while it is unknown
   * @param hardwareErrorNs - the error of the reference clock, which chronyd assumes to be 0
   */
  addSample(
    sample: TrackingSample,
    asOf: bigint,
    offset: WallOffset,
    maxClockErrorPpm: number | null,
    hardwareErrorNs = 0,
  ): void {
    const quality = qualityOf(sample, this.#allowLocal);
    const { tracking, time } = sample;
    if (this.#isSilent(asOf) || quality === 'local' || quality === 'nonsense') this.#loseBound();
    this.#explained = explain(quality, sample);
    this.#missing = this.#explained;
    this.#quality = quality;
    this.#sampledAt = asOf;
    this.#failure = '';
    this.#step = this.#step && stepAfter(this.#step, tracking, quality);
    if (quality === 'good') {
      if (this.#step === null) {
        const errorNs = this.#errorNs(sample, asOf, maxClockErrorPpm, hardwareErrorNs);
        this.#bound = { asOf, errorNs, offset };
        this.#measuredAt = asOf - fromSeconds(Math.max(0, time - tracking.refTime));
      } else this.#missing = this.#step.reason;
    }
    this.#leap = leapAfter(this.#leap, tracking, time);
    // begin earlier by the error of the clock
    this.#leapAt =
      this.#leap === null ? null : asOf + fromSeconds(this.#leap - time) - fromSeconds(tracking.maxError());
  }

  /** Notes that chronyd could not be queried. */
  addFailure(error: ChronyError): void {
    const { message } = error;
    // chronyd's reply is invalid
    if (error instanceof ChronyDataError) this.#loseBound();
    this.#failure = message;
    this.#missing = message;
  }

  /** Notes a step of one of the clocks. chronyd may not take it into account until it has measured again. */
  addStep(seconds: number): void {
    this.#loseBound();
    const reason =
      `the wall clock was stepped by about ${seconds.toFixed(3)} s, or the machine was suspended; wait until chronyd ` +
      'has made new measurements';
    this.#missing = reason;
    const status = this.#step?.status ?? 'unknown';
    this.#step = { status, seconds, reason, reference: null, measurements: MEASUREMENTS_AFTER_STEP };
  }

  /** Notes that the virtual machine was paused, cloned or migrated. */
  addDisruption(): void {
    this.#loseBound();
    const reason =
      'the virtual machine was paused, cloned or migrated (its disruption marker has changed); wait until chronyd has ' +
      'made new measurements';
    this.#missing = reason;
    const measurements = Math.max(MEASUREMENTS_AFTER_DISRUPTION, this.#step?.measurements ?? 0);
    this.#step = { status: 'disrupted', seconds: null, reason, reference: null, measurements };
  }

  /** @param now - by the monotonic clock */
  levelAt(now: bigint): TrustLevel {
    const bound = this.#bound;
    const isKept = this.#quality === 'good';
    const isSilent = this.#isSilent(now);
    const isOld = bound !== null && !isKept && now - this.#measuredAt > TRUSTED_NS;
    if (bound === null || isSilent || isOld) {
      const status = this.#step?.status ?? 'unknown';
      const reason = isSilent ? this.#silence(TRUSTED_NS) : isOld ? this.#unmeasured() : this.#missing;
      return { status, reason, bound: null, leap: false, until: null };
    }
    const isFresh = isKept && now - bound.asOf <= FRESH_NS;
    const leap = this.#leapAt !== null && now >= this.#leapAt;
    const silentAt = this.#sampledAt + TRUSTED_NS;
    const oldAt = this.#measuredAt + TRUSTED_NS;
    const end = isFresh ? bound.asOf + FRESH_NS : isKept || silentAt < oldAt ? silentAt : oldAt;
    return {
      status: isFresh ? 'synchronized' : 'freeRunning',
      reason: isFresh || !isKept ? this.#explained : this.#silence(FRESH_NS),
      bound,
      leap,
      until: leap || this.#leapAt === null || this.#leapAt > end ? end : this.#leapAt - 1n,
    };
  }

  /** The bound of a good sample: the error that chronyd reports, or the proven error if that is larger. */
  #errorNs(
    sample: TrackingSample,
    asOf: bigint,
    maxClockErrorPpm: number | null,
    hardwareErrorNs: number,
  ): number {
    const { tracking, time } = sample;
    const proven = this.#provenNs(sample, asOf, hardwareErrorNs);
    const reported = tracking.maxError({
      maxDriftPpm: this.#maxDriftPpm,
      // the proven error includes the drift; in local mode there is no measurement to drift from
      maxClockErrorPpm: followsSource(sample.tracking)
        ? (maxClockErrorPpm ?? (proven === null ? 0 : this.#maxDriftPpm))
        : this.#maxDriftPpm,
      time: time - tracking.offset,
    });
    return Math.max(reported * 1e9 + hardwareErrorNs, Math.abs(tracking.offset) * 1e9 + (proven ?? 0));
  }

  /**
   * The largest distance of the clock from the time to which chronyd's corrections will bring it, in ns, without
   * trust in chronyd's statistics.
   *
   * chronyd fits a line through its last measurements, and uses the error of the fit as the error of the clock. If
   * the clock's rate has changed between two of them, the real error is larger, until chronyd has dropped the
   * measurements from before the change.
   *
   * Two bounds do not depend on the line: the bound from before the measurement, grown since then, and the error of
   * the measurement alone. The narrower one is used at each new measurement. Null if there is neither.
   */
  #provenNs(
    { tracking, time, selected }: TrackingSample,
    asOf: bigint,
    hardwareErrorNs: number,
  ): number | null {
    const { refTime } = tracking;
    const proof = this.#proof;
    if (proof?.refTime === refTime) return proof.errorNs + this.#driftNs(asOf - proof.asOf);
    const bound = this.#bound;
    const before = bound && bound.errorNs + this.#driftNs(asOf - bound.asOf);
    const alone =
      selected?.measurement &&
      this.#aloneNs(selected.measurement, tracking, time - refTime) + hardwareErrorNs;
    if (before === null && !alone) return null;
    const errorNs =
      Math.min(before ?? Number.POSITIVE_INFINITY, alone ?? Number.POSITIVE_INFINITY) -
      Math.abs(tracking.offset) * 1e9;
    if (alone) this.#proof = { refTime, errorNs, asOf };
    return errorNs;
  }

  /**
   * The error of the clock according to one measurement, in ns. @param refAge - the age of the reference time, in
   * seconds
   */
  #aloneNs({ offset, error, age }: Measurement, tracking: TrackingStatus, refAge: number): number {
    // the age is in whole seconds; the reference time is exact, if it belongs to the same measurement
    const seconds = Math.abs(refAge - age) < 1 ? refAge : age + 1;
    return (Math.abs(tracking.offset + offset) + error) * 1e9 + this.#driftNs(fromSeconds(seconds));
  }

  #driftNs(ns: bigint): number {
    return Number(ns) * this.#maxDriftPpm * 1e-6;
  }

  #loseBound(): void {
    this.#bound = null;
    this.#proof = null;
  }

  #isSilent(now: bigint): boolean {
    return this.#bound !== null && now - this.#sampledAt > TRUSTED_NS;
  }

  #unmeasured(): string {
    return `no measurement for more than ${TRUSTED_NS / SECOND} s: ${this.#explained}`;
  }

  #silence(ns: bigint): string {
    return `no answer from chronyd for more than ${ns / SECOND} s${this.#failure && `: ${this.#failure}`}`;
  }
}

/** The proven error since a measurement. */
interface Proof {
  /** Identifies the measurement: chronyd's reference time. */
  readonly refTime: number;
  /** The largest distance of the clock from the time to which chronyd's corrections will bring it. */
  readonly errorNs: number;
  /** The moment of that error, by the monotonic clock. */
  readonly asOf: bigint;
}

/** The number of new measurements after which chronyd no longer uses the measurements from before a step. */
const MEASUREMENTS_AFTER_STEP = 8;
/**
 * The number of measurements required after a disruption. One is not enough: the machine may have been paused during
 * it.
 */
const MEASUREMENTS_AFTER_DISRUPTION = 2;

/**
 * A step, and the measurements that are required before a sample is accepted again. If chronyd does not notice the
 * step, it combines measurements from before and after it. Then its estimate is wrong, and so is its error estimate.
 */
interface Step {
  /** The status until a sample is accepted. */
  readonly status: 'disrupted' | 'unknown';
  /** Seconds; null if it is unknown whether the wall clock was stepped. */
  readonly seconds: number | null;
  readonly reason: string;
  /** The reference time of the last sample; null before the first one. */
  readonly reference: number | null;
  /** The number of times that the reference time must still change. */
  readonly measurements: number;
}

/**
 * The largest difference between a step made by chronyd and the offset that it corrected: a ratio of the step, plus
 * seconds. chronyd reads the clock with a higher resolution.
 */
const OWN_STEP_RATIO = 0.01;
const OWN_STEP_S = 0.002;

/** True if chronyd made this step, to correct the offset that it had measured. */
function isOwnStep(seconds: number | null, { lastOffset }: TrackingStatus): boolean {
  if (seconds === null) return false;
  return Math.abs(Math.abs(seconds) - Math.abs(lastOffset)) < Math.abs(seconds) * OWN_STEP_RATIO + OWN_STEP_S;
}

/** Returns the state of a step after another sample; null if samples are accepted again, including this one. */
function stepAfter(step: Step, tracking: TrackingStatus, quality: SampleQuality): Step | null {
  const { refTime: reference } = tracking;
  // in local mode the reference time is that of the report, not of a measurement
  if (quality === 'local') return step;
  if (quality === 'unsynchronized' || (step.reference === null && isOwnStep(step.seconds, tracking))) {
    // chronyd was restarted, or has taken the step into account
    return { ...step, reference, measurements: 1 };
  }
  if (step.reference === null) return { ...step, reference };
  if (step.reference === reference) return step;
  const measurements = step.measurements - 1;
  return measurements === 0 ? null : { ...step, reference, measurements };
}

const DAY_S = 86_400;
/** Longer than the error of the clock, so that the window opens before the leap second begins. */
const BEFORE_LEAP_S = 60;
/** A measurement this long after the leap second shows the clock after all corrections. */
const AFTER_LEAP_S = 3600;

/**
 * Returns when the window around a leap second begins, in seconds since the epoch; null if none is pending. In the
 * window the wall clock may be off by up to a second, regardless of the report. POSIX time cannot represent an
 * inserted second, and the kernel or chronyd steps or slews the clock over it, or leaves the correction to the next
 * measurements. Only a sample closes the window.
 *
 * @param before - the result of the previous sample
 * @param time - the true time of this sample, as chronyd estimates it
 */
function leapAfter(before: number | null, tracking: TrackingStatus, time: number): number | null {
  if (tracking.isLeapPending()) {
    // a leap second is at the end of a day; just after midnight, it is that of the previous day
    return Math.floor((time - AFTER_LEAP_S) / DAY_S) * DAY_S + DAY_S - BEFORE_LEAP_S;
  }
  if (before === null || time < before) return null;
  return tracking.refTime >= before + BEFORE_LEAP_S + AFTER_LEAP_S ? null : before;
}
