import { Count, type DataOf, fieldTable, recordOf } from './record.ts';

/** The fields behind the properties of {@link Activity}. */
export const fields = fieldTable({
  online: new Count('online sources'),
  offline: new Count('offline sources'),
  burstOnline: new Count('burst online-return sources'),
  burstOffline: new Count('burst offline-return sources'),
  unresolved: new Count('unresolved sources'),
});

/** The numbers of NTP sources that are and are not polled: the report `activity`. Reference clocks are not counted. */
export class Activity {
  /** Sources that are polled. Field `online sources`. */
  readonly online: number;
  /** Sources that are not polled. Field `offline sources`. */
  readonly offline: number;
  /** Sources in a burst of polls that will be online afterwards. Field `burst online-return sources`. */
  readonly burstOnline: number;
  /** Sources in a burst of polls that will be offline afterwards. Field `burst offline-return sources`. */
  readonly burstOffline: number;
  /** Sources whose host name is not resolved to an address. Field `unresolved sources`. */
  readonly unresolved: number;

  /** @throws ChronyDataError if a value is invalid; the message names the property and the value */
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
