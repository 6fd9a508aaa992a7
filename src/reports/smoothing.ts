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
 * How far the time that chronyd serves is from its own while it smooths a correction: the report `smoothing`.
 */
export class Smoothing {
  /** True if smoothing has begun. Field `flags`. */
  readonly active: boolean;
  /** True if only leap seconds are smoothed. Field `flags`. */
  readonly leapOnly: boolean;
  /**
   * What is added to the served time, in seconds: positive if clients get a time that is ahead of true time.
   * Field `offset`.
   */
  readonly offset: number;
  /**
   * Frequency offset of the served time, in ppm: negative if it runs slower than true time. Field `frequency
   * offset`.
   */
  readonly frequency: number;
  /**
   * How that frequency changes, in ppm per second: negative if the served time is slowing down. Field
   * `wander`.
   */
  readonly wander: number;
  /** Seconds since the smoothing was last updated, zero or more. Field `last update ago`. */
  readonly lastUpdateAgo: number;
  /** Seconds until the offset is gone if there is no other update, zero or more. Field `remaining time`. */
  readonly remainingTime: number;

  /** @throws ChronyDataError naming the field and its value where one is out of range. */
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
