/**
 * Schedules the polling of a socket, since runtimes do not report when it is readable. Never blocks the event loop or a
 * thread.
 */
import { clearImmediate, clearTimeout, monotonicMs, setImmediate, setTimeout } from '../../util/timers.ts';

/** The clock and timers for polling. Tests replace them. */
export interface SocketTimers {
  monotonicMs(): number;
  setImmediate(callback: () => void): NodeJS.Immediate;
  clearImmediate(immediate: NodeJS.Immediate | undefined): void;
  setTimeout(callback: () => void, ms: number): NodeJS.Timeout;
  clearTimeout(timer: NodeJS.Timeout | undefined): void;
}

/** The system's clock and timers. */
export const realTimers: SocketTimers = {
  monotonicMs,
  setImmediate,
  clearImmediate,
  setTimeout,
  clearTimeout,
};

/** The polling intervals of a socket. */
export interface Pace {
  /**
   * The time after {@link Poller.beEager} in which it polls at each turn of the event loop, which other work shares.
   */
  readonly eagerMs: number;
  /** After that time it polls by timers. Each pause is twice as long as the last one, up to this limit. */
  readonly longestPauseMs: number;
}

/** Calls a function repeatedly, and more often if a datagram is expected. */
export class Poller {
  readonly #poll: () => void;
  readonly #pace: Pace;
  readonly #timers: SocketTimers;
  #running = false;
  #eagerUntil = 0;
  #pauseMs = 1;
  #immediate: NodeJS.Immediate | undefined;
  #timer: NodeJS.Timeout | undefined;

  /** @param poll - must not throw; it may call the poller's methods */
  constructor(poll: () => void, pace: Pace, timers = realTimers) {
    this.#poll = poll;
    this.#pace = pace;
    this.#timers = timers;
  }

  /** Starts polling. While it polls, it keeps the process alive. */
  start(): void {
    if (this.#running) return;
    this.#running = true;
    this.#schedule();
  }

  stop(): void {
    this.#running = false;
    this.#timers.clearImmediate(this.#immediate);
    this.#timers.clearTimeout(this.#timer);
    this.#immediate = undefined;
    this.#timer = undefined;
  }

  /** Polls more often, because a datagram is expected. */
  beEager(): void {
    this.#eagerUntil = this.#timers.monotonicMs() + this.#pace.eagerMs;
    this.#pauseMs = 1;
  }

  #schedule(): void {
    if (this.#timers.monotonicMs() < this.#eagerUntil) {
      this.#immediate = this.#timers.setImmediate(this.#turn);
    } else {
      this.#timer = this.#timers.setTimeout(this.#turn, this.#pauseMs);
      this.#pauseMs = Math.min(this.#pauseMs * 2, this.#pace.longestPauseMs);
    }
  }

  readonly #turn = (): void => {
    this.#immediate = undefined;
    this.#timer = undefined;
    this.#poll();
    // poll() may have stopped and restarted the poller
    if (this.#running && this.#immediate === undefined && this.#timer === undefined) this.#schedule();
  };
}
