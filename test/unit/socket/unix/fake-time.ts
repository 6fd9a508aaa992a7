/** Time for a socket: it passes when a test lets it, however busy the machine is. */
import type { SocketTimers } from '../../../../src/socket/unix/datagram-socket.ts';

/** What a turn of the event loop takes, in milliseconds: a part of one that a double adds up exactly. */
export const TURN_MS = 1 / 64;

interface Timer {
  readonly dueMs: number;
  readonly callback: () => void;
}

export class FakeTime implements SocketTimers {
  #nowMs = 1000;
  /** In the order in which they were set. */
  readonly #timers = new Set<Timer>();

  monotonicMs(): number {
    return this.#nowMs;
  }

  setImmediate(callback: () => void): NodeJS.Immediate {
    return this.#set(callback, TURN_MS) as unknown as NodeJS.Immediate;
  }

  setTimeout(callback: () => void, ms: number): NodeJS.Timeout {
    return this.#set(callback, ms) as unknown as NodeJS.Timeout;
  }

  clearImmediate(immediate: NodeJS.Immediate | undefined): void {
    this.#timers.delete(immediate as unknown as Timer);
  }

  clearTimeout(timer: NodeJS.Timeout | undefined): void {
    this.#timers.delete(timer as unknown as Timer);
  }

  /** How many timers are set. */
  get pending(): number {
    return this.#timers.size;
  }

  /** Lets so much pass, and calls what is due meanwhile. */
  pass(ms: number): void {
    const end = this.#nowMs + ms;
    for (let next = this.#first(); next !== undefined && next.dueMs <= end; next = this.#first()) {
      this.#timers.delete(next);
      this.#nowMs = next.dueMs;
      next.callback();
    }
    this.#nowMs = end;
  }

  #first(): Timer | undefined {
    return [...this.#timers].toSorted((one, other) => one.dueMs - other.dueMs)[0];
  }

  #set(callback: () => void, ms: number): Timer {
    const timer = { dueMs: this.#nowMs + ms, callback };
    this.#timers.add(timer);
    return timer;
  }
}
