import { Count, type DataOf, fieldTable, recordOf } from './record.ts';

/** The fields behind the properties of {@link Activity}. */
export const fields = fieldTable({
  online: new Count('online sources'),
  offline: new Count('offline sources'),
  burstOnline: new Count('burst online-return sources'),
  burstOffline: new Count('burst offline-return sources'),
  unresolved: new Count('unresolved sources'),
});

/** How many NTP sources are being polled: the report `activity`. Reference clocks do not count. */
export class Activity {
  /** Sources that are polled. Field `online sources`. */
  readonly online: number;
  /** Sources that are not polled. Field `offline sources`. */
  readonly offline: number;
  /** Sources in a burst of polls, after which they are online. Field `burst online-return sources`. */
  readonly burstOnline: number;
  /** Sources in a burst of polls, after which they are offline. Field `burst offline-return sources`. */
  readonly burstOffline: number;
  /** Sources whose name is not resolved to an address. Field `unresolved sources`. */
  readonly unresolved: number;

  /** @throws ChronyDataError naming the field and its value where one is out of range. */
  constructor(data: DataOf<Activity>) {
    const record = recordOf(data, fields);
    this.online = fields.online.of(record);
    this.offline = fields.offline.of(record);
    this.burstOnline = fields.burstOnline.of(record);
    this.burstOffline = fields.burstOffline.of(record);
    this.unresolved = fields.unresolved.of(record);
    Object.freeze(this);
  }
}
