/** The trust level: how far the clock can be trusted, by chronyd's samples and their age. It reads no clock itself. */
import type { ChronyError } from '../errors.ts';
import type { TrackingStatus } from '../reports/index.ts';
import type { ClockStatus } from './bounded-time.ts';
import type { WallOffset } from './clocks.ts';
import { fromSeconds, SECOND } from './nanoseconds.ts';
import { explain, isStale, qualityOf, type SampleQuality, type TrackingSample } from './sample.ts';

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
  /** Null if the status is unknown. */
  readonly bound: Bound | null;
  /** Whether a leap second may be in progress. */
  readonly leap: boolean;
  /** The last moment of the level, by the monotonic clock, unless an event ends it; null if time does not change it. */
  readonly until: bigint | null;
}

/** A sample keeps the status `synchronized` for so long. */
const FRESH_NS = 5n * SECOND;
/** Without a sample, a bound is trusted for so long. */
const SILENCE_NS = 1000n * SECOND;

/** After an event that misleads chronyd, it has forgotten the older measurements when it has made so many new ones. */
const SETTLED = 8;

/** Collects samples, failures and steps, and derives the trust level from them. */
export class Trust {
  readonly #allowLocal: boolean;
  /** How much a bound grows in a nanosecond. */
  readonly #growth: number;
  readonly #gaps = new Gaps();
  #bound: Bound | null = null;
  /** The reason why there is no bound, while there is none. */
  #missing = 'chronyd has not been asked yet';
  #quality: SampleQuality | null = null;
  #explained = '';
  #sampledAt = 0n;
  #failure = '';
  #step: Step | null = null;
  /** When the window around a leap second begins: seconds since the epoch, and by the monotonic clock. */
  #leap: number | null = null;
  #leapAt: bigint | null = null;

  /** @param driftPpm - how fast the wall clock may get away from true time */
  constructor(allowLocal: boolean, driftPpm: number) {
    this.#allowLocal = allowLocal;
    this.#growth = driftPpm * 1e-6;
  }

  /** Whether the sample can only be judged with the selected source. */
  needsSelected(sample: TrackingSample): boolean {
    return isStale(sample) || this.#gaps.needsSelected(sample);
  }

  /**
   * @param asOf - by the monotonic clock, before chronyd was asked
   * @param offset - the wall clock's, then
   */
  addSample(sample: TrackingSample, asOf: bigint, offset: WallOffset): void {
    const quality = qualityOf(sample, this.#allowLocal);
    const { tracking, time } = sample;
    if (this.#isSilent(asOf) || quality === 'local') this.#bound = null;
    this.#explained = explain(quality, sample);
    this.#missing = this.#explained;
    this.#quality = quality;
    this.#sampledAt = asOf;
    this.#failure = '';
    this.#step = this.#step && stepAfter(this.#step, tracking, quality);
    const atLeast = this.#gaps.add(sample) ? this.#doubtfulError(sample, asOf) : 0;
    if (quality === 'good') {
      if (this.#step === null) {
        this.#bound = { asOf, errorNs: Math.max(tracking.maxError() * 1e9, atLeast), offset };
      } else this.#missing = this.#step.reason;
    }
    this.#leap = leapAfter(this.#leap, tracking, time);
    // earlier by the error of the clock
    this.#leapAt =
      this.#leap === null ? null : asOf + fromSeconds(this.#leap - time) - fromSeconds(tracking.maxError());
  }

  /** chronyd could not be asked. */
  addFailure({ message }: ChronyError): void {
    this.#failure = message;
    this.#missing = message;
  }

  /** One of the clocks was stepped. chronyd may not take it into account until it has measured again. */
  addStep(seconds: number): void {
    this.#bound = null;
    const reason =
      `the wall clock was stepped by about ${seconds.toFixed(3)} s, or the machine was suspended; wait until chronyd ` +
      'has measured anew';
    this.#missing = reason;
    this.#step = { seconds, reason, reference: null, measurements: SETTLED };
  }

  /** @param now - by the monotonic clock */
  levelAt(now: bigint): TrustLevel {
    const bound = this.#bound;
    const isSilent = this.#isSilent(now);
    if (bound === null || isSilent) {
      const reason = isSilent ? this.#silence(SILENCE_NS) : this.#missing;
      return { status: 'unknown', reason, bound: null, leap: false, until: null };
    }
    const isFresh = this.#quality === 'good' && now - bound.asOf <= FRESH_NS;
    const leap = this.#leapAt !== null && now >= this.#leapAt;
    const end = isFresh ? bound.asOf + FRESH_NS : this.#sampledAt + SILENCE_NS;
    return {
      status: isFresh ? 'synchronized' : 'freeRunning',
      reason: isFresh || this.#quality !== 'good' ? this.#explained : this.#silence(FRESH_NS),
      bound,
      leap,
      until: leap || this.#leapAt === null || this.#leapAt > end ? end : this.#leapAt - 1n,
    };
  }

  /**
   * The error bound of a sample that is in doubt, in ns: the old bound, grown since, or the bound of the last
   * measurement alone, whichever is narrower.
   */
  #doubtfulError({ tracking, selected }: TrackingSample, asOf: bigint): number {
    const bound = this.#bound;
    const measurement = selected?.measurement ?? null;
    if (bound === null && measurement === null) return 0;
    const grown = bound && bound.errorNs + Number(asOf - bound.asOf) * this.#growth;
    // since the measurement the corrected clock has run at the frequency that chronyd assumes
    const growth = this.#growth + Math.abs(tracking.frequency) * 1e-6;
    const alone =
      measurement &&
      (Math.abs(tracking.offset + measurement.offset) + measurement.error + measurement.age * growth) * 1e9;
    return Math.min(grown ?? Number.POSITIVE_INFINITY, alone ?? Number.POSITIVE_INFINITY);
  }

  #isSilent(now: bigint): boolean {
    return this.#bound !== null && now - this.#sampledAt > SILENCE_NS;
  }

  #silence(ns: bigint): string {
    return `no answer from chronyd for more than ${ns / SECOND} s${this.#failure && `: ${this.#failure}`}`;
  }
}

/**
 * A step, and the measurements that are required before a sample counts again. If chronyd does not notice the step, it
 * takes its measurements from before and after it for measurements of one clock: its estimate is wrong, and so is its
 * estimate of the error.
 */
interface Step {
  readonly seconds: number;
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
function isOwnStep(seconds: number, { lastOffset }: TrackingStatus): boolean {
  return Math.abs(Math.abs(seconds) - Math.abs(lastOffset)) < Math.abs(seconds) * OWN_STEP_RATIO + OWN_STEP_S;
}

/** What is left of a step after another sample; null if samples count again, this one included. */
function stepAfter(step: Step, tracking: TrackingStatus, quality: SampleQuality): Step | null {
  const { refTime: reference } = tracking;
  if (quality === 'unsynchronised' || (step.reference === null && isOwnStep(step.seconds, tracking))) {
    // chronyd was restarted, or takes the step into account
    return { ...step, reference, measurements: 1 };
  }
  if (step.reference === null) return { ...step, reference };
  if (step.reference === reference) return step;
  const measurements = step.measurements - 1;
  return measurements === 0 ? null : { ...step, reference, measurements };
}

/** A gap is longer than so many usual intervals. */
const GAP_RATIO = 2.5;
/** The usual interval is the shortest of so many: one that is late by itself does not make the next one usual. */
const REMEMBERED = 8;

/**
 * Finds gaps between chronyd's measurements. chronyd assumes that the frequency of the clock did not change in a gap.
 * If it did, chronyd is wrong by more than it reports for some time: it fits one line through its measurements from
 * before and after the gap, until they fit so badly that it drops the older ones.
 */
export class Gaps {
  #last: TrackingStatus | null = null;
  #intervals: readonly number[] = [];
  #doubtful = 0;

  /** Whether the sample may be in doubt, and can only be judged with the selected source. */
  needsSelected(sample: TrackingSample): boolean {
    return this.#doubtful > 0 || this.#isAfterGap(sample);
  }

  /** @returns whether the sample is in doubt: the error may exceed the bound that chronyd reports */
  add(sample: TrackingSample): boolean {
    const { tracking } = sample;
    const isNew = tracking.refTime !== this.#last?.refTime;
    if (this.#isAfterGap(sample)) this.#doubtful = SETTLED;
    else if (isNew) this.#doubtful = Math.max(0, this.#doubtful - 1);
    // chronyd's first update has the interval zero
    if (isNew && tracking.updateInterval > 0)
      this.#intervals = [...this.#intervals, tracking.updateInterval].slice(-REMEMBERED);
    this.#last = tracking;
    return this.#doubtful > 0;
  }

  /** True if the sample has the first measurement after a gap. */
  #isAfterGap({ tracking, selected }: TrackingSample): boolean {
    if (this.#last === null || tracking.refTime === this.#last.refTime) return false;
    const usual = Math.max(Math.min(...this.#intervals), selected?.pollSeconds ?? 0);
    return tracking.updateInterval > GAP_RATIO * usual;
  }
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
