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
 * The state of the system clock: the report `tracking`. It is about the clock itself, not about one of its sources.
 */
export class TrackingStatus {
  /**
   * The source that the clock follows, as 32 bits: an IPv4 address, a hash of an IPv6 address, or up to four ASCII
   * characters of a reference clock; 0 if there is none. Field `reference ID`.
   */
  readonly referenceId: number;
  /**
   * The source as text: its address if it has one, otherwise the reference ID as ASCII or as a dotted quad; empty if
   * there is no source.
   */
  readonly referenceIdName: string;
  /** The source's IP address; null for a reference clock, in local mode and without a source. Field `address`. */
  readonly referenceIp: string | null;
  /** Hops to a reference clock, 1 to 15; 0 or 16 while the clock is not synchronized. Field `stratum`. */
  readonly stratum: number;
  /** Says if a leap second is pending, or if the clock is not synchronized. Field `leap status`. */
  readonly leapStatus: LeapStatus;
  /** The time at which the last measurement was processed, in seconds since the epoch (UTC). Field `reference time`. */
  readonly refTime: number;
  /**
   * The remaining correction to be added to the system clock, in seconds: positive if the clock is behind true time.
   * The sign is the opposite of {@link lastOffset} and {@link Source.latestMeas}: see *Signs* in src/README.md. Field
   * `current correction`.
   */
  readonly offset: number;
  /**
   * The offset estimated at the last clock update, in seconds: positive if the system clock was ahead of its sources.
   * The sign is the opposite of {@link offset}. Field `last offset`.
   */
  readonly lastOffset: number;
  /** Long-term average of the offset, in seconds, zero or more. Field `RMS offset`. */
  readonly rmsOffset: number;
  /**
   * The rate at which the clock would gain time without correction, in ppm: positive if it runs fast. Field `frequency
   * offset`.
   */
  readonly frequency: number;
  /**
   * The difference between the frequency measured with the current source and the frequency in use, in ppm: positive if
   * the system clock gains on the source. Field `residual frequency`.
   */
  readonly residualFreq: number;
  /** Error bound of the frequency, in ppm, zero or more. Field `skew`. */
  readonly skew: number;
  /** Round-trip delay to the reference clock, in seconds, zero or more. Field `root delay`. */
  readonly rootDelay: number;
  /**
   * Dispersion accumulated from the reference clock to this computer, in seconds, zero or more. It includes the growth
   * until the time of the reply. Field `root dispersion`.
   */
  readonly rootDispersion: number;
  /** Time between the last two clock updates, in seconds, zero or more. Field `last update interval`. */
  readonly updateInterval: number;

  /** @throws ChronyDataError if a value is invalid; the message names the property and the value */
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
   * True if the clock follows a source: there is a reference ID, the stratum is below 16, and the leap status is not
   * `not synchronized`. Also true in local mode, in which the clock follows only itself: see {@link isLocal}.
   */
  isSynchronized(): boolean {
    return (
      this.referenceId !== 0 && this.stratum < UNSYNCHRONIZED_STRATUM && this.leapStatus !== LeapStatus.UNSYNC
    );
  }

  /**
   * True in local mode (`local` in chrony.conf): chronyd has no source, and assumes that its own clock is correct. It
   * then reports the reference ID 127.127.1.1 and an error near zero.
   */
  isLocal(): boolean {
    return this.referenceId === LOCAL_REFERENCE_ID && this.referenceIp === null;
  }

  /** True if a leap second will be inserted or deleted at the end of the day. */
  isLeapPending(): boolean {
    return this.leapStatus === LeapStatus.INSERT || this.leapStatus === LeapStatus.DELETE;
  }

  /**
   * The maximum error of the clock at the time of the reply, in seconds, zero or more. Meaningless if the clock is not
   * synchronized.
   *
   * Without options, this is the error according to chronyd: |{@link offset}| + {@link rootDispersion} +
   * {@link rootDelay} / 2. With chronyd's default configuration, that is too small. For the time since the last
   * measurement, it only includes the error of the measured frequency and a drift of 1 ppm (`maxclockerror`), but the
   * clock of a computer may drift faster. `maxDriftPpm` adds the missing part: the time since {@link refTime} ×
   * (`maxDriftPpm` − `maxClockErrorPpm`).
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

/** The options of `TrackingStatus.maxError()`, for the drift that chronyd's own error does not include. */
export interface MaxErrorOptions {
  /** The maximum drift of the clock from the frequency that chronyd has set, in ppm, zero or more. Default 0. */
  readonly maxDriftPpm?: number | undefined;
  /**
   * The drift that {@link TrackingStatus.rootDispersion} already includes, in ppm, zero or more: `maxclockerror` in
   * chronyd's configuration. Default 0. If the value is not known, use the default: the result is then larger.
   */
  readonly maxClockErrorPpm?: number | undefined;
  /**
   * The time at which chronyd made the report, in seconds since the epoch, by the clock that the report describes.
   * Default: the current time of this machine's clock.
   */
  readonly time?: number | undefined;
}

/** The drift since the last measurement that the root dispersion does not include, in seconds. */
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

/** True if the clock is synchronized to a source, and not in local mode. */
export function followsSource(tracking: TrackingStatus): boolean {
  return tracking.isSynchronized() && !tracking.isLocal();
}
