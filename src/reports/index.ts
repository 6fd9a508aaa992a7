/**
 * The ten reports and the three extension reports: their classes and enumerations, and the decoders that create the
 * objects from the C library's records.
 */
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

/** The name of an extension report: a report that libchrony does not have. */
export type ExtensionReportName = 'sourcename' | 'clients' | 'manual list';

/** Creates a decoder for a report that is requested by address: its records do not contain the source's address. */
function decoderByAddress<T>(
  report: string,
  Class: new (data: DataOf<T>) => T,
): ReportDecoder<T, [address: string]> {
  return {
    report,
    decode(record, address) {
      record.requestedAddress = address;
      return new Class(record as unknown as DataOf<T>);
    },
  };
}

/** The decoders of the reports, in the C library's order. */
export const decoders = {
  tracking: decoder('tracking', TrackingStatus),
  sources: decoder('sources', Source),
  sourcestats: decoder('sourcestats', SourceStats),
  selectdata: decoder('selectdata', SelectData),
  activity: decoder('activity', Activity),
  authdata: decoderByAddress('authdata', AuthData),
  ntpdata: decoder('ntpdata', NtpData),
  serverstats: decoder('serverstats', ServerStats),
  rtcdata: decoder('rtcdata', RtcData),
  smoothing: decoder('smoothing', Smoothing),
} as const satisfies Readonly<Record<ReportName, unknown>>;

/** The decoders of the additional requests. A record of `clients` or `manual list` is one entry of the reply. */
export const extensionDecoders = {
  sourcename: decoderByAddress('sourcename', SourceName),
  clients: decoder('clients', ClientAccess),
  'manual list': decoder('manual list', ManualSample),
} as const satisfies Readonly<Record<ExtensionReportName, unknown>>;
