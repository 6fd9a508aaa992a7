import * as check from './check.ts';
import type { DataOf, ReportDecoder, ReportRecord } from './record.ts';

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
    this.online = check.count('online', data.online);
    this.offline = check.count('offline', data.offline);
    this.burstOnline = check.count('burstOnline', data.burstOnline);
    this.burstOffline = check.count('burstOffline', data.burstOffline);
    this.unresolved = check.count('unresolved', data.unresolved);
    Object.freeze(this);
  }
}

/** Makes {@link Activity} from the C library's record. */
export const activity: ReportDecoder<Activity> = {
  report: 'activity',
  decode(record: ReportRecord): Activity {
    return new Activity({
      online: record.number('online sources'),
      offline: record.number('offline sources'),
      burstOnline: record.number('burst online-return sources'),
      burstOffline: record.number('burst offline-return sources'),
      unresolved: record.number('unresolved sources'),
    });
  },
};
