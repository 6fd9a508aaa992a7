import { LeapStatus, SelectOption, SelectState } from './enums.ts';
import {
  Bool,
  CountUnlessNone,
  type DataOf,
  DisplayAddress,
  EachOf,
  Finite,
  fieldTable,
  NonNegative,
  OneOf,
  recordOf,
  Uint32,
} from './record.ts';

/** The fields behind the properties of {@link SelectData}. */
export const fields = fieldTable({
  referenceId: new Uint32('reference ID'),
  address: new DisplayAddress(),
  state: new OneOf('state', SelectState),
  authenticated: new Bool('authentication'),
  leapStatus: new OneOf('leap status', LeapStatus),
  configuredOptions: new EachOf('configured options', SelectOption),
  effectiveOptions: new EachOf('effective options', SelectOption),
  lastSampleAgo: new CountUnlessNone('last sample ago'),
  score: new NonNegative('score'),
  lowLimit: new Finite('low limit'),
  highLimit: new Finite('high limit'),
});

/** The result of the last selection for a source: one record of the report `selectdata`. */
export class SelectData {
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
  /** The reason why the source is or is not used. Field `state`. */
  readonly state: SelectState;
  /** True if authentication is required of the source. Field `authentication`. */
  readonly authenticated: boolean;
  /** The source's announcement of a leap second. Field `leap status`. */
  readonly leapStatus: LeapStatus;
  /** The options in the configuration. Field `configured options`. */
  readonly configuredOptions: readonly SelectOption[];
  /**
   * The options in effect: chronyd may add some, for example if only some of the sources are authenticated. Field
   * `effective options`.
   */
  readonly effectiveOptions: readonly SelectOption[];
  /**
   * Seconds from the last sample to the last selection, or null if there was no sample. chronyd also sends 0 for a
   * source that has not been in a selection yet. Field `last sample ago`.
   */
  readonly lastSampleAgo: number | null;
  /**
   * How much better this source is than the selected source, zero or more: at 10 it replaces the selected source. Field
   * `score`.
   */
  readonly score: number;
  /**
   * Lowest offset that the source's samples allow, in seconds: positive if the system clock is ahead. Field
   * `low limit`.
   */
  readonly lowLimit: number;
  /** Highest offset that the source's samples allow, in seconds, with the same sign. Field `high limit`. */
  readonly highLimit: number;

  /** @throws ChronyDataError if a value is invalid; the message names the property and the value */
  constructor(data: DataOf<SelectData>) {
    const record = recordOf(data, fields);
    this.referenceId = fields.referenceId.of(record);
    this.address = fields.address.of(record);
    this.state = fields.state.of(record);
    this.authenticated = fields.authenticated.of(record);
    this.leapStatus = fields.leapStatus.of(record);
    this.configuredOptions = fields.configuredOptions.of(record);
    this.effectiveOptions = fields.effectiveOptions.of(record);
    this.lastSampleAgo = fields.lastSampleAgo.of(record);
    this.score = fields.score.of(record);
    this.lowLimit = fields.lowLimit.of(record);
    this.highLimit = fields.highLimit.of(record);
    Object.freeze(this);
  }
}
