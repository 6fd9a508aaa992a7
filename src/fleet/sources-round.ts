/** The slower round: schedules the queries of each clock's sources, with limited concurrency and without bursts. */
import { type AbortSignalLike, onAbort } from '../util/abort.ts';
import { clearTimeout, monotonicMs, setTimeout } from '../util/timers.ts';

/** The maximum number of concurrent queries. */
const MAX_UNDER_WAY = 32;
/** The rate of new queries per second, unless the number of clocks and the interval need a higher one. */
const LEAST_RATE = 100;
/** The maximum share of time that a slow clock is being queried: slower clocks are queried less often. */
const LARGEST_SHARE = 1 / 100;
/** While the sources contradict `tracking`, they are requested again after this number of intervals of `tracking`. */
const DOUBTFUL_INTERVALS = 4;

/** The times of a clock's last and next query, by monotonicMs(). */
export interface Turn {
  readonly asked: number;
  /** The earliest time of the next query in any case. */
  readonly earliest: number;
  readonly due: number;
}

/** A clock stores its turn itself, because a table of thousands would keep the garbage collector busy. */
export interface HasTurn {
  /** Set by the round; null before the first one. */
  turn: Turn | null;
}

/**
 * `outdated` if the clock has since selected another source; `doubtful` if the sources contradict `tracking` for
 * another reason.
 */
export type SourcesAge = 'current' | 'doubtful' | 'outdated';

export interface RoundOptions {
  readonly intervalMs: number;
  readonly sourcesIntervalMs: number;
}

/** Queries a clock. Resolves to true if it answered. Rejects only for a bug. */
export type Ask<T> = (clock: T, signal: AbortSignalLike) => Promise<boolean>;

/** @typeParam T - a clock */
export class SourcesRound<T extends HasTurn> {
  readonly #options: RoundOptions;
  /** Returns the number of clocks. */
  readonly #count: () => number;
  readonly #ask: Ask<T>;
  readonly #waiting = new Set<T>();
  readonly #underWay = new Set<T>();
  /** The earliest time of the next query. */
  #next = 0;
  #timer: NodeJS.Timeout | null = null;
  /** Null while the round does not run. */
  #running: Running | null = null;

  constructor(options: RoundOptions, count: () => number, ask: Ask<T>) {
    this.#options = options;
    this.#count = count;
    this.#ask = ask;
  }

  /** Runs until the signal is aborted. @throws the error that `ask` rejects with before that */
  async run(signal: AbortSignalLike): Promise<void> {
    let ignore = (): void => {};
    try {
      await new Promise<void>((resolve, reject) => {
        this.#running = { signal, fail: reject };
        ignore = onAbort(signal, resolve);
        this.#startMore();
      });
    } finally {
      ignore();
      this.#running = null;
      this.#waiting.clear();
      if (this.#timer !== null) clearTimeout(this.#timer);
      this.#timer = null;
    }
  }

  /**
   * Considers a clock for a query. Call it for each clock that has just answered: only these are queried.
   *
   * @param sources - the age of its sources
   */
  consider(clock: T, sources: SourcesAge): void {
    if (this.#underWay.has(clock) || this.#waiting.has(clock) || !this.#isDue(clock, sources)) return;
    this.#waiting.add(clock);
    this.#startMore();
  }

  /** Forgets a clock that was removed from the fleet. */
  forget(clock: T): void {
    this.#waiting.delete(clock);
  }

  #isDue(clock: T, sources: SourcesAge): boolean {
    const { turn } = clock;
    if (turn === null) return true;
    const { asked, earliest } = turn;
    const doubtful = asked + DOUBTFUL_INTERVALS * this.#options.intervalMs;
    const due = { current: turn.due, doubtful: Math.min(turn.due, doubtful), outdated: asked }[sources];
    return monotonicMs() >= Math.max(earliest, due);
  }

  #startMore(): void {
    const running = this.#running;
    while (running !== null && this.#timer === null && this.#underWay.size < MAX_UNDER_WAY) {
      const [clock] = this.#waiting;
      if (clock === undefined) return;
      const now = monotonicMs();
      if (now < this.#next) {
        this.#timer = setTimeout(() => {
          this.#timer = null;
          this.#startMore();
        }, this.#next - now);
        return;
      }
      const rate = Math.max(LEAST_RATE, (2000 * this.#count()) / this.#options.sourcesIntervalMs);
      this.#next = Math.max(now - TIMER_LATE_MS, this.#next) + 1000 / rate;
      this.#waiting.delete(clock);
      void this.#start(clock, running);
    }
  }

  async #start(clock: T, { signal, fail }: Running): Promise<void> {
    const { intervalMs, sourcesIntervalMs } = this.#options;
    const asked = monotonicMs();
    this.#underWay.add(clock);
    try {
      const isAnswered = await this.#ask(clock, signal);
      const earliest = asked + (monotonicMs() - asked) / LARGEST_SHARE;
      // spreads the queries of clocks that were added together
      const part = clock.turn !== null ? 1 : 0.5 + Math.random() / 2;
      const due = asked + (isAnswered ? part * sourcesIntervalMs : intervalMs);
      clock.turn = { asked, earliest, due };
    } catch (error) {
      if (!signal.aborted) fail(error);
    } finally {
      this.#underWay.delete(clock);
      this.#startMore();
    }
  }
}

interface Running {
  readonly signal: AbortSignalLike;
  readonly fail: (error: unknown) => void;
}

/** A timer that is late by no more than this does not delay any clock. */
const TIMER_LATE_MS = 20;
