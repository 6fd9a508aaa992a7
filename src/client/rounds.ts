/** Whose turn it is when many targets are asked again and again: spread over the time of a round, by one clock. */
import { nodeUtil } from '../util/builtins.ts';
import { monotonicMs } from '../util/timers.ts';
import { checkAddress, type Polled, type Turn, type Turns } from './turns.ts';

/**
 * The addresses of chronyds that may come and go, as in {@link ChronyOptions.address}: an array, a `Set`, or anything else that
 * can be iterated again and again.
 */
export interface WatchTargets extends Iterable<string> {
  /**
   * Whether an address is among them, as a `Set` has it: then one that has gone is not asked any more at once, otherwise when
   * they are iterated next.
   */
  has?(address: string): boolean;
}

/** How often it looks for targets that have come or gone, at most. */
const LOOK_MS = 1000;
/** To look takes no more than this part of the time. */
const LOOK_SHARE = 0.01;
/** With more of them a process does nothing but look. */
const MAX_TARGETS = 1_000_000;

/** The turns of so long, or of this part of a round, are taken together: the process wakes once for them, and not for each. */
const TICK_MS = 50;
const TICK_SHARE = 0.05;
/** So much that was missed is made up for, or a single turn. The rest makes the round longer, or there would be a burst. */
const MAX_LAG_MS = 100;
/** From one new target to the next. */
const FRESH_MS = 1;

/** A target. At rest this is all that is kept of it. */
interface Watched<T> extends Turn {
  /** The number of the look that has found it last. */
  seen: number;
  /** When it was asked last. */
  askedMs: number;
  /** True while it is being asked, or its outcome waits to be taken. */
  isBusy: boolean;
  /** The last value, or code and message of the last error. */
  last: T | string | undefined;
}

/**
 * The targets in their order, one after another, in a circle that takes the time of a round; new ones as soon as possible
 * besides.
 */
export class Rounds<T> implements Turns<Watched<T>, T> {
  readonly #targets: WatchTargets;
  readonly #intervalMs: number;
  readonly #includesUnchanged: boolean;
  readonly #now: () => number;
  readonly #isEqual = nodeUtil().isDeepStrictEqual;
  readonly #known = new Map<string, Watched<T>>();
  /** Those that were never asked. */
  readonly #fresh = new Set<Watched<T>>();
  /** The rest of the round. */
  #rest: Iterator<Watched<T>> = this.#known.values();
  /** How often it has looked. */
  #looks = 0;
  #nextLookMs = Number.NEGATIVE_INFINITY;
  #nextTickMs = Number.NEGATIVE_INFINITY;
  #nextInRoundMs = Number.NEGATIVE_INFINITY;
  #nextFreshMs = Number.NEGATIVE_INFINITY;

  /** @param now - the time in milliseconds */
  constructor(
    targets: WatchTargets,
    intervalMs: number,
    includesUnchanged: boolean,
    now: () => number = monotonicMs,
  ) {
    this.#targets = targets;
    this.#intervalMs = intervalMs;
    this.#includesUnchanged = includesUnchanged;
    this.#now = now;
  }

  refresh(): readonly Watched<T>[] | null {
    const start = this.#now();
    if (start < this.#nextLookMs) return null;
    const gone = this.#look();
    const end = this.#now();
    this.#nextLookMs = end + Math.max(Math.min(LOOK_MS, this.#intervalMs), (end - start) / LOOK_SHARE);
    return gone;
  }

  /** Takes in what has come, and forgets what has gone. */
  #look(): Watched<T>[] {
    const seen = ++this.#looks;
    let given = 0;
    let distinct = 0;
    for (const address of this.#targets) {
      checkAddress(address);
      if (++given > MAX_TARGETS)
        throw new RangeError(`there are more than ${MAX_TARGETS} targets: watch them in several processes`);
      let one = this.#known.get(address);
      if (one === undefined) {
        one = {
          address,
          seen: 0,
          askedMs: Number.NEGATIVE_INFINITY,
          isBusy: false,
          last: undefined,
          chrony: undefined,
        };
        this.#known.set(address, one);
        this.#fresh.add(one);
      }
      if (one.seen !== seen) distinct++;
      one.seen = seen;
    }
    if (distinct === this.#known.size) return [];
    const gone = [...this.#known.values()].filter((one) => one.seen !== seen);
    for (const one of gone) this.#forget(one);
    return gone;
  }

  #forget(one: Watched<T>): void {
    this.#known.delete(one.address);
    this.#fresh.delete(one);
  }

  /** False if it has gone. */
  #isThere(one: Watched<T>): boolean {
    const targets = this.#targets;
    return this.#known.get(one.address) === one && (targets.has === undefined || targets.has(one.address));
  }

  next(): Watched<T> | null {
    const now = this.#now();
    if (now < this.#nextTickMs) return null;
    for (;;) {
      const one = this.#nextFresh(now) ?? this.#nextInRound(now);
      if (one === null) {
        this.#nextTickMs = now + Math.min(TICK_MS, this.#intervalMs * TICK_SHARE);
        return null;
      }
      if (this.#isThere(one)) {
        one.isBusy = true;
        one.askedMs = now;
        return one;
      }
      this.#forget(one);
    }
  }

  #nextFresh(now: number): Watched<T> | null {
    this.#nextFreshMs = Math.max(this.#nextFreshMs, now - MAX_LAG_MS);
    if (this.#nextFreshMs > now) return null;
    for (const one of this.#fresh) {
      this.#fresh.delete(one);
      this.#nextFreshMs += Math.min(FRESH_MS, this.#gapMs());
      return one;
    }
    return null;
  }

  /** A turn is left out of a target that is still being asked, or was asked as a new one a short time ago. */
  #nextInRound(now: number): Watched<T> | null {
    if (this.#known.size === 0) return null;
    const gapMs = this.#gapMs();
    const lagMs = Math.min(Math.max(MAX_LAG_MS, gapMs), this.#intervalMs);
    this.#nextInRoundMs = Math.max(this.#nextInRoundMs, now - lagMs);
    while (this.#nextInRoundMs <= now) {
      this.#nextInRoundMs += gapMs;
      const one = this.#turn();
      if (!one.isBusy && !this.#fresh.has(one) && now - one.askedMs >= this.#intervalMs / 2) return one;
    }
    return null;
  }

  /** The next of the round, or the first of a new one. There must be a target. */
  #turn(): Watched<T> {
    let turn = this.#rest.next();
    if (turn.done) {
      this.#rest = this.#known.values();
      turn = this.#rest.next();
    }
    return turn.value;
  }

  /** From one turn to the next. */
  #gapMs(): number {
    return this.#intervalMs / this.#known.size;
  }

  waitMs(hasRoom: boolean): number {
    let at = this.#nextLookMs;
    if (hasRoom && this.#known.size > 0) {
      const due =
        this.#fresh.size > 0 ? Math.min(this.#nextFreshMs, this.#nextInRoundMs) : this.#nextInRoundMs;
      at = Math.min(at, Math.max(due, this.#nextTickMs));
    }
    // a timer may fire a little early
    return Math.max(0, Math.ceil(at - this.#now()));
  }

  take(one: Watched<T>, { value, error }: Polled<T>): boolean {
    one.isBusy = false;
    if (!this.#isThere(one)) return false;
    if (this.#includesUnchanged) return true;
    const outcome = error === null ? value : `${error.code} ${error.message}`;
    if (this.#isEqual(outcome, one.last)) return false;
    one.last = outcome;
    return true;
  }

  /** The memory is free again, though somebody keeps the iteration. */
  close(): void {
    this.#known.clear();
    this.#fresh.clear();
  }
}
