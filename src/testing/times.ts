/**
 * The times in a scenario. Those of the named scenarios are relative. A scenario is thus the same whenever it is
 * made, and a mock reports times as recent as those of a running chronyd.
 */

/**
 * The time of the factories' reports, in seconds since the epoch: 2023-11-14 22:13:20 UTC. The reference time of
 * `makeTracking()` is 23 seconds before it.
 *
 * @example Judges the clock at that time, not years later:
 * ```js
 * import { judgeHealth } from 'chrony-wasm';
 * import { makeSource, makeTracking, testTime } from 'chrony-wasm/testing';
 *
 * const { state } = judgeHealth(makeTracking(), [makeSource({ state: 'selected' })], {}, { time: testTime });
 * console.log(state); // ok
 * ```
 */
export const testTime = 1_700_000_000;

/** How a mock encodes the times of a scenario. */
export interface Times {
  /** The size of times. Servers built with 32-bit times do not send the upper half. */
  readonly bits: 32 | 64;
  /** The present, which relative times count from, in seconds since the epoch. */
  readonly now: number;
}

/** Returns a time in seconds since the epoch. A negative `time` is a number of seconds before `now`. */
export function absoluteTime(time: number, now: number): number {
  return time < 0 ? now + time : time;
}

/**
 * The simulated measurement interval of a mock, in seconds. In between, its times do not change, like those of
 * chronyd.
 */
const MEASURED_EVERY_S = 64;

/** The mock's present, which the relative times of its scenario count from. */
export class MockTime {
  readonly #fixed: number | undefined;
  #since = 0;

  /** @param fixed - a fixed present, in seconds since the epoch; undefined for the clock of this machine */
  constructor(fixed: number | undefined) {
    this.#fixed = fixed;
    this.restart();
  }

  /** Makes the scenario's times relative to this moment. */
  restart(): void {
    this.#since = this.#fixed ?? Math.floor(Date.now() / 1000);
  }

  /**
   * Returns the present in seconds since the epoch. It uses `Date.now()`, even if a test has replaced it, because
   * chronyd's times come from the clock that its client reads, too.
   */
  now(): number {
    if (this.#fixed !== undefined) return this.#fixed;
    const passed = Date.now() / 1000 - this.#since;
    return this.#since + Math.floor(passed / MEASURED_EVERY_S) * MEASURED_EVERY_S;
  }
}
