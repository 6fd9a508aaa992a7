import * as check from './check.ts';
import type { DataOf, ReportDecoder, ReportRecord } from './record.ts';

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
    this.active = data.active;
    this.leapOnly = data.leapOnly;
    this.offset = check.finite('offset', data.offset);
    this.frequency = check.finite('frequency', data.frequency);
    this.wander = check.finite('wander', data.wander);
    this.lastUpdateAgo = check.nonNegative('lastUpdateAgo', data.lastUpdateAgo);
    this.remainingTime = check.nonNegative('remainingTime', data.remainingTime);
    Object.freeze(this);
  }
}

/** Makes {@link Smoothing} from the C library's record. */
export const smoothing: ReportDecoder<Smoothing> = {
  report: 'smoothing',
  decode(record: ReportRecord): Smoothing {
    const flags = record.flags('flags');
    return new Smoothing({
      active: flags.includes('active'),
      leapOnly: flags.includes('leaponly'),
      offset: record.number('offset'),
      frequency: record.number('frequency offset'),
      wander: record.number('wander'),
      lastUpdateAgo: record.number('last update ago'),
      remainingTime: record.number('remaining time'),
    });
  },
};
