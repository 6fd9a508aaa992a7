/**
 * A simulated machine: true time, two clocks, and a chronyd that reports only what it has measured. Time passes only
 * through `pass`, and a little with each reading of a clock.
 */
import type { Clocks } from '../../../src/clock/clocks.ts';
import type { Devices } from '../../../src/clock/devices.ts';
import type { Measurement } from '../../../src/clock/sample.ts';
import { type DataOf, LeapStatus, TrackingStatus } from '../../../src/index.ts';
import { makeTracking } from '../../../src/testing/index.ts';

const SECOND = 1_000_000_000n;
/** The duration of a reading. */
const READING_NS = 150n;

export const MAX_DRIFT_PPM = 50;

/** A clock that follows a server. Created once, because it is read some hundred thousand times. */
const USUAL = makeTracking();

function tracking(overrides: Partial<DataOf<TrackingStatus>>): TrackingStatus {
  return new TrackingStatus({ ...USUAL, ...overrides });
}

function share(ns: bigint, ppm: number): bigint {
  return (ns * BigInt(Math.trunc(ppm * 1000))) / 1_000_000_000n;
}

export class World implements Clocks, Devices {
  readonly slewPpm: number;
  readonly #maxClockErrorPpm: number;
  /** How fast true time runs ahead of the monotonic clock, in ppm: at most {@link MAX_DRIFT_PPM} either way. */
  drift = 0;
  /** How fast the wall clock is slewed against the monotonic one, in ppm: at most `slewPpm` either way. */
  slew = 0;
  leapStatus: LeapStatus = LeapStatus.NORMAL;
  /** The seconds between updates that chronyd reports. */
  updateInterval = 64;
  /** Whether chronyd is in local mode. */
  local = false;
  #true: bigint;
  #monotonic = 5n * SECOND;
  #wall: bigint;
  #marker = 7n;
  #interruption: { readings: number; readonly happen: () => void } | null = null;
  /** The last measurement of chronyd: true time less wall clock; null while it is not synchronized. */
  #measured: {
    readonly error: bigint;
    readonly monotonic: bigint;
    readonly wall: bigint;
    /** The error of chronyd's estimate in ns; null until it was reported. */
    noise: number | null;
  } | null = null;

  /**
   * @param error - true time less wall clock, in ns
   * @param maxClockErrorPpm - the drift that chronyd allows for
   */
  constructor(start: bigint, error: bigint, slewPpm: number, maxClockErrorPpm = MAX_DRIFT_PPM) {
    this.#maxClockErrorPpm = maxClockErrorPpm;
    this.#true = start;
    this.#wall = start - error;
    this.slewPpm = slewPpm;
  }

  get trueNs(): bigint {
    return this.#true;
  }

  get wallNs(): bigint {
    return this.#wall;
  }

  /** The monotonic clock; unlike a reading, this takes no time. */
  get awakeNs(): bigint {
    return this.#monotonic;
  }

  wallMs(): number {
    this.#read();
    return Number(this.#wall / 1_000_000n);
  }

  monotonicNs(): bigint {
    this.#read();
    return this.#monotonic;
  }

  /** Advances the monotonic clock by `ns`, and the others accordingly. */
  pass(ns: bigint): void {
    this.#monotonic += ns;
    this.#true += ns + share(ns, this.drift);
    this.#wall += ns + share(ns, this.slew);
  }

  /** Calls `happen` after `readings` more readings of a clock. */
  interrupt(readings: number, happen: () => void): void {
    this.#interruption = { readings, happen };
  }

  /** Steps the wall clock. */
  step(ns: bigint): void {
    this.#wall += ns;
  }

  /** Suspends the machine; afterwards, the wall clock is set from a clock with the error `off`. */
  suspend(ns: bigint, off: bigint): void {
    this.#true += ns;
    this.#wall += ns + off;
  }

  /** Pauses the virtual machine; its clocks do not notice it, but the host reports it. */
  pause(ns: bigint): void {
    this.#true += ns;
    this.#marker++;
  }

  disruptionMarker(): bigint {
    return this.#marker;
  }

  hardwareClockErrorNs(): number {
    return 0;
  }

  /** Applies a leap second: POSIX time repeats or skips a second. */
  leap(seconds: 1 | -1): void {
    this.#true -= BigInt(seconds) * SECOND;
  }

  /** Gives chronyd a measurement. */
  measure(): void {
    this.#measured = {
      error: this.#true - this.#wall,
      monotonic: this.#monotonic,
      wall: this.#wall,
      noise: null,
    };
  }

  /** Restarts chronyd, which loses its measurements. */
  restart(): void {
    this.#measured = null;
  }

  /**
   * Returns chronyd's current report, with the tightest valid bound.
   *
   * @param newNoise - the error of chronyd's estimate in ns, used if the estimate is new
   */
  tracking(newNoise = 0): TrackingStatus {
    const measured = this.#measured;
    if (this.local) {
      return tracking({ referenceId: 0x7f7f0101, referenceIp: null, refTime: Number(this.#wall) / 1e9 });
    }
    if (measured === null) return tracking({ referenceId: 0, leapStatus: LeapStatus.UNSYNC, refTime: 0 });
    measured.noise ??= newNoise;
    const { noise } = measured;
    const age = Number(this.#monotonic - measured.monotonic) / 1e9;
    const status: Partial<DataOf<TrackingStatus>> = {
      leapStatus: this.leapStatus,
      offset: (Number(measured.error) + noise) / 1e9,
      // two nanoseconds cover the rounding of doubles and divisions
      rootDispersion: (Math.abs(noise) + 2) / 1e9 + age * (this.#maxClockErrorPpm + this.slewPpm) * 1e-6,
      skew: 0,
      residualFreq: 0,
      rootDelay: 0,
      refTime: Number(measured.wall + measured.error) / 1e9,
      updateInterval: this.updateInterval,
    };
    return tracking(status);
  }

  /** The last measurement as chronyd reports it with the source: the error of its estimate. */
  measurement(): Measurement | null {
    const measured = this.#measured;
    if (measured === null || measured.noise === null || this.local) return null;
    const age = Math.floor(Number(this.#monotonic - measured.monotonic) / 1e9);
    return { offset: -measured.noise / 1e9, error: 2e-9, age };
  }

  #read(): void {
    this.pass(READING_NS);
    const interruption = this.#interruption;
    if (interruption === null || --interruption.readings > 0) return;
    this.#interruption = null;
    interruption.happen();
  }
}
