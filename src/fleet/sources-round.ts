/** The slower round: when each clock is asked for its sources, a few at a time and not in bursts. */
import { type AbortSignalLike, onAbort } from '../util/abort.ts';
import { clearTimeout, monotonicMs, setTimeout } from '../util/timers.ts';

/** How many clocks are asked at the same time. */
const MAX_UNDER_WAY = 32;
/** How many clocks are begun with in a second, if their number and the interval do not need more. */
const LEAST_RATE = 100;
/** A clock that takes long is asked so seldom that it takes at most this part of the time. */
const LARGEST_SHARE = 1 / 100;
/** While the sources contradict `tracking`, they are asked for again after so many intervals of `tracking`. */
const DOUBTFUL_INTERVALS = 4;

/** When a clock was asked, and is to be asked again: by monotonicMs(). */
export interface Turn {
  readonly asked: number;
  /** The earliest time of the next request, in all cases. */
  readonly earliest: number;
  readonly due: number;
}

/** A clock has its turn itself: a table of thousands would keep the garbage collector busy. */
export interface HasTurn {
  /** Set by the round; null before the first one. */
  turn: Turn | null;
}

/** `outdated` if the clock has selected another source since, `doubtful` if they contradict `tracking` without that. */
export type SourcesAge = 'current' | 'doubtful' | 'outdated';

export interface RoundOptions {
  readonly intervalMs: number;
  readonly sourcesIntervalMs: number;
}

/** Asks a clock. Resolves to whether it answered; rejects only for a fault. */
export type Ask<T> = (clock: T, signal: AbortSignalLike) => Promise<boolean>;

/** @typeParam T - a clock */
export class SourcesRound<T extends HasTurn> {
  readonly #options: RoundOptions;
  /** How many clocks there are. */
  readonly #count: () => number;
  readonly #ask: Ask<T>;
  readonly #waiting = new Set<T>();
  readonly #underWay = new Set<T>();
  /** When the next one may be begun with. */
  #next = 0;
  #timer: NodeJS.Timeout | null = null;
  /** Null while it does not run. */
  #running: Running | null = null;

  constructor(options: RoundOptions, count: () => number, ask: Ask<T>) {
    this.#options = options;
    this.#count = count;
    this.#ask = ask;
  }

  /** Begins with clocks until the signal is aborted. @throws what `ask` rejects with before that */
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
   * To be called for each clock that has just answered: only these are asked.
   *
   * @param sources - how up to date its sources are
   */
  consider(clock: T, sources: SourcesAge): void {
    if (this.#underWay.has(clock) || this.#waiting.has(clock) || !this.#isDue(clock, sources)) return;
    this.#waiting.add(clock);
    this.#startMore();
  }

  /** The clock is no longer of the fleet. */
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
      // clocks that came together are not asked together for ever
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

/** A timer that is late by no more than this makes no clock later. */
const TIMER_LATE_MS = 20;
