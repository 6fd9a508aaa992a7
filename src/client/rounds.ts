/** Schedules the requests to many targets, spread evenly over the interval. */
import { nodeUtil } from '../util/builtins.ts';
import { monotonicMs } from '../util/timers.ts';
import { checkAddress, type PollResult, type Turn, type Turns } from './turns.ts';

/**
 * The addresses of the chronyds to watch, as in {@link ChronyOptions.address}: an array, a `Set`, or any other object
 * that can be iterated more than once. It may change during the watch.
 */
export interface WatchTargets extends Iterable<string> {
  /**
   * Returns whether an address is among the targets, as `Set.has` does. With it, a removed target is no longer
   * queried from then on; without it, from the next iteration of the targets on.
   */
  has?(address: string): boolean;
}

/**
 * The shortest time between two scans for added and removed targets, in milliseconds, unless the interval is shorter.
 */
const SCAN_MS = 1000;
/** The largest part of the time that scans may take. */
const SCAN_SHARE = 0.01;
/** The largest number of targets: with more, a process would only scan. */
const MAX_TARGETS = 1_000_000;

/**
 * The turns within this time, or this part of an interval, begin together, so that the process wakes once for all of
 * them.
 */
const TICK_MS = 50;
const TICK_SHARE = 0.05;
/**
 * The lag that is made up for, at least one turn. A longer lag is added to the round: to make up for it would cause a
 * burst.
 */
const MAX_LAG_MS = 100;
/** The time from one new target to the next, in milliseconds. */
const NEW_TARGET_GAP_MS = 1;

/** A target. Between requests, nothing else is kept of it. */
interface Watched<T> extends Turn {
  /** The number of the last scan that found the target. */
  seen: number;
  /** When it was last queried. */
  askedMs: number;
  /** True while a request is under way or its outcome waits to be taken. */
  isBusy: boolean;
  /** The last value, or the code and message of the last error. */
  last: T | string | undefined;
}

/**
 * Takes the targets in order, in a circle: one round takes one interval. In addition, new targets get a turn as soon
 * as possible.
 */
export class Rounds<T> implements Turns<Watched<T>, T> {
  readonly #targets: WatchTargets;
  readonly #intervalMs: number;
  readonly #includesUnchanged: boolean;
  readonly #now: () => number;
  readonly #isEqual = nodeUtil().isDeepStrictEqual;
  readonly #known = new Map<string, Watched<T>>();
  /** The targets that have not been queried yet. */
  readonly #unqueried = new Set<Watched<T>>();
  /** The targets that are still to come in this round. */
  #rest: Iterator<Watched<T>> = this.#known.values();
  /** The number of scans. */
  #scans = 0;
  #nextScanMs = Number.NEGATIVE_INFINITY;
  #nextTickMs = Number.NEGATIVE_INFINITY;
  #nextInRoundMs = Number.NEGATIVE_INFINITY;
  #nextUnqueriedMs = Number.NEGATIVE_INFINITY;

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
    if (start < this.#nextScanMs) return null;
    const removed = this.#scan();
    const end = this.#now();
    this.#nextScanMs = end + Math.max(Math.min(SCAN_MS, this.#intervalMs), (end - start) / SCAN_SHARE);
    return removed;
  }

  /** Adds new targets and forgets removed ones, which it returns. */
  #scan(): Watched<T>[] {
    const seen = ++this.#scans;
    let given = 0;
    let distinct = 0;
    for (const address of this.#targets) {
      checkAddress(address);
      if (++given > MAX_TARGETS)
        throw new RangeError(`there are more than ${MAX_TARGETS} targets: watch them in several processes`);
      let target = this.#known.get(address);
      if (target === undefined) {
        target = {
          address,
          seen: 0,
          askedMs: Number.NEGATIVE_INFINITY,
          isBusy: false,
          last: undefined,
          chrony: undefined,
        };
        this.#known.set(address, target);
        this.#unqueried.add(target);
      }
      if (target.seen !== seen) distinct++;
      target.seen = seen;
    }
    if (distinct === this.#known.size) return [];
    const removed = [...this.#known.values()].filter((target) => target.seen !== seen);
    for (const target of removed) this.#forget(target);
    return removed;
  }

  #forget(target: Watched<T>): void {
    this.#known.delete(target.address);
    this.#unqueried.delete(target);
  }

  /** False if the target was removed. */
  #isPresent(target: Watched<T>): boolean {
    const targets = this.#targets;
    return (
      this.#known.get(target.address) === target && (targets.has === undefined || targets.has(target.address))
    );
  }

  next(): Watched<T> | null {
    const now = this.#now();
    if (now < this.#nextTickMs) return null;
    for (;;) {
      const target = this.#nextUnqueried(now) ?? this.#nextInRound(now);
      if (target === null) {
        this.#nextTickMs = now + Math.min(TICK_MS, this.#intervalMs * TICK_SHARE);
        return null;
      }
      if (this.#isPresent(target)) {
        target.isBusy = true;
        target.askedMs = now;
        return target;
      }
      this.#forget(target);
    }
  }

  #nextUnqueried(now: number): Watched<T> | null {
    this.#nextUnqueriedMs = Math.max(this.#nextUnqueriedMs, now - MAX_LAG_MS);
    if (this.#nextUnqueriedMs > now) return null;
    for (const target of this.#unqueried) {
      this.#unqueried.delete(target);
      this.#nextUnqueriedMs += Math.min(NEW_TARGET_GAP_MS, this.#gapMs());
      return target;
    }
    return null;
  }

  /**
   * Returns the next target of the round that is due. It skips a target with a request under way, or that was queried
   * as a new one less than half an interval ago.
   */
  #nextInRound(now: number): Watched<T> | null {
    if (this.#known.size === 0) return null;
    const gapMs = this.#gapMs();
    const lagMs = Math.min(Math.max(MAX_LAG_MS, gapMs), this.#intervalMs);
    this.#nextInRoundMs = Math.max(this.#nextInRoundMs, now - lagMs);
    while (this.#nextInRoundMs <= now) {
      this.#nextInRoundMs += gapMs;
      const target = this.#turn();
      if (!target.isBusy && !this.#unqueried.has(target) && now - target.askedMs >= this.#intervalMs / 2)
        return target;
    }
    return null;
  }

  /** Returns the next target of the round, or the first of a new round. At least one target must exist. */
  #turn(): Watched<T> {
    let turn = this.#rest.next();
    if (turn.done) {
      this.#rest = this.#known.values();
      turn = this.#rest.next();
    }
    return turn.value;
  }

  /** The time from one turn to the next, in milliseconds. */
  #gapMs(): number {
    return this.#intervalMs / this.#known.size;
  }

  waitMs(hasRoom: boolean): number {
    let at = this.#nextScanMs;
    if (hasRoom && this.#known.size > 0) {
      const due =
        this.#unqueried.size > 0 ? Math.min(this.#nextUnqueriedMs, this.#nextInRoundMs) : this.#nextInRoundMs;
      at = Math.min(at, Math.max(due, this.#nextTickMs));
    }
    // a timer may fire a little early
    return Math.max(0, Math.ceil(at - this.#now()));
  }

  take(target: Watched<T>, { value, error }: PollResult<T>): boolean {
    target.isBusy = false;
    if (!this.#isPresent(target)) return false;
    if (this.#includesUnchanged) return true;
    const outcome = error === null ? value : `${error.code} ${error.message}`;
    if (this.#isEqual(outcome, target.last)) return false;
    target.last = outcome;
    return true;
  }

  /** Frees the memory, even if a caller keeps the iterator. */
  close(): void {
    this.#known.clear();
    this.#unqueried.clear();
  }
}
