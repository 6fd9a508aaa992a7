import * as check from './check.ts';
import type { DataOf, ReportDecoder, ReportRecord } from './record.ts';

/** How the hardware clock (RTC) runs against the system clock: the report `rtcdata`. */
export class RtcData {
  /** What the RTC read at its last measurement, in seconds since the epoch. Field `reference time`. */
  readonly refTime: number;
  /** Number of measurements that the estimate rests on. Field `samples`. */
  readonly samples: number;
  /**
   * Number of runs of residuals with the same sign: few of them for the samples means a poor fit. Field
   * `runs`.
   */
  readonly runs: number;
  /** Seconds between the oldest and the newest measurement. Field `span`. */
  readonly span: number;
  /** Estimated offset in seconds: positive if the RTC is fast. Field `offset`. */
  readonly offset: number;
  /** Estimated rate in ppm: positive if the RTC gains time. Field `frequency offset`. */
  readonly freqOffset: number;

  /** @throws ChronyDataError naming the field and its value where one is out of range. */
  constructor(data: DataOf<RtcData>) {
    this.refTime = check.nonNegative('refTime', data.refTime);
    this.samples = check.count('samples', data.samples);
    this.runs = check.count('runs', data.runs);
    this.span = check.count('span', data.span);
    this.offset = check.finite('offset', data.offset);
    this.freqOffset = check.finite('freqOffset', data.freqOffset);
    Object.freeze(this);
  }

  /** True if there is a measurement, so that the estimate means something. */
  isCalibrated(): boolean {
    return this.samples > 0;
  }
}

/** Makes {@link RtcData} from the C library's record. */
export const rtcdata: ReportDecoder<RtcData> = {
  report: 'rtcdata',
  decode(record: ReportRecord): RtcData {
    return new RtcData({
      refTime: record.time('reference time'),
      samples: record.number('samples'),
      runs: record.number('runs'),
      span: record.number('span'),
      offset: record.number('offset'),
      freqOffset: record.number('frequency offset'),
    });
  },
};
