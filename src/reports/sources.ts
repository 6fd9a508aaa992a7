import * as check from './check.ts';
import { SourceMode, SourceState } from './enums.ts';
import { numberUnlessNone, sourceAddress } from './read.ts';
import type { DataOf, ReportDecoder, ReportRecord } from './record.ts';

/** A time source, its state and its last measurement: one record of the report `sources`. */
export class Source {
  /**
   * IP address, `ID#…` while its name is not resolved, or a reference clock's name. Field `address`, or
   * `reference ID` of a clock.
   */
  readonly address: string;
  /**
   * Polling interval as the binary logarithm of seconds: 6 is 64 s, −2 a quarter of a second. Field `poll`.
   */
  readonly poll: number;
  /**
   * The source's own stratum, 0 to 16: 0 for a reference clock and before the first answer. Field `stratum`.
   */
  readonly stratum: number;
  /** What chronyd makes of it. Field `state`. */
  readonly state: SourceState;
  /** What kind of source it is. Field `mode`. */
  readonly mode: SourceMode;
  /** 16 bits whose meaning chronyd no longer documents; 0 from current versions. Field `flags`. */
  readonly flags: number;
  /**
   * The last eight polls as bits, the latest one lowest, set where a valid answer came: 0 to 255. Field
   * `reachability`.
   */
  readonly reachability: number;
  /** Seconds since the last good sample, or null if there was none. Field `last sample ago`. */
  readonly lastSampleAgo: number | null;
  /**
   * Offset of the last sample as measured, in seconds: positive if the system clock is ahead of the source.
   * Field `original last sample offset`.
   */
  readonly origLatestMeas: number;
  /**
   * The same, adjusted for what the system clock has been corrected by since. Field `adjusted last sample
   * offset`.
   */
  readonly latestMeas: number;
  /** Error bound of the last sample, in seconds, zero or more. Field `last sample error`. */
  readonly latestMeasErr: number;

  /** @throws ChronyDataError naming the field and its value where one is out of range. */
  constructor(data: DataOf<Source>) {
    this.address = data.address;
    this.poll = check.integer('poll', data.poll, -0x8000, 0x7fff);
    this.stratum = check.stratum('stratum', data.stratum);
    this.state = check.oneOf('state', data.state, SourceState);
    this.mode = check.oneOf('mode', data.mode, SourceMode);
    this.flags = check.integer('flags', data.flags, 0, 0xffff);
    this.reachability = check.integer('reachability', data.reachability, 0, 0xff);
    this.lastSampleAgo = check.nullable(check.count, 'lastSampleAgo', data.lastSampleAgo);
    this.origLatestMeas = check.finite('origLatestMeas', data.origLatestMeas);
    this.latestMeas = check.finite('latestMeas', data.latestMeas);
    this.latestMeasErr = check.nonNegative('latestMeasErr', data.latestMeasErr);
    Object.freeze(this);
  }

  /** True if at least one of the last eight polls was answered. */
  isReachable(): boolean {
    return this.reachability > 0;
  }

  /** True if the clock follows this source. */
  isSelected(): boolean {
    return this.state === SourceState.SELECTED;
  }
}

/** Makes {@link Source} from the C library's record. */
export const sources: ReportDecoder<Source> = {
  report: 'sources',
  decode(record: ReportRecord): Source {
    return new Source({
      address: sourceAddress(record),
      poll: record.number('poll'),
      stratum: record.number('stratum'),
      state: record.choice('state') as SourceState,
      mode: record.choice('mode') as SourceMode,
      flags: record.number('flags'),
      reachability: record.number('reachability'),
      lastSampleAgo: numberUnlessNone(record, 'last sample ago'),
      origLatestMeas: record.number('original last sample offset'),
      latestMeas: record.number('adjusted last sample offset'),
      latestMeasErr: record.number('last sample error'),
    });
  },
};
