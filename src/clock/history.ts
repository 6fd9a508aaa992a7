/** Gives the bounds of past moments: what `now()` would have returned when the wall clock showed the moment. */
import { ChronyError } from '../errors.ts';
import { type BoundedTime, Interval } from './bounded-time.ts';
import type { Clocks } from './clocks.ts';
import { Extrapolation, NO_BOUND } from './estimate.ts';
import { isoTime, MS, SECOND } from './nanoseconds.ts';
import type { Bound, TrustLevel } from './trust.ts';

const MEMORY_S = 1000;
const MEMORY_NS = BigInt(MEMORY_S) * SECOND;
/** If three levels begin within this time, the middle one may be dropped. */
const SPACING_NS = SECOND;

/** A trust level that has a bound. It applies from its start until the next one begins. */
interface Entry {
  readonly level: TrustLevel;
  readonly bound: Bound;
  /**
   * The latest time that the wall clock may have shown when the level began: from then on the level certainly
   * applies.
   */
  readonly start: bigint;
}

/**
 * Keeps the trust levels of the last 1000 s, but only since the status was last `unknown`. A step may have been the
 * reason, and after a step the history says nothing about earlier readings of the clock.
 */
export class History {
  readonly #clocks: Clocks;
  readonly #maxDriftPpm: number;
  #entries: Entry[] = [];
  /** When the first entry since the last loss of the bound began, by the monotonic clock. */
  #began = 0n;
  /** The reason why there was no bound before. */
  #missing = '';
  /**
   * The latest time that the wall clock showed before the bound was lost. After a step back it shows some times
   * twice, so that a reading is ambiguous. Null after 1000 s, when the earlier reading is too old to be meant.
   */
  #shown: bigint | null = null;

  constructor(clocks: Clocks, maxDriftPpm: number) {
    this.#clocks = clocks;
    this.#maxDriftPpm = maxDriftPpm;
  }

  /** @param level - the current level */
  add(level: TrustLevel): void {
    const { bound } = level;
    const last = this.#entries.at(-1);
    if (bound === null) {
      this.#missing = level.reason;
      const now = this.#shows();
      const before = last === undefined ? now : this.#wall(this.#clocks.monotonicNs(), last.bound);
      this.#shown = latest(latest(now, before), this.#shown ?? now);
      this.#entries = [];
      return;
    }
    if (last !== undefined && isSame(last.level, level)) return;
    const now = this.#clocks.monotonicNs();
    if (last === undefined) this.#began = now;
    if (now - this.#began > MEMORY_NS) this.#shown = null;
    const start = this.#wall(now, bound);
    if (this.#isExpendable(last, start)) this.#entries.pop();
    this.#entries.push({ level, bound, start });
    while ((this.#entries[1]?.start ?? start) < start - MEMORY_NS) this.#entries.shift();
  }

  /**
   * Returns the interval of a past moment. Call it while there is a bound, right after checking that.
   *
   * @param moment - nanoseconds since the epoch, by the wall clock
   * @throws RangeError, ChronyError as `BoundedClock.at()` does.
   */
  at(moment: bigint): BoundedTime {
    const now = this.#shows();
    if (moment > now || moment < now - MEMORY_NS) {
      throw new RangeError(
        `the moment must be in the last ${MEMORY_S} s, from ${isoTime(now - MEMORY_NS)} to ${isoTime(now)}, not ` +
          isoTime(moment),
      );
    }
    const index = this.#entries.findLastIndex(({ start }) => start <= moment);
    const entry = this.#entries[index];
    if (entry === undefined) {
      const since = this.#entries[0]?.start ?? now;
      throw unknown(moment, `there was no bound before ${isoTime(since)}, because ${this.#missing}`);
    }
    const shown = this.#shown;
    if (shown !== null && moment <= shown) {
      throw unknown(moment, `the wall clock may have shown it twice, because ${this.#missing}`);
    }
    const next = this.#entries[index + 1];
    // the next level applies from the end of this one, even if a blocked process noticed the change later
    const isOver = this.#elapsed(moment, entry.bound) > lifetime(entry);
    return this.#time(moment, isOver && next?.bound.asOf === entry.bound.asOf ? next : entry);
  }

  #time(moment: bigint, { level, bound }: Entry): BoundedTime {
    const ns = this.#elapsed(moment, bound);
    const then = new Extrapolation(level, bound, this.#maxDriftPpm, this.#clocks).at(ns);
    // the midpoint comes from the monotonic clock; the wall clock may have been slewed away from it
    const half = then.latest - then.midpoint + BigInt(Math.ceil(ns * this.#clocks.slewPpm * 1e-6));
    const { errorBoundNs, status, asOfAgeMs } = then;
    return new Interval(moment - half, moment + half, moment, errorBoundNs, status, asOfAgeMs);
  }

  /** The largest number of nanoseconds from the moment of the bound to another moment, by the monotonic clock. */
  #elapsed(moment: bigint, { asOf, offset }: Bound): number {
    return Math.ceil(Number(moment - asOf - offset.earliest) / (1 - this.#clocks.slewPpm * 1e-6));
  }

  /** The latest time that the wall clock may show now. */
  #shows(): bigint {
    return BigInt(this.#clocks.wallMs() + 1) * MS;
  }

  /**
   * The latest time that the wall clock may show at a moment of the monotonic clock, unless it was stepped since the
   * bound.
   */
  #wall(monotonicNs: bigint, { asOf, offset }: Bound): bigint {
    return monotonicNs + offset.widened(monotonicNs - asOf, this.#clocks.slewPpm).latest;
  }

  /** True if the level before the last one can replace it until the next one begins. */
  #isExpendable(last: Entry | undefined, start: bigint): boolean {
    const before = this.#entries.at(-2);
    if (before === undefined || before.level.status !== last?.level.status) return false;
    return start - before.start < SPACING_NS && this.#elapsed(start, before.bound) <= lifetime(before);
  }
}

function isSame(one: TrustLevel, other: TrustLevel): boolean {
  return one.bound === other.bound && one.status === other.status && one.leap === other.leap;
}

/** The nanoseconds from the moment of the bound to the end of the level. */
function lifetime({ level: { until }, bound: { asOf } }: Entry): number {
  return until === null ? Number.POSITIVE_INFINITY : Number(until - asOf);
}

function latest(one: bigint, other: bigint): bigint {
  return one > other ? one : other;
}

function unknown(moment: bigint, reason: string): ChronyError {
  return new ChronyError(`the time at ${isoTime(moment)} is unknown: ${reason}`, { code: NO_BOUND });
}
