import * as check from './check.ts';
import { LeapStatus } from './enums.ts';
import type { DataOf, ReportDecoder, ReportRecord } from './record.ts';
import { referenceIdText } from './reference-id.ts';

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
   * What is still to be corrected, in seconds: positive if the system clock is slow of true time. Field
   * `current correction`.
   */
  readonly offset: number;
  /**
   * The offset estimated at the last clock update, in seconds, same sign as chronyd's report. Field `last
   * offset`.
   */
  readonly lastOffset: number;
  /** Long-term average of the offset, in seconds, zero or more. Field `RMS offset`. */
  readonly rmsOffset: number;
  /**
   * The rate at which the uncorrected clock would gain, in ppm: positive if it runs fast. Field `frequency
   * offset`.
   */
  readonly frequency: number;
  /** How far the current source's frequency is from the one in use, in ppm. Field `residual frequency`. */
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
    this.referenceId = check.uint32('referenceId', data.referenceId);
    this.referenceIdName = data.referenceIdName;
    this.referenceIp = data.referenceIp;
    this.leapStatus = check.oneOf('leapStatus', data.leapStatus, LeapStatus);
    this.stratum = check.stratum('stratum', data.stratum);
    this.refTime = check.nonNegative('refTime', data.refTime);
    this.offset = check.finite('offset', data.offset);
    this.lastOffset = check.finite('lastOffset', data.lastOffset);
    this.rmsOffset = check.nonNegative('rmsOffset', data.rmsOffset);
    this.frequency = check.finite('frequency', data.frequency);
    this.residualFreq = check.finite('residualFreq', data.residualFreq);
    this.skew = check.nonNegative('skew', data.skew);
    this.rootDelay = check.nonNegative('rootDelay', data.rootDelay);
    this.rootDispersion = check.nonNegative('rootDispersion', data.rootDispersion);
    this.updateInterval = check.nonNegative('updateInterval', data.updateInterval);
    Object.freeze(this);
  }

  /**
   * True if the clock follows a source: a reference ID, a stratum below 16, and a leap status that is not
   * `not synchronized`.
   */
  isSynchronized(): boolean {
    return (
      this.referenceId !== 0 &&
      this.stratum < check.UNSYNCHRONISED_STRATUM &&
      this.leapStatus !== LeapStatus.UNSYNC
    );
  }

  /** True if a leap second will be inserted or deleted at the end of the day. */
  isLeapPending(): boolean {
    return this.leapStatus === LeapStatus.INSERT || this.leapStatus === LeapStatus.DELETE;
  }

  /**
   * How far the clock may be from true time at the moment of the reply, in seconds:
   * |{@link offset}| + {@link rootDispersion} + {@link rootDelay} / 2. Means nothing while not synchronised.
   */
  maxError(): number {
    return Math.abs(this.offset) + this.rootDispersion + this.rootDelay / 2;
  }
}

/** Makes {@link TrackingStatus} from the C library's record. */
export const tracking: ReportDecoder<TrackingStatus> = {
  report: 'tracking',
  decode(record: ReportRecord): TrackingStatus {
    const referenceId = record.number('reference ID');
    const referenceIp = record.address('address');
    return new TrackingStatus({
      referenceId,
      referenceIdName: referenceIp ?? referenceIdText(referenceId),
      referenceIp,
      stratum: record.number('stratum'),
      leapStatus: record.choice('leap status') as LeapStatus,
      refTime: record.time('reference time'),
      offset: record.number('current correction'),
      lastOffset: record.number('last offset'),
      rmsOffset: record.number('RMS offset'),
      frequency: record.number('frequency offset'),
      residualFreq: record.number('residual frequency'),
      skew: record.number('skew'),
      rootDelay: record.number('root delay'),
      rootDispersion: record.number('root dispersion'),
      updateInterval: record.number('last update interval'),
    });
  },
};
