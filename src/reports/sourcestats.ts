import {
  Count,
  type DataOf,
  DisplayAddress,
  Finite,
  fieldTable,
  NonNegative,
  recordOf,
  Uint32,
} from './record.ts';

/** The fields behind the properties of {@link SourceStats}. */
export const fields = fieldTable({
  referenceId: new Uint32('reference ID'),
  address: new DisplayAddress(),
  samples: new Count('samples'),
  runs: new Count('runs'),
  span: new Count('span'),
  stdDev: new NonNegative('standard deviation'),
  residFreq: new Finite('residual frequency'),
  skew: new NonNegative('skew'),
  offset: new Finite('offset'),
  offsetErr: new NonNegative('offset error'),
});

/** chronyd's estimates from a source's samples: one record of the report `sourcestats`. */
export class SourceStats {
  /**
   * The source as 32 bits: an IPv4 address, a hash of an IPv6 address, or up to four ASCII characters of a
   * reference clock. Field `reference ID`.
   */
  readonly referenceId: number;
  /**
   * IP address, `ID#…` while its host name is not resolved, or a reference clock's name, as in {@link Source}.
   * Field `address`.
   */
  readonly address: string;
  /** Number of samples kept. Field `samples`. */
  readonly samples: number;
  /**
   * Number of runs of residuals with the same sign: a low number, relative to the samples, means a poor fit. Field
   * `runs`.
   */
  readonly runs: number;
  /** Seconds between the oldest and the newest sample. Field `span`. */
  readonly span: number;
  /** Estimated standard deviation of the samples, in seconds, zero or more. Field `standard deviation`. */
  readonly stdDev: number;
  /**
   * Estimated residual frequency, in ppm: positive if the system clock gains on the source. Field `residual
   * frequency`.
   */
  readonly residFreq: number;
  /** Error bound of the frequency, in ppm, zero or more. Field `skew`. */
  readonly skew: number;
  /** Estimated offset, in seconds: positive if the system clock is ahead of the source. Field `offset`. */
  readonly offset: number;
  /** Error bound of the offset, in seconds, zero or more. Field `offset error`. */
  readonly offsetErr: number;

  /** @throws ChronyDataError if a value is invalid; the message names the property and the value */
  constructor(data: DataOf<SourceStats>) {
    const record = recordOf(data, fields);
    this.referenceId = fields.referenceId.of(record);
    this.address = fields.address.of(record);
    this.samples = fields.samples.of(record);
    this.runs = fields.runs.of(record);
    this.span = fields.span.of(record);
    this.stdDev = fields.stdDev.of(record);
    this.residFreq = fields.residFreq.of(record);
    this.skew = fields.skew.of(record);
    this.offset = fields.offset.of(record);
    this.offsetErr = fields.offsetErr.of(record);
    Object.freeze(this);
  }

  /** True if there are at least `minimum` samples, so that the estimates can be trusted. */
  hasSufficientSamples(minimum = 4): boolean {
    return this.samples >= minimum;
  }
}
