/** Estimates the time: derives intervals from samples of chronyd and readings of the clocks. */
import { ChronyError } from '../errors.ts';
import type { TrackingStatus } from '../reports/index.ts';
import type { AbortSignalLike } from '../util/abort.ts';
import type { Moment } from '../util/moment.ts';
import { type BoundedTime, type ClockStatus, Interval } from './bounded-time.ts';
import { type Clocks, isFine, read, search, WallOffset } from './clocks.ts';
import type { Devices } from './devices.ts';
import { learnMaxClockError, type MaxClockError, NOTHING_KNOWN, WIRE_ROUNDING } from './max-clock-error.ts';
import { adderUpTo, elapsed, MS, shifted } from './nanoseconds.ts';
import type { Sampler, TrackingSample } from './sample.ts';
import { type Bound, Trust, type TrustLevel } from './trust.ts';

/** The code of the error of a clock whose status is `unknown` or `disrupted`. */
export const NO_BOUND = 'ERR_CHRONY_NO_BOUND';

/** The number of searches for the offset of the wall clock at the start, and after a step. */
const SEARCHES = 10;

/** Combines samples of chronyd and readings of the clocks. It has no timers: its owner must call it. */
export class Estimate {
  readonly #clocks: Clocks;
  readonly #maxDriftPpm: number;
  readonly #trust: Trust;
  readonly #onRefresh: (level: TrustLevel) => void;
  readonly #devices: Devices;
  /** The last disruption marker. */
  #marker: bigint | null;
  #maxClockError = NOTHING_KNOWN;
  #wallOffset: WallOffset;
  #searches = SEARCHES;
  /** The number of steps and disruptions. */
  #steps = 0;
  /** Null if the status is unknown or disrupted. */
  #extrapolation: Extrapolation | null = null;

  /** @param onRefresh - called with the trust level after each refresh */
  constructor(
    clocks: Clocks,
    { maxDriftPpm, allowLocal }: { readonly maxDriftPpm: number; readonly allowLocal: boolean },
    onRefresh: (level: TrustLevel) => void,
    devices: Devices,
  ) {
    this.#clocks = clocks;
    this.#maxDriftPpm = maxDriftPpm;
    this.#trust = new Trust(allowLocal, maxDriftPpm);
    this.#onRefresh = onRefresh;
    this.#devices = devices;
    this.#marker = devices.disruptionMarker();
    this.#wallOffset = WallOffset.of(read(clocks));
  }

  /** The known range of chronyd's `maxclockerror`. */
  get maxClockError(): MaxClockError {
    return this.#maxClockError;
  }

  /** Takes a sample of chronyd. @throws the sampler's errors, after recording them. */
  async sample(sampler: Pick<Sampler, 'tracking' | 'selected'>, signal: AbortSignalLike): Promise<void> {
    this.refresh();
    if (this.#searches > 0) {
      this.#wallOffset = search(this.#wallOffset, this.#clocks);
      this.#searches = isFine(this.#wallOffset) ? 0 : this.#searches - 1;
    }
    const { at: asOf } = this.#wallOffset;
    const before = momentOf(this.#wallOffset);
    const steps = this.#steps;
    const tracking = await sampler.tracking(signal).catch((error: unknown) => {
      if (error instanceof ChronyError) this.#trust.addFailure(error);
      this.refresh();
      throw error;
    });
    this.refresh();
    const after = momentOf(this.#wallOffset);
    const { at } = this.#wallOffset;
    const wallOffset = this.#wallOffset.widened(at - asOf, this.#clocks.slewPpm);
    const time = Number(wallOffset.earliest + at) / 1e9 + tracking.offset;
    const sample: TrackingSample = { tracking, time, selected: null };
    const selected = this.#trust.needsSelected(sample) ? await sampler.selected(tracking, signal) : null;
    // the report may describe the clock before the step
    if (this.#steps !== steps) return;
    this.#maxClockError = learnMaxClockError(this.#maxClockError, tracking, before, after);
    const { leastPpm, mostPpm } = this.#maxClockError;
    const known = Number.isFinite(mostPpm) ? leastPpm : null;
    const hardwareErrorNs = isHardwareClock(tracking) ? this.#devices.hardwareClockErrorNs() : 0;
    this.#trust.addSample({ ...sample, selected }, asOf, wallOffset, known, hardwareErrorNs);
    this.refresh();
  }

  /** Reads the clocks, and determines the current trust level. */
  refresh(): TrustLevel {
    const marker = this.#devices.disruptionMarker();
    if (marker !== this.#marker) {
      this.#marker = marker;
      this.#steps++;
      this.#trust.addDisruption();
    }
    const reading = read(this.#clocks);
    const known = this.#wallOffset;
    const narrowed = known.narrowed(reading, this.#clocks.slewPpm);
    if (narrowed === null) {
      this.#wallOffset = WallOffset.of(reading);
      this.#searches = SEARCHES;
      this.#steps++;
      this.#trust.addStep(Number(this.#wallOffset.latest - known.latest) / 1e9);
    } else {
      this.#wallOffset = narrowed;
    }
    const level = this.#trust.levelAt(this.#wallOffset.at);
    const { bound } = level;
    this.#extrapolation = bound && new Extrapolation(level, bound, this.#maxDriftPpm, this.#clocks);
    this.#onRefresh(level);
    return level;
  }

  /**
   * Returns the current time.
   *
   * @throws ChronyError if the status is unknown or disrupted.
   */
  now(): BoundedTime {
    const current = this.#extrapolation;
    if (current !== null) {
      const ns = current.elapsed(this.#clocks.monotonicNs());
      if (current.isValid(ns, this.#clocks.wallMs())) return current.at(ns);
    }
    const { reason } = this.refresh();
    const next = this.#extrapolation;
    if (next === null) throw new ChronyError(`the time is unknown: ${reason}`, { code: NO_BOUND });
    return next.at(next.elapsed(this.#wallOffset.at));
  }
}

/** True if the reference is a PTP hardware clock, judged by chronyd's default name for one: `PHC0`. */
function isHardwareClock({ referenceIp, referenceIdName }: TrackingStatus): boolean {
  return referenceIp === null && referenceIdName.startsWith('PHC');
}

function momentOf({ at, earliest }: WallOffset): Moment {
  return { monotonic: Number(at) / 1e9, wall: Number(at + earliest) / 1e9 };
}

const LEAP_NS = 1e9;
const ZERO = shifted(0n);

/**
 * Computes the time from the monotonic clock alone, until the next event. It counts in doubles from the moment of the
 * bound, because a busy program computes each timestamp here.
 */
export class Extrapolation {
  /** The monotonic clock at the moment of the bound. */
  readonly #start: bigint;
  readonly #status: ClockStatus;
  readonly #end: number;
  readonly #errorNs: number;
  readonly #growth: number;
  readonly #slew: number;
  /** The wall clock at that moment, rounded down to a whole millisecond. `#earliest` and `#latest` count from it. */
  readonly #wallMs: number;
  readonly #wall: bigint;
  readonly #earliest: number;
  readonly #latest: number;
  readonly #middle: number;
  /** The amount by which the interval is wider than the bound, on each side. */
  readonly #readingNs: number;

  constructor({ status, leap, until }: TrustLevel, bound: Bound, maxDriftPpm: number, { slewPpm }: Clocks) {
    const { asOf, errorNs, offset } = bound;
    this.#start = shifted(asOf);
    this.#status = status;
    this.#end = until === null ? Number.POSITIVE_INFINITY : Number(until - asOf);
    this.#errorNs = errorNs + (leap ? LEAP_NS : 0);
    this.#growth = maxDriftPpm * 1e-6;
    this.#slew = slewPpm * 1e-6;
    this.#wallMs = Number((asOf + offset.earliest) / MS);
    const wallNs = BigInt(this.#wallMs) * MS;
    this.#wall = shifted(wallNs);
    this.#earliest = Number(asOf + offset.earliest - wallNs);
    this.#latest = Number(asOf + offset.latest - wallNs);
    this.#middle = Math.floor((this.#earliest + this.#latest) / 2);
    this.#readingNs = Math.ceil((this.#latest - this.#earliest) / 2) + Math.ceil(errorNs * WIRE_ROUNDING);
  }

  /** The nanoseconds since the moment of the bound. */
  elapsed(monotonicNs: bigint): number {
    return elapsed(this.#start, monotonicNs);
  }

  /**
   * Whether the extrapolation is still valid: it has not expired, and no clock was stepped.
   *
   * @param ns - since the moment of the bound
   * @param wallMs - the wall clock, read right after the monotonic clock
   */
  isValid(ns: number, wallMs: number): boolean {
    const wall = (wallMs - this.#wallMs) * 1e6;
    const slewed = ns * this.#slew;
    return ns <= this.#end && wall > ns + this.#earliest - slewed - 1e6 && wall <= ns + this.#latest + slewed;
  }

  /** @param ns - since the moment of the bound */
  at(ns: number): BoundedTime {
    const middle = ns + this.#middle;
    const errorNs = Math.ceil(this.#errorNs + ns * this.#growth);
    const half = errorNs + this.#readingNs;
    const plus = adderUpTo(Math.abs(middle) + half);
    return new Interval(
      plus(this.#wall, middle - half),
      plus(this.#wall, middle + half),
      plus(this.#wall, middle),
      plus(ZERO, errorNs),
      this.#status,
      ns / 1e6,
    );
  }
}
