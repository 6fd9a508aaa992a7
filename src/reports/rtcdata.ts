import { Count, type DataOf, Finite, fieldTable, NonNegative, recordOf } from './record.ts';

/** The fields behind the properties of {@link RtcData}. */
export const fields = fieldTable({
  refTime: new NonNegative('reference time'),
  samples: new Count('samples'),
  runs: new Count('runs'),
  span: new Count('span'),
  offset: new Finite('offset'),
  freqOffset: new Finite('frequency offset'),
});

/** The hardware clock (RTC), compared with the system clock: the report `rtcdata`. */
export class RtcData {
  /** The RTC's time at its last measurement, in seconds since the epoch. Field `reference time`. */
  readonly refTime: number;
  /** Number of measurements used for the estimate. Field `samples`. */
  readonly samples: number;
  /**
   * Number of runs of residuals with the same sign: a low number, relative to the samples, means a poor fit. Field
   * `runs`.
   */
  readonly runs: number;
  /** Seconds between the oldest and the newest measurement. Field `span`. */
  readonly span: number;
  /** Estimated offset in seconds: positive if the RTC is fast. Field `offset`. */
  readonly offset: number;
  /** Estimated rate in ppm: positive if the RTC gains time. Field `frequency offset`. */
  readonly freqOffset: number;

  /** @throws ChronyDataError if a value is invalid; the message names the property and the value */
  constructor(data: DataOf<RtcData>) {
    const record = recordOf(data, fields);
    this.refTime = fields.refTime.of(record);
    this.samples = fields.samples.of(record);
    this.runs = fields.runs.of(record);
    this.span = fields.span.of(record);
    this.offset = fields.offset.of(record);
    this.freqOffset = fields.freqOffset.of(record);
    Object.freeze(this);
  }

  /** True if there is at least one measurement; otherwise the estimate is meaningless. */
  isCalibrated(): boolean {
    return this.samples > 0;
  }
}
