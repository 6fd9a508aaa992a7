/** The bounds of the past: what `now()` would have said of a moment when the wall clock showed it. */
import { ChronyError } from '../errors.ts';
import { type BoundedTime, Interval } from './bounded-time.ts';
import type { Clocks } from './clocks.ts';
import { Extrapolation, NO_BOUND } from './estimate.ts';
import { isoTime, MS, SECOND } from './nanoseconds.ts';
import type { Bound, TrustLevel } from './trust.ts';

const MEMORY_S = 1000;
const MEMORY_NS = BigInt(MEMORY_S) * SECOND;
/** Of three levels within this time, the middle one may be dropped. */
const SPACING_NS = SECOND;

/** A trust level that has a bound, from a moment on until the next one begins. */
interface Entry {
  readonly level: TrustLevel;
  readonly bound: Bound;
  /** What the wall clock showed when it began, at the latest: from then on the level applies for certain. */
  readonly start: bigint;
}

/**
 * Keeps the trust levels of the last 1000 s, since the status was `unknown` last. That may have been because of a step,
 * and the history of a clock that was set since says nothing of the readings before.
 */
export class History {
  readonly #clocks: Clocks;
  readonly #maxDriftPpm: number;
  #entries: Entry[] = [];
  /** When the first of all entries since the last loss began, by the monotonic clock. */
  #began = 0n;
  /** The reason why there was no bound before. */
  #missing = '';
  /**
   * The latest that the wall clock showed before. After a step back it shows some moments twice, and a moment does not
   * tell which reading it is. After 1000 s both readings cannot be meant any more, and this is null.
   */
  #shown: bigint | null = null;

  constructor(clocks: Clocks, maxDriftPpm: number) {
    this.#clocks = clocks;
    this.#maxDriftPpm = maxDriftPpm;
  }

  /** @param level - of this moment */
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
   * To be called while there is a bound, right after that was made sure.
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
      throw unknown(moment, `there is a bound since ${isoTime(since)} only; before that, ${this.#missing}`);
    }
    const shown = this.#shown;
    if (shown !== null && moment <= shown) {
      throw unknown(moment, `the wall clock may have shown it twice, because ${this.#missing}`);
    }
    const next = this.#entries[index + 1];
    // the next level applies from the end of this one on, even if the process was held up before it could see that
    const isOver = this.#elapsed(moment, entry.bound) > lifetime(entry);
    return this.#time(moment, isOver && next?.bound.asOf === entry.bound.asOf ? next : entry);
  }

  #time(moment: bigint, { level, bound }: Entry): BoundedTime {
    const ns = this.#elapsed(moment, bound);
    const then = new Extrapolation(level, bound, this.#maxDriftPpm, this.#clocks).at(ns);
    // its midpoint is by the monotonic clock, from which the wall clock may have been slewed away
    const half = then.latest - then.midpoint + BigInt(Math.ceil(ns * this.#clocks.slewPpm * 1e-6));
    const { errorBoundNs, status, asOfAgeMs } = then;
    return new Interval(moment - half, moment + half, moment, errorBoundNs, status, asOfAgeMs);
  }

  /** The nanoseconds by the monotonic clock from the moment of the bound on, at most. */
  #elapsed(moment: bigint, { asOf, offset }: Bound): number {
    return Math.ceil(Number(moment - asOf - offset.earliest) / (1 - this.#clocks.slewPpm * 1e-6));
  }

  /** What the wall clock shows now, at the latest. */
  #shows(): bigint {
    return BigInt(this.#clocks.wallMs() + 1) * MS;
  }

  /** What the wall clock shows at a moment of the monotonic clock, at the latest, unless it was stepped since the bound. */
  #wall(monotonicNs: bigint, { asOf, offset }: Bound): bigint {
    return monotonicNs + offset.widened(monotonicNs - asOf, this.#clocks.slewPpm).latest;
  }

  /** True if the level before the last one can serve for it, up to the start of the next one. */
  #isExpendable(last: Entry | undefined, start: bigint): boolean {
    const before = this.#entries.at(-2);
    if (before === undefined || before.level.status !== last?.level.status) return false;
    return start - before.start < SPACING_NS && this.#elapsed(start, before.bound) <= lifetime(before);
  }
}

function isSame(one: TrustLevel, other: TrustLevel): boolean {
  return one.bound === other.bound && one.status === other.status && one.leap === other.leap;
}

/** The nanoseconds from the moment of the bound to the last moment of the level. */
function lifetime({ level: { until }, bound: { asOf } }: Entry): number {
  return until === null ? Number.POSITIVE_INFINITY : Number(until - asOf);
}

function latest(one: bigint, other: bigint): bigint {
  return one > other ? one : other;
}

function unknown(moment: bigint, reason: string): ChronyError {
  return new ChronyError(`the time at ${isoTime(moment)} is unknown: ${reason}`, { code: NO_BOUND });
}
