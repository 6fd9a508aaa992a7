import * as check from './check.ts';
import { sourceAddress } from './read.ts';
import type { DataOf, ReportDecoder, ReportRecord } from './record.ts';

/** What chronyd has estimated from a source's samples: one record of the report `sourcestats`. */
export class SourceStats {
  /**
   * The source as 32 bits: an IPv4 address, a hash of an IPv6 one, or up to four ASCII characters of a
   * reference clock. Field `reference ID`.
   */
  readonly referenceId: number;
  /**
   * IP address, `ID#…` while its name is not resolved, or a reference clock's name, as in {@link Source}.
   * Field `address`.
   */
  readonly address: string;
  /** Number of samples kept. Field `samples`. */
  readonly samples: number;
  /**
   * Number of runs of residuals with the same sign: few of them for the samples means a poor fit. Field
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

  /** @throws ChronyDataError naming the field and its value where one is out of range. */
  constructor(data: DataOf<SourceStats>) {
    this.referenceId = check.uint32('referenceId', data.referenceId);
    this.address = data.address;
    this.samples = check.count('samples', data.samples);
    this.runs = check.count('runs', data.runs);
    this.span = check.count('span', data.span);
    this.stdDev = check.nonNegative('stdDev', data.stdDev);
    this.residFreq = check.finite('residFreq', data.residFreq);
    this.skew = check.nonNegative('skew', data.skew);
    this.offset = check.finite('offset', data.offset);
    this.offsetErr = check.nonNegative('offsetErr', data.offsetErr);
    Object.freeze(this);
  }

  /** True if there are at least `minimum` samples to trust the estimates by. */
  hasSufficientSamples(minimum = 4): boolean {
    return this.samples >= minimum;
  }
}

/** Makes {@link SourceStats} from the C library's record. */
export const sourcestats: ReportDecoder<SourceStats> = {
  report: 'sourcestats',
  decode(record: ReportRecord): SourceStats {
    return new SourceStats({
      referenceId: record.number('reference ID'),
      address: sourceAddress(record),
      samples: record.number('samples'),
      runs: record.number('runs'),
      span: record.number('span'),
      stdDev: record.number('standard deviation'),
      residFreq: record.number('residual frequency'),
      skew: record.number('skew'),
      offset: record.number('offset'),
      offsetErr: record.number('offset error'),
    });
  },
};
