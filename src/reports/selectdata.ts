import { LeapStatus, SelectOption, SelectState } from './enums.ts';
import {
  Bool,
  CountUnlessNone,
  type DataOf,
  EachOf,
  Finite,
  fieldTable,
  NonNegative,
  OneOf,
  recordOf,
  SourceAddress,
  Uint32,
} from './record.ts';

/** The fields behind the properties of {@link SelectData}. */
export const fields = fieldTable({
  referenceId: new Uint32('reference ID'),
  address: new SourceAddress(),
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
