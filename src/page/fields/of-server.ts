/** The reports `activity`, `serverstats`, `rtcdata` and `smoothing`. */

import { fixed, signed } from '../../chronyc/number.ts';
import { yesNo } from '../../chronyc/words.ts';
import type { Activity } from '../../reports/activity.ts';
import type { DataOf } from '../../reports/record.ts';
import type { RtcData } from '../../reports/rtcdata.ts';
import type { ServerStats } from '../../reports/serverstats.ts';
import type { Smoothing } from '../../reports/smoothing.ts';
import { utc } from '../format/moment.ts';
import { duration, seconds, signedSeconds } from '../format/quantity.ts';
import { type Field, known } from './field.ts';

export function activityFields(activity: DataOf<Activity>): Field[] {
  return known([
    ['Sources online', activity.online],
    ['Sources offline', activity.offline],
    ['Doing burst (return to online)', activity.burstOnline],
    ['Doing burst (return to offline)', activity.burstOffline],
    ['With unknown address', activity.unresolved],
  ]);
}

export function serverFields(stats: DataOf<ServerStats>): Field[] {
  return known([
    ['NTP packets received', stats.ntpReceived],
    ['NTP packets dropped', stats.ntpDropped],
    ['Command packets received', stats.commandReceived],
    ['Command packets dropped', stats.commandDropped],
    ['Client log records dropped', stats.logDropped],
    ['NTS-KE connections accepted', stats.ntsKeAccepted],
    ['NTS-KE connections dropped', stats.ntsKeDropped],
    ['Authenticated NTP packets', stats.ntpAuthenticated],
    ['Interleaved NTP packets', stats.ntpInterleaved],
    ['NTP timestamps held', stats.timestampsHeld],
    ['NTP timestamp span', stats.timestampSpan],
    ['NTP daemon RX timestamps', stats.daemonRx],
    ['NTP daemon TX timestamps', stats.daemonTx],
    ['NTP kernel RX timestamps', stats.kernelRx],
    ['NTP kernel TX timestamps', stats.kernelTx],
    ['NTP hardware RX timestamps', stats.hardwareRx],
    ['NTP hardware TX timestamps', stats.hardwareTx],
  ]);
}

export function rtcFields(rtc: DataOf<RtcData>): Field[] {
  return [
    ['RTC ref time (UTC)', utc(rtc.refTime)],
    ['Number of samples', String(rtc.samples)],
    ['Number of runs', String(rtc.runs)],
    ['Sample span period', duration(rtc.span)],
    ['RTC is fast by', seconds(rtc.offset, 6)],
    ['RTC gains time at', `${fixed(rtc.freqOffset, 3)} ppm`],
  ];
}

export function smoothingFields(smoothing: DataOf<Smoothing>): Field[] {
  return [
    ['Active', `${yesNo(smoothing.active)}${smoothing.leapOnly ? ' (leap second only)' : ''}`],
    ['Offset', signedSeconds(smoothing.offset)],
    ['Frequency', `${signed(smoothing.frequency, 6)} ppm`],
    ['Wander', `${signed(smoothing.wander, 6)} ppm per second`],
    ['Last update', `${seconds(smoothing.lastUpdateAgo, 1)} ago`],
    ['Remaining time', seconds(smoothing.remainingTime, 1)],
  ];
}
