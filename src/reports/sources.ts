import { SourceMode, SourceState } from './enums.ts';
import {
  CountUnlessNone,
  type DataOf,
  Derived,
  DisplayAddress,
  Finite,
  fieldTable,
  Integer,
  NonNegative,
  OneOf,
  recordOf,
  Stratum,
} from './record.ts';

/** The fields behind the properties of {@link Source}. */
export const fields = fieldTable({
  address: new DisplayAddress(),
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
   * IP address, `ID#…` while its host name is not resolved, `[UNSPEC]` for an address of an unknown family, or a
   * reference clock's name. Field `address`, or `reference ID` for a reference clock.
   */
  readonly address: string;
  /**
   * Its name in chronyd's configuration, if names were requested from {@link ChronyConnection.getSources}. Null if not,
   * for a reference clock, and if chronyd does not report the name. Not in the record: see {@link SourceName}.
   */
  readonly name: string | null;
  /**
   * Polling interval as the binary logarithm of seconds: 6 is 64 s, −2 a quarter of a second. Field `poll`.
   */
  readonly poll: number;
  /**
   * The source's own stratum, 0 to 16: 0 for a reference clock, and before the first reply. Field `stratum`.
   */
  readonly stratum: number;
  /** The source's state, as determined by chronyd. Field `state`. */
  readonly state: SourceState;
  /** The kind of the source. Field `mode`. */
  readonly mode: SourceMode;
  /** 16 bits whose meaning chronyd no longer documents; 0 from current versions. Field `flags`. */
  readonly flags: number;
  /**
   * The last eight polls as bits, with the latest poll as the lowest bit: 1 if a valid reply was received. 0 to 255.
   * Field `reachability`.
   */
  readonly reachability: number;
  /** Seconds since the last good sample, or null if there was none. Field `last sample ago`. */
  readonly lastSampleAgo: number | null;
  /**
   * Offset of the last sample as measured, in seconds: positive if the system clock is ahead of the source. The sign is
   * the opposite of {@link TrackingStatus.offset}. Field `original last sample offset`.
   */
  readonly origLatestMeas: number;
  /**
   * {@link origLatestMeas}, adjusted for the corrections of the system clock since then, in seconds: positive if the
   * clock is ahead of the source. See *Signs* in src/README.md. Field `adjusted last sample offset`.
   */
  readonly latestMeas: number;
  /** Error bound of the last sample, in seconds, zero or more. Field `last sample error`. */
  readonly latestMeasErr: number;

  /** @throws ChronyDataError if a value is invalid; the message names the property and the value */
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

  /** True if at least one of the last eight polls received a reply. */
  isReachable(): boolean {
    return this.reachability > 0;
  }

  /** True if the clock follows this source. */
  isSelected(): boolean {
    return this.state === SourceState.SELECTED;
  }
}
