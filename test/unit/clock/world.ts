/**
 * A simulated machine: true time, its two clocks, and its chronyd, which is honest, but knows of nothing that it has
 * not measured. Time passes when it is told to, and a little with each reading of a clock.
 */
import type { Clocks } from '../../../src/clock/clocks.ts';
import type { Devices } from '../../../src/clock/devices.ts';
import type { Measurement } from '../../../src/clock/sample.ts';
import { type DataOf, LeapStatus, TrackingStatus } from '../../../src/index.ts';
import { makeTracking } from '../../../src/testing/index.ts';

const SECOND = 1_000_000_000n;
/** What a reading takes. */
const READING_NS = 150n;

export const MAX_DRIFT_PPM = 50;

/** A clock that follows a server. Made once: it is read some hundred thousand times. */
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
  /** Seconds from one update to the next, as chronyd tells it. */
  updateInterval = 64;
  /** Whether chronyd serves the clock as it is. */
  local = false;
  #true: bigint;
  #monotonic = 5n * SECOND;
  #wall: bigint;
  #marker = 7n;
  #interruption: { readings: number; readonly happen: () => void } | null = null;
  /** What chronyd measured last: true time less wall clock then; null while it is not synchronised. */
  #measured: {
    readonly error: bigint;
    readonly monotonic: bigint;
    readonly wall: bigint;
    /** How far chronyd's estimate of the error is off, in ns; null until it has told it. */
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

  /** The monotonic clock, without the time that a reading takes. */
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

  /** So much passes by the monotonic clock. */
  pass(ns: bigint): void {
    this.#monotonic += ns;
    this.#true += ns + share(ns, this.drift);
    this.#wall += ns + share(ns, this.slew);
  }

  /** Lets something happen when a clock has been read so many times more. */
  interrupt(readings: number, happen: () => void): void {
    this.#interruption = { readings, happen };
  }

  /** Somebody sets the wall clock. */
  step(ns: bigint): void {
    this.#wall += ns;
  }

  /** The machine sleeps: the wall clock is set afterwards, by a clock that is off by some part of it. */
  suspend(ns: bigint, off: bigint): void {
    this.#true += ns;
    this.#wall += ns + off;
  }

  /** The virtual machine is paused, which its clocks do not see, and its host tells. */
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

  /** POSIX time counts a second twice, or leaves one out. */
  leap(seconds: 1 | -1): void {
    this.#true -= BigInt(seconds) * SECOND;
  }

  /** chronyd gets a measurement. */
  measure(): void {
    this.#measured = {
      error: this.#true - this.#wall,
      monotonic: this.#monotonic,
      wall: this.#wall,
      noise: null,
    };
  }

  /** chronyd loses what it knows. */
  restart(): void {
    this.#measured = null;
  }

  /**
   * What chronyd tells now: as sharp a bound as it may.
   *
   * @param newNoise - how far its estimate of the error is off, in ns, if it has a new one
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
      // two nanoseconds for what doubles and divisions cut off
      rootDispersion: (Math.abs(noise) + 2) / 1e9 + age * (this.#maxClockErrorPpm + this.slewPpm) * 1e-6,
      skew: 0,
      residualFreq: 0,
      rootDelay: 0,
      refTime: Number(measured.wall + measured.error) / 1e9,
      updateInterval: this.updateInterval,
    };
    return tracking(status);
  }

  /** chronyd's last measurement, as it reports it with the source: what its estimate is off by. */
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
