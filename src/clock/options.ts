/** What a caller may choose of a BoundedClock. */
import { type ChronyOptions, numberInRange, readOptions, type Settings } from '../client/options.ts';

/** How to keep a bound on the clock's error. */
export interface BoundedClockOptions extends ChronyOptions {
  /**
   * How fast the clock may drift while chronyd is not asked, in ppm: 0 to 100 000, default 50. That is more than any
   * computer's clock drifts that works; chronyd itself reckons with what it has measured, and 1 ppm (its
   * `maxclockerror`).
   */
  readonly maxDriftPpm?: number | undefined;
  /**
   * From one request to the next, in milliseconds: 1 to 4000, so that there is an answer before the last one is too
   * old, which it is after 5 s. Default 1000.
   */
  readonly intervalMs?: number | undefined;
  /**
   * Take a chronyd in local mode (`local` in its configuration, reference ID 127.127.1.1) for synchronised. It
   * reports an error near zero, as it takes the clock for the truth: of use only to compare clocks that all follow
   * this one. Default false.
   */
  readonly allowLocal?: boolean | undefined;
}

/** {@link BoundedClockOptions} with nothing left open. */
export interface ClockSettings extends Settings {
  readonly maxDriftPpm: number;
  readonly intervalMs: number;
  readonly allowLocal: boolean;
}

const MAX_DRIFT_PPM = 100_000;
const MAX_INTERVAL_MS = 4000;

/** @throws TypeError, RangeError if a value is of no use. */
export function readClockOptions(given: string | BoundedClockOptions | undefined): ClockSettings {
  const settings = readOptions(given);
  const options = typeof given === 'string' ? {} : (given ?? {});
  const { maxDriftPpm = 50, intervalMs = 1000, allowLocal = false } = options;
  if (typeof allowLocal !== 'boolean') {
    throw new TypeError(`allowLocal must be true or false, not ${typeof allowLocal}`);
  }
  return {
    ...settings,
    maxDriftPpm: numberInRange('maxDriftPpm', maxDriftPpm, 0, MAX_DRIFT_PPM, false),
    intervalMs: numberInRange('intervalMs', intervalMs, 1, MAX_INTERVAL_MS, false),
    allowLocal,
  };
}
