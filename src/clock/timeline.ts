/** The time as an interval, made from a bound without asking anybody. */
import type { BoundedTime, ClockStatus } from './bounded-time.ts';
import type { Clocks } from './clocks.ts';
import { adderUpTo, elapsed, MS, shifted } from './nanoseconds.ts';
import type { Bound, Standing } from './standing.ts';

/** The protocol's floating-point numbers have 24 bits, the last two of which chronyd may cut off. */
const WIRE_ROUNDING = 2 ** -22;
const LEAP_NS = 1e9;
const ZERO = shifted(0n);

/**
 * What stands between two events: all that is needed to make a {@link BoundedTime} from the monotonic clock alone. It
 * counts from the moment that the bound is of, in doubles.
 */
export class Timeline {
  /** The monotonic clock then. */
  readonly #start: bigint;
  readonly #status: ClockStatus;
  readonly #end: number;
  readonly #errorNs: number;
  readonly #growth: number;
  readonly #slew: number;
  /** The wall clock then: a whole millisecond, in both units. Counted from there, it was between the next two. */
  readonly #wallMs: number;
  readonly #wall: bigint;
  readonly #earliest: number;
  readonly #latest: number;
  readonly #middle: number;
  readonly #readingNs: number;

  constructor({ status, leap, until }: Standing, bound: Bound, maxDriftPpm: number, { slewPpm }: Clocks) {
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

  /** The nanoseconds since its start, by the monotonic clock. */
  elapsed(monotonicNs: bigint): number {
    return elapsed(this.#start, monotonicNs);
  }

  /**
   * Whether nothing has happened: neither is its time over, nor was a clock stepped.
   *
   * @param ns - since its start, by the monotonic clock
   * @param wallMs - read right after that
   */
  holds(ns: number, wallMs: number): boolean {
    const wall = (wallMs - this.#wallMs) * 1e6;
    const slewed = ns * this.#slew;
    return ns <= this.#end && wall > ns + this.#earliest - slewed - 1e6 && wall <= ns + this.#latest + slewed;
  }

  /** @param ns - since its start, by the monotonic clock */
  at(ns: number): BoundedTime {
    const middle = ns + this.#middle;
    const errorNs = Math.ceil(this.#errorNs + ns * this.#growth);
    const half = errorNs + this.#readingNs;
    const plus = adderUpTo(Math.abs(middle) + half);
    return {
      earliest: plus(this.#wall, middle - half),
      latest: plus(this.#wall, middle + half),
      midpoint: plus(this.#wall, middle),
      errorBoundNs: plus(ZERO, errorNs),
      status: this.#status,
      asOfAgeMs: ns / 1e6,
    };
  }
}
