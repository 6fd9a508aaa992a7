import { SourceMode, SourceState } from './enums.ts';
import {
  CountUnlessNone,
  type DataOf,
  Derived,
  Finite,
  fieldTable,
  Integer,
  NonNegative,
  OneOf,
  recordOf,
  SourceAddress,
  Stratum,
} from './record.ts';

/** The fields behind the properties of {@link Source}. */
export const fields = fieldTable({
  address: new SourceAddress(),
  name: new Derived<string | null>(),
  poll: new Integer('poll', -0x8000, 0x7fff),
  stratum: new Stratum('stratum'),
  state: new OneOf('state', SourceState),
  mode: new OneOf('mode', SourceMode),
  flags: new Integer('flags', 0, 0xffff),
  reachability: new Integer('reachability', 0, 0xff),
  lastSampleAgo: new CountUnlessNone('last sample ago'),
  origLatestMeas: new Finite('original last sample offset'),
  latestMeas: new Finite('adjusted last sample offset'),
  latestMeasErr: new NonNegative('last sample error'),
});

/** A time source, its state and its last measurement: one record of the report `sources`. */
export class Source {
  /**
   * IP address, `ID#…` while its name is not resolved, `[UNSPEC]` for an address of an unknown family, or a
   * reference clock's name. Field `address`, or `reference ID` of a clock.
   */
  readonly address: string;
  /**
   * Its name in chronyd's configuration, where {@link ChronyConnection.getSources} is told to ask for names; null where it is
   * not, for a reference clock, and where chronyd does not tell. Not in the record: see {@link SourceName}.
   */
  readonly name: string | null;
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
   * Offset of the last sample as measured, in seconds: positive if the system clock is ahead of the source, the opposite
   * sign of {@link TrackingStatus.offset}. Field `original last sample offset`.
   */
  readonly origLatestMeas: number;
  /**
   * {@link origLatestMeas}, adjusted for the corrections of the system clock since, in seconds: positive if the clock is
   * ahead of the source. See *Signs* in src/README.md. Field `adjusted last sample offset`.
   */
  readonly latestMeas: number;
  /** Error bound of the last sample, in seconds, zero or more. Field `last sample error`. */
  readonly latestMeasErr: number;

  /** @throws ChronyDataError naming the field and its value where one is out of range. */
  constructor(data: DataOf<Source>) {
    const record = recordOf(data, fields);
    this.address = fields.address.of(record);
    this.name = fields.name.of(record, null);
    this.poll = fields.poll.of(record);
    this.stratum = fields.stratum.of(record);
    this.state = fields.state.of(record);
    this.mode = fields.mode.of(record);
    this.flags = fields.flags.of(record);
    this.reachability = fields.reachability.of(record);
    this.lastSampleAgo = fields.lastSampleAgo.of(record);
    this.origLatestMeas = fields.origLatestMeas.of(record);
    this.latestMeas = fields.latestMeas.of(record);
    this.latestMeasErr = fields.latestMeasErr.of(record);
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
