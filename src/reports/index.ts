/** The ten reports: their classes and enumerations, and how the C library's records become them. */
import { Activity } from './activity.ts';
import { AuthData } from './authdata.ts';
import { NtpData } from './ntpdata.ts';
import { type DataOf, decoder, type ReportDecoder, type ReportRecord } from './record.ts';
import { RtcData } from './rtcdata.ts';
import { SelectData } from './selectdata.ts';
import { ServerStats } from './serverstats.ts';
import { Smoothing } from './smoothing.ts';
import { Source } from './sources.ts';
import { SourceStats } from './sourcestats.ts';
import { type MaxErrorOptions, TrackingStatus } from './tracking.ts';

export * from './enums.ts';
export type { NtpTests } from './ntpdata.ts';
export type { DataOf, ReportDecoder, ReportRecord } from './record.ts';
export {
  Activity,
  AuthData,
  type MaxErrorOptions,
  NtpData,
  RtcData,
  SelectData,
  ServerStats,
  Smoothing,
  Source,
  SourceStats,
  TrackingStatus,
};

/** The name of a report that has a class. */
export type ReportName =
  | 'tracking'
  | 'sources'
  | 'sourcestats'
  | 'selectdata'
  | 'activity'
  | 'authdata'
  | 'ntpdata'
  | 'serverstats'
  | 'rtcdata'
  | 'smoothing';

/** Which source a record of `authdata` is of, it does not say. */
const authdata: ReportDecoder<AuthData, [address: string]> = {
  report: 'authdata',
  decode(record: ReportRecord, address: string): AuthData {
    record.askedAbout = address;
    return new AuthData(record as unknown as DataOf<AuthData>);
  },
};

/** The decoder of every report that has a class, by the report's name, in the C library's order. */
export const decoders = {
  tracking: decoder('tracking', TrackingStatus),
  sources: decoder('sources', Source),
  sourcestats: decoder('sourcestats', SourceStats),
  selectdata: decoder('selectdata', SelectData),
  activity: decoder('activity', Activity),
  authdata,
  ntpdata: decoder('ntpdata', NtpData),
  serverstats: decoder('serverstats', ServerStats),
  rtcdata: decoder('rtcdata', RtcData),
  smoothing: decoder('smoothing', Smoothing),
} as const satisfies Readonly<Record<ReportName, unknown>>;
