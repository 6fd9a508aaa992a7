import { type DataOf, Finite, Flag, fieldTable, NonNegative, recordOf } from './record.ts';

/** The fields behind the properties of {@link Smoothing}. */
export const fields = fieldTable({
  active: new Flag('flags', 'active'),
  leapOnly: new Flag('flags', 'leaponly'),
  offset: new Finite('offset'),
  frequency: new Finite('frequency offset'),
  wander: new Finite('wander'),
  lastUpdateAgo: new NonNegative('last update ago'),
  remainingTime: new NonNegative('remaining time'),
});

/**
 * The difference between the time that chronyd serves and its own time, while it smooths a correction: the report
 * `smoothing`.
 */
export class Smoothing {
  /** True if smoothing has begun. Field `flags`. */
  readonly active: boolean;
  /** True if only leap seconds are smoothed. Field `flags`. */
  readonly leapOnly: boolean;
  /**
   * The offset that is added to the served time, in seconds: positive if the served time is ahead of true time. Field
   * `offset`.
   */
  readonly offset: number;
  /**
   * Frequency offset of the served time, in ppm: negative if it runs slower than true time. Field `frequency
   * offset`.
   */
  readonly frequency: number;
  /**
   * The change of {@link frequency}, in ppm per second: negative if the served time is slowing down. Field `wander`.
   */
  readonly wander: number;
  /** Seconds since the smoothing was last updated, zero or more. Field `last update ago`. */
  readonly lastUpdateAgo: number;
  /** Seconds until the offset is gone if there is no other update, zero or more. Field `remaining time`. */
  readonly remainingTime: number;

  /** @throws ChronyDataError if a value is invalid; the message names the property and the value */
  constructor(data: DataOf<Smoothing>) {
    const record = recordOf(data, fields);
    this.active = fields.active.of(record);
    this.leapOnly = fields.leapOnly.of(record);
    this.offset = fields.offset.of(record);
    this.frequency = fields.frequency.of(record);
    this.wander = fields.wander.of(record);
    this.lastUpdateAgo = fields.lastUpdateAgo.of(record);
    this.remainingTime = fields.remainingTime.of(record);
    Object.freeze(this);
  }
}
