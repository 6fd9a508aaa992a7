/**
 * The times in a scenario. Those of the named scenarios are relative, so that a scenario is the same whenever it is made, and
 * a mock is as fresh as a chronyd that runs.
 */

/**
 * The moment at which the factories' objects were reported, in seconds since the epoch: 2023-11-14 22:13:20 UTC. `makeTracking()`
 * has a reference time 23 seconds before it.
 *
 * @example Judges the clock at that moment, not years later:
 * ```js
 * import { judgeHealth } from 'chrony-wasm';
 * import { makeSource, makeTracking, testTime } from 'chrony-wasm/testing';
 *
 * const { state } = judgeHealth(makeTracking(), [makeSource({ state: 'selected' })], {}, { time: testTime });
 * console.log(state); // ok
 * ```
 */
export const testTime = 1_700_000_000;

/** How a mock writes the times of a scenario. */
export interface Times {
  /** How many bits: servers built with 32-bit times leave out the upper half of 64. */
  readonly bits: 32 | 64;
  /** What relative times are relative to, in seconds since the epoch. */
  readonly now: number;
}

/** A time in seconds since the epoch. One below zero is so many seconds before `now`. */
export function absoluteTime(time: number, now: number): number {
  return time < 0 ? now + time : time;
}

/** How often a mock seems to measure, in seconds. In between, its times stay as they are, as those of a chronyd do. */
const MEASURED_EVERY_S = 64;

/** What the relative times of a mock's scenario are relative to. */
export class MockTime {
  readonly #fixed: number | undefined;
  #since = 0;

  /** @param fixed - in seconds since the epoch; undefined for the clock of this machine */
  constructor(fixed: number | undefined) {
    this.#fixed = fixed;
    this.restart();
  }

  /** The scenario is of this moment. */
  restart(): void {
    this.#since = this.#fixed ?? Math.floor(Date.now() / 1000);
  }

  /**
   * In seconds since the epoch. By `Date.now()`, even if a test replaces it: chronyd's times are by the clock that its client
   * reads, too.
   */
  now(): number {
    if (this.#fixed !== undefined) return this.#fixed;
    const passed = Date.now() / 1000 - this.#since;
    return this.#since + Math.floor(passed / MEASURED_EVERY_S) * MEASURED_EVERY_S;
  }
}
