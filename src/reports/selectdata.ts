import * as check from './check.ts';
import { LeapStatus, SelectOption, SelectState } from './enums.ts';
import { boolean, numberUnlessNone, sourceAddress } from './read.ts';
import type { DataOf, ReportDecoder, ReportRecord } from './record.ts';

/** How a source fared in the last selection: one record of the report `selectdata`. */
export class SelectData {
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
  /** Why the source is or is not used. Field `state`. */
  readonly state: SelectState;
  /** True if authentication is required of the source. Field `authentication`. */
  readonly authenticated: boolean;
  /** What the source says about leap seconds. Field `leap status`. */
  readonly leapStatus: LeapStatus;
  /** The options in the configuration. Field `configured options`. */
  readonly configuredOptions: readonly SelectOption[];
  /**
   * The options in effect: chronyd adds some, for example when it mixes authenticated sources with others.
   * Field `effective options`.
   */
  readonly effectiveOptions: readonly SelectOption[];
  /**
   * Seconds since the last sample as of the last selection, or null if there was none; chronyd also sends 0
   * for a source that it has not yet considered. Field `last sample ago`.
   */
  readonly lastSampleAgo: number | null;
  /**
   * How much better than the selected source it has proved, zero or more: it takes its place at 10. Field
   * `score`.
   */
  readonly score: number;
  /**
   * Lowest offset that the source's samples allow, in seconds: positive if the system clock is ahead. Field
   * `low limit`.
   */
  readonly lowLimit: number;
  /** Highest offset that the source's samples allow, in seconds, same sign. Field `high limit`. */
  readonly highLimit: number;

  /** @throws ChronyDataError naming the field and its value where one is out of range. */
  constructor(data: DataOf<SelectData>) {
    this.referenceId = check.uint32('referenceId', data.referenceId);
    this.address = data.address;
    this.state = check.oneOf('state', data.state, SelectState);
    this.authenticated = data.authenticated;
    this.leapStatus = check.oneOf('leapStatus', data.leapStatus, LeapStatus);
    this.configuredOptions = check.eachOf('configuredOptions', data.configuredOptions, SelectOption);
    this.effectiveOptions = check.eachOf('effectiveOptions', data.effectiveOptions, SelectOption);
    this.lastSampleAgo = check.nullable(check.count, 'lastSampleAgo', data.lastSampleAgo);
    this.score = check.nonNegative('score', data.score);
    this.lowLimit = check.finite('lowLimit', data.lowLimit);
    this.highLimit = check.finite('highLimit', data.highLimit);
    Object.freeze(this);
  }
}

/** Makes {@link SelectData} from the C library's record. */
export const selectdata: ReportDecoder<SelectData> = {
  report: 'selectdata',
  decode(record: ReportRecord): SelectData {
    return new SelectData({
      referenceId: record.number('reference ID'),
      address: sourceAddress(record),
      state: record.choice('state') as SelectState,
      authenticated: boolean(record, 'authentication'),
      leapStatus: record.choice('leap status') as LeapStatus,
      configuredOptions: record.flags('configured options') as SelectOption[],
      effectiveOptions: record.flags('effective options') as SelectOption[],
      lastSampleAgo: numberUnlessNone(record, 'last sample ago'),
      score: record.number('score'),
      lowLimit: record.number('low limit'),
      highLimit: record.number('high limit'),
    });
  },
};
