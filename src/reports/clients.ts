import {
  Count,
  CountUnlessNone,
  type DataOf,
  fieldTable,
  IntervalIfKnown,
  KnownAddress,
  recordOf,
} from './record.ts';

/** The fields behind the properties of {@link ClientAccess}. */
export const fields = fieldTable({
  address: new KnownAddress('address'),
  ntpHits: new Count('NTP hits'),
  ntpDrops: new Count('NTP drops'),
  ntpInterval: new IntervalIfKnown('NTP interval'),
  ntpTimeoutInterval: new IntervalIfKnown('NTP timeout interval'),
  lastNtpHitAgo: new CountUnlessNone('last NTP hit ago'),
  ntsKeHits: new Count('NTS-KE hits'),
  ntsKeDrops: new Count('NTS-KE drops'),
  ntsKeInterval: new IntervalIfKnown('NTS-KE interval'),
  lastNtsKeHitAgo: new CountUnlessNone('last NTS-KE hit ago'),
  commandHits: new Count('command hits'),
  commandDrops: new Count('command drops'),
  commandInterval: new IntervalIfKnown('command interval'),
  lastCommandHitAgo: new CountUnlessNone('last command hit ago'),
});

/**
 * A client of this chronyd, with the numbers of its requests: one entry of the report `clients`. chronyd drops old
 * clients when its memory for them (`clientloglimit`) is full, and records none with `noclientlog`.
 */
export class ClientAccess {
  /** IP address of the client. Field `address`. */
  readonly address: string;
  /** NTP requests received from it, including dropped ones. Field `NTP hits`. */
  readonly ntpHits: number;
  /** NTP requests dropped because of `ratelimit`. Field `NTP drops`. */
  readonly ntpDrops: number;
  /**
   * Mean interval between its NTP requests, as the binary logarithm of seconds, −128 to 126: 6 is 64 s, −2 a quarter of
   * a second; null if not known. Field `NTP interval`.
   */
  readonly ntpInterval: number | null;
  /**
   * {@link ntpInterval} after chronyd began to drop requests of this client to limit its rate, −128 to 126; null if not
   * known. Field `NTP timeout interval`.
   */
  readonly ntpTimeoutInterval: number | null;
  /** Seconds since its last NTP request, zero or more; null if there was none. Field `last NTP hit ago`. */
  readonly lastNtpHitAgo: number | null;
  /** NTS-KE connections accepted from it, including dropped ones. Field `NTS-KE hits`. */
  readonly ntsKeHits: number;
  /** NTS-KE connections dropped because of `ntsratelimit`. Field `NTS-KE drops`. */
  readonly ntsKeDrops: number;
  /** Mean interval between its NTS-KE connections, in the unit of {@link ntpInterval}. Field `NTS-KE interval`. */
  readonly ntsKeInterval: number | null;
  /** Seconds since its last NTS-KE connection; null if there was none. Field `last NTS-KE hit ago`. */
  readonly lastNtsKeHitAgo: number | null;
  /** Control protocol requests received from it, including dropped ones. Field `command hits`. */
  readonly commandHits: number;
  /** Control protocol requests dropped because of `cmdratelimit`. Field `command drops`. */
  readonly commandDrops: number;
  /**
   * Mean interval between its control protocol requests, in the unit of {@link ntpInterval}. Field `command interval`.
   */
  readonly commandInterval: number | null;
  /** Seconds since its last control protocol request; null if there was none. Field `last command hit ago`. */
  readonly lastCommandHitAgo: number | null;

  /** @throws ChronyDataError if a value is invalid; the message names the property and the value */
  constructor(data: DataOf<ClientAccess>) {
    const record = recordOf(data, fields);
    this.address = fields.address.of(record);
    this.ntpHits = fields.ntpHits.of(record);
    this.ntpDrops = fields.ntpDrops.of(record);
    this.ntpInterval = fields.ntpInterval.of(record);
    this.ntpTimeoutInterval = fields.ntpTimeoutInterval.of(record);
    this.lastNtpHitAgo = fields.lastNtpHitAgo.of(record);
    this.ntsKeHits = fields.ntsKeHits.of(record);
    this.ntsKeDrops = fields.ntsKeDrops.of(record);
    this.ntsKeInterval = fields.ntsKeInterval.of(record);
    this.lastNtsKeHitAgo = fields.lastNtsKeHitAgo.of(record);
    this.commandHits = fields.commandHits.of(record);
    this.commandDrops = fields.commandDrops.of(record);
    this.commandInterval = fields.commandInterval.of(record);
    this.lastCommandHitAgo = fields.lastCommandHitAgo.of(record);
    Object.freeze(this);
  }
}
