/** The ten reports: their classes and enumerations, and how the C library's records become them. */
import { activity } from './activity.ts';
import { authdata } from './authdata.ts';
import { ntpdata } from './ntpdata.ts';
import { rtcdata } from './rtcdata.ts';
import { selectdata } from './selectdata.ts';
import { serverstats } from './serverstats.ts';
import { smoothing } from './smoothing.ts';
import { sources } from './sources.ts';
import { sourcestats } from './sourcestats.ts';
import { tracking } from './tracking.ts';

export { Activity } from './activity.ts';
export { AuthData } from './authdata.ts';
export * from './enums.ts';
export { NtpData, type NtpTests } from './ntpdata.ts';
export type { DataOf, ReportDecoder, ReportRecord } from './record.ts';
export { RtcData } from './rtcdata.ts';
export { SelectData } from './selectdata.ts';
export { ServerStats } from './serverstats.ts';
export { Smoothing } from './smoothing.ts';
export { Source } from './sources.ts';
export { SourceStats } from './sourcestats.ts';
export { TrackingStatus } from './tracking.ts';

/** The decoder of every report that has a class, by the report's name, in the C library's order. */
export const decoders = {
  tracking,
  sources,
  sourcestats,
  selectdata,
  activity,
  authdata,
  ntpdata,
  serverstats,
  rtcdata,
  smoothing,
} as const;

/** The name of a report that has a class. */
export type ReportName = keyof typeof decoders;
