/** When a socket looks for datagrams: no runtime tells when there is one. It never blocks, neither the event loop nor a thread. */
import { clearImmediate, clearTimeout, monotonicMs, setImmediate, setTimeout } from '../../util/timers.ts';

/** The time that a socket polls by: the system's, unless a test lets it pass. */
export interface SocketTimers {
  monotonicMs(): number;
  setImmediate(callback: () => void): NodeJS.Immediate;
  clearImmediate(immediate: NodeJS.Immediate | undefined): void;
  setTimeout(callback: () => void, ms: number): NodeJS.Timeout;
  clearTimeout(timer: NodeJS.Timeout | undefined): void;
}

/** The time of the system. */
export const realTimers: SocketTimers = {
  monotonicMs,
  setImmediate,
  clearImmediate,
  setTimeout,
  clearTimeout,
};

/** How often a socket looks. */
export interface Pace {
  /** For so long after {@link Poller.beEager} it looks at each turn of the event loop, which goes on with its other work. */
  readonly eagerMs: number;
  /** After that it looks by timers, each pause twice as long as the one before, up to this. */
  readonly longestPauseMs: number;
}

/** Calls a function again and again, sooner when something is to be expected. */
export class Poller {
  readonly #look: () => void;
  readonly #pace: Pace;
  readonly #timers: SocketTimers;
  #running = false;
  #eagerUntil = 0;
  #pauseMs = 1;
  #immediate: NodeJS.Immediate | undefined;
  #timer: NodeJS.Timeout | undefined;

  /** @param look - does not throw; it may call the methods */
  constructor(look: () => void, pace: Pace, timers = realTimers) {
    this.#look = look;
    this.#pace = pace;
    this.#timers = timers;
  }

  /** From now on it looks, and keeps the process alive. */
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

  /** Something is to be expected. */
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
    this.#look();
    // it may have been stopped and started again
    if (this.#running && this.#immediate === undefined && this.#timer === undefined) this.#schedule();
  };
}
