/** Fake time that a test advances, independent of the load of the machine. */
import { vi } from 'vitest';
import type { SocketTimers } from '../../../src/socket/unix/poller.ts';
import * as timers from '../../../src/util/timers.ts';

/** The duration of a turn of the event loop in milliseconds: a fraction that doubles add exactly. */
export const TURN_MS = 1 / 64;

class Timer {
  readonly #time: FakeTime;
  readonly #ms: number;
  readonly callback: () => void;
  dueMs: number;
  /** Whether the timer keeps the process alive. */
  isRef = true;

  constructor(time: FakeTime, callback: () => void, ms: number) {
    this.#time = time;
    this.#ms = ms;
    this.callback = callback;
    this.dueMs = time.monotonicMs() + ms;
  }

  unref(): this {
    this.isRef = false;
    return this;
  }

  /** Restarts the timer, even if it has fired, as in Node.js. */
  refresh(): this {
    this.dueMs = this.#time.monotonicMs() + this.#ms;
    this.#time.set(this);
    return this;
  }
}

export class FakeTime implements SocketTimers {
  #nowMs = 1000;
  /** The timers, in the order in which they were set. */
  readonly #timers = new Set<Timer>();

  monotonicMs(): number {
    return this.#nowMs;
  }

  setImmediate(callback: () => void): NodeJS.Immediate {
    return this.set(new Timer(this, callback, TURN_MS)) as unknown as NodeJS.Immediate;
  }

  setTimeout(callback: () => void, ms: number): NodeJS.Timeout {
    return this.set(new Timer(this, callback, ms)) as unknown as NodeJS.Timeout;
  }

  clearImmediate(immediate: NodeJS.Immediate | undefined): void {
    this.#timers.delete(immediate as unknown as Timer);
  }

  clearTimeout(timer: NodeJS.Timeout | undefined): void {
    this.#timers.delete(timer as unknown as Timer);
  }

  /** Only for `Timer`. */
  set(timer: Timer): Timer {
    this.#timers.delete(timer);
    this.#timers.add(timer);
    return timer;
  }

  /** The number of timers that are set. */
  get pending(): number {
    return this.#timers.size;
  }

  /** The number of timers that keep the process alive. */
  get awake(): number {
    return [...this.#timers].filter(({ isRef }) => isRef).length;
  }

  /** Advances the time and calls the timers that become due. */
  pass(ms: number): void {
    const end = this.#nowMs + ms;
    for (let next = this.#first(); next !== undefined && next.dueMs <= end; next = this.#first()) {
      this.#timers.delete(next);
      this.#nowMs = Math.max(this.#nowMs, next.dueMs);
      next.callback();
    }
    this.#nowMs = end;
  }

  /** Advances the time as if the process was blocked; due timers are called afterwards, but no immediates. */
  stall(ms: number): void {
    this.#nowMs += ms;
    this.pass(0);
  }

  #first(): Timer | undefined {
    return [...this.#timers].toSorted((one, other) => one.dueMs - other.dueMs)[0];
  }
}

/** Replaces the system's time until `vi.restoreAllMocks()`. */
export function fakeTime(): FakeTime {
  const time = new FakeTime();
  vi.spyOn(timers, 'monotonicMs').mockImplementation(() => time.monotonicMs());
  vi.spyOn(timers, 'setTimeout').mockImplementation(((callback: () => void, ms: number) =>
    time.setTimeout(callback, ms)) as typeof timers.setTimeout);
  vi.spyOn(timers, 'setImmediate').mockImplementation(((callback: () => void) =>
    time.setImmediate(callback)) as typeof timers.setImmediate);
  vi.spyOn(timers, 'clearTimeout').mockImplementation((timer) => time.clearTimeout(timer as NodeJS.Timeout));
  vi.spyOn(timers, 'clearImmediate').mockImplementation((immediate) => time.clearImmediate(immediate));
  return time;
}
