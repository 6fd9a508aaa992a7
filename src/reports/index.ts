/** The ten reports, and three questions more: their classes and enumerations, and how the C library's records become them. */
import { Activity } from './activity.ts';
import { AuthData } from './authdata.ts';
import { ClientAccess } from './clients.ts';
import { ManualSample } from './manual-list.ts';
import { NtpData } from './ntpdata.ts';
import { type DataOf, decoder, type ReportDecoder } from './record.ts';
import { RtcData } from './rtcdata.ts';
import { SelectData } from './selectdata.ts';
import { ServerStats } from './serverstats.ts';
import { Smoothing } from './smoothing.ts';
import { SourceName } from './source-name.ts';
import { Source } from './sources.ts';
import { SourceStats } from './sourcestats.ts';
import { type MaxErrorOptions, TrackingStatus } from './tracking.ts';

export * from './enums.ts';
export type { NtpTests } from './ntpdata.ts';
export type { DataOf, ReportDecoder, ReportRecord } from './record.ts';
export {
  Activity,
  AuthData,
  ClientAccess,
  ManualSample,
  type MaxErrorOptions,
  NtpData,
  RtcData,
  SelectData,
  ServerStats,
  Smoothing,
  Source,
  SourceName,
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

/** The name of a question that chronyd answers beyond the reports. */
export type QuestionName = 'sourcename' | 'clients' | 'manual list';

/** A decoder of records that do not say which source each is of. */
function addressed<T>(
  report: string,
  Class: new (data: DataOf<T>) => T,
): ReportDecoder<T, [address: string]> {
  return {
    report,
    decode(record, address) {
      record.askedAbout = address;
      return new Class(record as unknown as DataOf<T>);
    },
  };
}

/** The decoder of every report that has a class, by the report's name, in the C library's order. */
export const decoders = {
  tracking: decoder('tracking', TrackingStatus),
  sources: decoder('sources', Source),
  sourcestats: decoder('sourcestats', SourceStats),
  selectdata: decoder('selectdata', SelectData),
  activity: decoder('activity', Activity),
  authdata: addressed('authdata', AuthData),
  ntpdata: decoder('ntpdata', NtpData),
  serverstats: decoder('serverstats', ServerStats),
  rtcdata: decoder('rtcdata', RtcData),
  smoothing: decoder('smoothing', Smoothing),
} as const satisfies Readonly<Record<ReportName, unknown>>;

/** The same for the questions. A record of `clients` and `manual list` is one entry of the reply. */
export const questionDecoders = {
  sourcename: addressed('sourcename', SourceName),
  clients: decoder('clients', ClientAccess),
  'manual list': decoder('manual list', ManualSample),
} as const satisfies Readonly<Record<QuestionName, unknown>>;
