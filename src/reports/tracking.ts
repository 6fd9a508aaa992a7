import { LeapStatus } from './enums.ts';
import {
  Address,
  type DataOf,
  Derived,
  Finite,
  fieldTable,
  NonNegative,
  OneOf,
  recordOf,
  Stratum,
  Uint32,
  UNSYNCHRONIZED_STRATUM,
} from './record.ts';
import { referenceIdText } from './source-name.ts';

/** The fields behind the properties of {@link TrackingStatus}. */
export const fields = fieldTable({
  referenceId: new Uint32('reference ID'),
  referenceIdName: new Derived<string>(),
  referenceIp: new Address('address'),
  leapStatus: new OneOf('leap status', LeapStatus),
  stratum: new Stratum('stratum'),
  refTime: new NonNegative('reference time'),
  offset: new Finite('current correction'),
  lastOffset: new Finite('last offset'),
  rmsOffset: new NonNegative('RMS offset'),
  frequency: new Finite('frequency offset'),
  residualFreq: new Finite('residual frequency'),
  skew: new NonNegative('skew'),
  rootDelay: new NonNegative('root delay'),
  rootDispersion: new NonNegative('root dispersion'),
  updateInterval: new NonNegative('last update interval'),
});

/** 127.127.1.1 */
const LOCAL_REFERENCE_ID = 0x7f7f0101;

/**
 * How the system clock stands: the report `tracking`, which chronyd keeps for the clock itself rather than
 * for one of its sources.
 */
export class TrackingStatus {
  /**
   * The source it follows, as 32 bits: an IPv4 address, a hash of an IPv6 one, or up to four ASCII characters
   * of a reference clock; 0 if none. Field `reference ID`.
   */
  readonly referenceId: number;
  /**
   * The source in words: its address where it has one, else the reference ID as ASCII, else as a dotted quad;
   * empty if there is none.
   */
  readonly referenceIdName: string;
  /** The source's IP address, or null for a reference clock, local mode and no source. Field `address`. */
  readonly referenceIp: string | null;
  /** Hops to a reference clock, 1 to 15; 0 or 16 while the clock is not synchronised. Field `stratum`. */
  readonly stratum: number;
  /** Leap second pending, or not synchronised. Field `leap status`. */
  readonly leapStatus: LeapStatus;
  /** When the last measurement was processed, in seconds since the epoch (UTC). Field `reference time`. */
  readonly refTime: number;
  /**
   * The correction that is still to be added to the system clock, in seconds: positive if the clock is slow of true time.
   * The opposite sign of {@link lastOffset} and {@link Source.latestMeas}: see *Signs* in src/README.md. Field `current
   * correction`.
   */
  readonly offset: number;
  /**
   * The offset estimated at the last clock update, in seconds: positive if the system clock was ahead of its sources, the
   * opposite sign of {@link offset}. Field `last offset`.
   */
  readonly lastOffset: number;
  /** Long-term average of the offset, in seconds, zero or more. Field `RMS offset`. */
  readonly rmsOffset: number;
  /**
   * The rate at which the uncorrected clock would gain, in ppm: positive if it runs fast. Field `frequency
   * offset`.
   */
  readonly frequency: number;
  /**
   * How far the current source's frequency is from the one in use, in ppm: positive if the system clock gains on the source.
   * Field `residual frequency`.
   */
  readonly residualFreq: number;
  /** Error bound of the frequency, in ppm, zero or more. Field `skew`. */
  readonly skew: number;
  /** Round-trip delay to the reference clock, in seconds, zero or more. Field `root delay`. */
  readonly rootDelay: number;
  /**
   * Dispersion accumulated from the reference clock to here, in seconds, zero or more; grown to the moment of
   * the reply. Field `root dispersion`.
   */
  readonly rootDispersion: number;
  /** Time between the last two clock updates, in seconds, zero or more. Field `last update interval`. */
  readonly updateInterval: number;

  /** @throws ChronyDataError naming the field and its value where one is out of range. */
  constructor(data: DataOf<TrackingStatus>) {
    const record = recordOf(data, fields);
    const referenceIp = fields.referenceIp.of(record);
    this.referenceId = fields.referenceId.of(record);
    this.referenceIdName = fields.referenceIdName.of(
      record,
      referenceIp ?? referenceIdText(this.referenceId),
    );
    this.referenceIp = referenceIp;
    this.leapStatus = fields.leapStatus.of(record);
    this.stratum = fields.stratum.of(record);
    this.refTime = fields.refTime.of(record);
    this.offset = fields.offset.of(record);
    this.lastOffset = fields.lastOffset.of(record);
    this.rmsOffset = fields.rmsOffset.of(record);
    this.frequency = fields.frequency.of(record);
    this.residualFreq = fields.residualFreq.of(record);
    this.skew = fields.skew.of(record);
    this.rootDelay = fields.rootDelay.of(record);
    this.rootDispersion = fields.rootDispersion.of(record);
    this.updateInterval = fields.updateInterval.of(record);
    Object.freeze(this);
  }

  /**
   * True if the clock follows a source: a reference ID, a stratum below 16, and a leap status that is not
   * `not synchronized`. Also true in local mode, in which the clock follows only itself: see {@link isLocal}.
   */
  isSynchronized(): boolean {
    return (
      this.referenceId !== 0 && this.stratum < UNSYNCHRONIZED_STRATUM && this.leapStatus !== LeapStatus.UNSYNC
    );
  }

  /**
   * True in local mode (`local` in chrony.conf): chronyd has no source, and takes its own clock for right. It then reports
   * the reference ID 127.127.1.1 and an error near zero.
   */
  isLocal(): boolean {
    return this.referenceId === LOCAL_REFERENCE_ID && this.referenceIp === null;
  }

  /** True if a leap second will be inserted or deleted at the end of the day. */
  isLeapPending(): boolean {
    return this.leapStatus === LeapStatus.INSERT || this.leapStatus === LeapStatus.DELETE;
  }

  /**
   * How far the clock may be from true time at the moment of the reply, in seconds, zero or more. Means nothing while
   * not synchronised.
   *
   * Without options it is what chronyd reports: |{@link offset}| + {@link rootDispersion} + {@link rootDelay} / 2. That
   * is too little with chronyd's default configuration: since the last measurement it allows for a drift of the measured
   * frequency's error and 1 ppm (`maxclockerror`) only, and a computer's clock may drift faster. `maxDriftPpm` adds what
   * is missing: the time since {@link refTime} × (`maxDriftPpm` − `maxClockErrorPpm`).
   *
   * @throws TypeError, RangeError for options of the wrong type or range.
   *
   * @example
   * const status = await getTracking();
   * const seconds = status.maxError({ maxDriftPpm: 50 });
   */
  maxError(options: MaxErrorOptions = {}): number {
    return Math.abs(this.offset) + this.rootDispersion + this.rootDelay / 2 + driftError(this, options);
  }
}

/** What `TrackingStatus.maxError()` adds to the error that chronyd reports. */
export interface MaxErrorOptions {
  /** How fast the clock may drift from the frequency that chronyd has set, in ppm, zero or more. Default 0. */
  readonly maxDriftPpm?: number | undefined;
  /**
   * The drift that {@link TrackingStatus.rootDispersion} allows for already, in ppm, zero or more: `maxclockerror` of
   * chronyd's configuration. Default 0, which is right if it is not known: the result is larger then.
   */
  readonly maxClockErrorPpm?: number | undefined;
  /**
   * When chronyd made the report, in seconds since the epoch, by the clock that the report is about. Default: now, by the
   * clock of this machine.
   */
  readonly time?: number | undefined;
}

/** The drift since the last measurement that the root dispersion does not allow for, in seconds. */
function driftError({ refTime, offset }: TrackingStatus, options: MaxErrorOptions): number {
  const maxDriftPpm = atLeastZero('maxDriftPpm', options.maxDriftPpm ?? 0);
  const maxClockErrorPpm = atLeastZero('maxClockErrorPpm', options.maxClockErrorPpm ?? 0);
  const time = atLeastZero('time', options.time ?? Date.now() / 1000);
  const missingPpm = Math.max(0, maxDriftPpm - maxClockErrorPpm);
  return missingPpm * 1e-6 * Math.max(0, time + offset - refTime);
}

function atLeastZero(name: string, value: unknown): number {
  if (typeof value !== 'number') throw new TypeError(`${name} must be a number, not ${typeof value}`);
  if (value >= 0 && value < Number.POSITIVE_INFINITY) return value;
  throw new RangeError(`${name} must be a finite number of zero or more, not ${value}`);
}

/** True if the clock is synchronised to a source, and not in local mode. */
export function followsSource(tracking: TrackingStatus): boolean {
  return tracking.isSynchronized() && !tracking.isLocal();
}
