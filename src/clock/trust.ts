/** The trust level: how far the clock can be trusted, by chronyd's samples and their age. It reads no clock itself. */
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
  /** The moment, by the monotonic clock: before chronyd was asked. */
  readonly asOf: bigint;
  readonly errorNs: number;
  readonly offset: WallOffset;
}

export interface TrustLevel {
  readonly status: ClockStatus;
  /** The reason for the status, in words. */
  readonly reason: string;
  /** Null if the status is unknown or disrupted. */
  readonly bound: Bound | null;
  /** Whether a leap second may be in progress. */
  readonly leap: boolean;
  /** The last moment of the level, by the monotonic clock, unless an event ends it; null if time does not change it. */
  readonly until: bigint | null;
}

/** For how long a sample keeps the status `synchronized`. */
const FRESH_NS = 5n * SECOND;
/** For how long a bound is trusted without a sample, or without a measurement while chronyd does not keep the clock. */
const TRUSTED_NS = 1000n * SECOND;

/** Collects samples, failures and steps, and derives the trust level from them. */
export class Trust {
  readonly #allowLocal: boolean;
  readonly #maxDriftPpm: number;
  #bound: Bound | null = null;
  #proof: Proof | null = null;
  /** The reason why there is no bound, while there is none. */
  #missing = 'chronyd has not been asked yet';
  #quality: SampleQuality | null = null;
  #explained = '';
  #sampledAt = 0n;
  /** The last measurement, by the monotonic clock. */
  #measuredAt = 0n;
  #failure = '';
  #step: Step | null = null;
  /** When the window around a leap second begins: seconds since the epoch, and by the monotonic clock. */
  #leap: number | null = null;
  #leapAt: bigint | null = null;

  /** @param maxDriftPpm - how fast the clock may drift from the frequency that chronyd has set */
  constructor(allowLocal: boolean, maxDriftPpm: number) {
    this.#allowLocal = allowLocal;
    this.#maxDriftPpm = maxDriftPpm;
  }

  /** Whether the selected source is needed to judge the sample, or to see what its measurement proves. */
  needsSelected(sample: TrackingSample): boolean {
    if (!followsSource(sample.tracking)) return false;
    return isStale(sample) || this.#proof?.refTime !== sample.tracking.refTime;
  }

  /**
   * @param asOf - by the monotonic clock, before chronyd was asked
   * @param offset - the wall clock's, then
   * @param maxClockErrorPpm - the drift that chronyd allows for by itself; null while it is not known
   * @param hardwareErrorNs - the error of the reference clock, which chronyd takes for 0
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
    // earlier by the error of the clock
    this.#leapAt =
      this.#leap === null ? null : asOf + fromSeconds(this.#leap - time) - fromSeconds(tracking.maxError());
  }

  /** chronyd could not be asked. */
  addFailure(error: ChronyError): void {
    const { message } = error;
    // chronyd answers nonsense
    if (error instanceof ChronyDataError) this.#loseBound();
    this.#failure = message;
    this.#missing = message;
  }

  /** One of the clocks was stepped. chronyd may not take it into account until it has measured again. */
  addStep(seconds: number): void {
    this.#loseBound();
    const reason =
      `the wall clock was stepped by about ${seconds.toFixed(3)} s, or the machine was suspended; wait until chronyd ` +
      'has measured anew';
    this.#missing = reason;
    const status = this.#step?.status ?? 'unknown';
    this.#step = { status, seconds, reason, reference: null, measurements: SETTLED };
  }

  /** The virtual machine was paused, cloned or migrated. */
  addDisruption(): void {
    this.#loseBound();
    const reason =
      'the virtual machine was paused, cloned or migrated (its disruption marker has changed); wait until chronyd has ' +
      'measured anew';
    this.#missing = reason;
    const measurements = Math.max(UNDISRUPTED, this.#step?.measurements ?? 0);
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

  /** The bound of a good sample: what chronyd reports, or what is proven if that is wider. */
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
      // what is proven has the drift already, and in local mode nothing is measured that the clock could drift from
      maxClockErrorPpm: followsSource(sample.tracking)
        ? (maxClockErrorPpm ?? (proven === null ? 0 : this.#maxDriftPpm))
        : this.#maxDriftPpm,
      time: time - tracking.offset,
    });
    return Math.max(reported * 1e9 + hardwareErrorNs, Math.abs(tracking.offset) * 1e9 + (proven ?? 0));
  }

  /**
   * How far the clock may be from where chronyd's corrections will bring it, in ns, without trust in chronyd's
   * statistics.
   *
   * chronyd fits a line through its last measurements, and takes the error of the fit for the error of the clock. If the
   * clock's rate has changed between two of them, the line is wrong by more than that, until chronyd has dropped the
   * measurements from before. Two bounds do not depend on the line: the bound from before the measurement, grown since,
   * and the error of the measurement alone. The narrower of them is taken at each new measurement. Null if there is
   * neither.
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

  /** The error of the clock by one measurement, in ns. @param refAge - the age of the reference time, in seconds */
  #aloneNs({ offset, error, age }: Measurement, tracking: TrackingStatus, refAge: number): number {
    // the age is a difference of whole seconds; the reference time is the same moment, unless it is another measurement's
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

/** What is proven since a measurement. */
interface Proof {
  /** The measurement: chronyd's reference time. */
  readonly refTime: number;
  /** How far the clock may have been from where chronyd's corrections will bring it. */
  readonly errorNs: number;
  /** When, by the monotonic clock. */
  readonly asOf: bigint;
}

/** After a step, chronyd has forgotten the measurements from before it when it has made so many new ones. */
const SETTLED = 8;
/** After a disruption one more measurement is not enough: the machine may have been paused in the midst of it. */
const UNDISRUPTED = 2;

/**
 * A step, and the measurements that are required before a sample counts again. If chronyd does not notice the step, it
 * takes its measurements from before and after it for measurements of one clock: its estimate is wrong, and so is its
 * estimate of the error.
 */
interface Step {
  /** The status until then. */
  readonly status: 'disrupted' | 'unknown';
  /** Null if it is not known that the wall clock was stepped. */
  readonly seconds: number | null;
  readonly reason: string;
  /** The reference time of the last sample; null before the first one. */
  readonly reference: number | null;
  /** How often the reference time must still change. */
  readonly measurements: number;
}

/**
 * How far a step of chronyd's own may be from the offset that it corrected, as a share of it and in seconds more: it
 * reads the clock more finely than we do.
 */
const OWN_STEP_RATIO = 0.01;
const OWN_STEP_S = 0.002;

/** True if chronyd made this step, to correct the offset that it had measured. */
function isOwnStep(seconds: number | null, { lastOffset }: TrackingStatus): boolean {
  if (seconds === null) return false;
  return Math.abs(Math.abs(seconds) - Math.abs(lastOffset)) < Math.abs(seconds) * OWN_STEP_RATIO + OWN_STEP_S;
}

/** What is left of a step after another sample; null if samples count again, this one included. */
function stepAfter(step: Step, tracking: TrackingStatus, quality: SampleQuality): Step | null {
  const { refTime: reference } = tracking;
  // it is the time of the report then, of no measurement
  if (quality === 'local') return step;
  if (quality === 'unsynchronized' || (step.reference === null && isOwnStep(step.seconds, tracking))) {
    // chronyd was restarted, or takes the step into account
    return { ...step, reference, measurements: 1 };
  }
  if (step.reference === null) return { ...step, reference };
  if (step.reference === reference) return step;
  const measurements = step.measurements - 1;
  return measurements === 0 ? null : { ...step, reference, measurements };
}

const DAY_S = 86_400;
/** More than the error of the clock, so that the window opens before the leap second begins. */
const BEFORE_LEAP_S = 60;
/** A measurement so long after the leap second shows the clock after all corrections for it. */
const AFTER_LEAP_S = 3600;

/**
 * When the window around a leap second begins, in seconds since the epoch; null if none is pending. In the window the
 * wall clock is off by up to a second, whatever chronyd reports: POSIX time has no name for an inserted second, and the
 * kernel or chronyd steps or slews the clock over it, or leaves the second to the next measurements. Only a sample
 * closes the window.
 *
 * @param before - the result for the sample before
 * @param time - the true time of this sample, by chronyd's estimate
 */
function leapAfter(before: number | null, tracking: TrackingStatus, time: number): number | null {
  if (tracking.isLeapPending()) {
    // a leap second is at the end of the day; just after midnight it is still the one of the day before
    return Math.floor((time - AFTER_LEAP_S) / DAY_S) * DAY_S + DAY_S - BEFORE_LEAP_S;
  }
  if (before === null || time < before) return null;
  return tracking.refTime >= before + BEFORE_LEAP_S + AFTER_LEAP_S ? null : before;
}
