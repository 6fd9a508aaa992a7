/** The ten reports: their classes and enumerations, and how the C library's records become them. */
import { Activity } from './activity.ts';
import { AuthData } from './authdata.ts';
import { NtpData } from './ntpdata.ts';
import type { DataOf, ReportDecoder, ReportRecord } from './record.ts';
import { RtcData } from './rtcdata.ts';
import { SelectData } from './selectdata.ts';
import { ServerStats } from './serverstats.ts';
import { Smoothing } from './smoothing.ts';
import { Source } from './sources.ts';
import { SourceStats } from './sourcestats.ts';
import { TrackingStatus } from './tracking.ts';

export * from './enums.ts';
export type { NtpTests } from './ntpdata.ts';
export type { DataOf, ReportDecoder, ReportRecord } from './record.ts';
export {
  Activity,
  AuthData,
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

/** The constructors take records, too, of which their public types know nothing. */
function decoder<T>(report: ReportName, make: (data: DataOf<T>) => T): ReportDecoder<T> {
  return { report, decode: (record) => make(record as unknown as DataOf<T>) };
}

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
  tracking: decoder<TrackingStatus>('tracking', (data) => new TrackingStatus(data)),
  sources: decoder<Source>('sources', (data) => new Source(data)),
  sourcestats: decoder<SourceStats>('sourcestats', (data) => new SourceStats(data)),
  selectdata: decoder<SelectData>('selectdata', (data) => new SelectData(data)),
  activity: decoder<Activity>('activity', (data) => new Activity(data)),
  authdata,
  ntpdata: decoder<NtpData>('ntpdata', (data) => new NtpData(data)),
  serverstats: decoder<ServerStats>('serverstats', (data) => new ServerStats(data)),
  rtcdata: decoder<RtcData>('rtcdata', (data) => new RtcData(data)),
  smoothing: decoder<Smoothing>('smoothing', (data) => new Smoothing(data)),
} as const satisfies Readonly<Record<ReportName, unknown>>;
