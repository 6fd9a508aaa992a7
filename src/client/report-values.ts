/** The reports by name: the type of each, and the method that gets it. */

import type { ChronyError } from '../errors.ts';
import type {
  Activity,
  AuthData,
  NtpData,
  ReportName,
  RtcData,
  SelectData,
  ServerStats,
  Smoothing,
  Source,
  SourceStats,
  TrackingStatus,
} from '../reports/index.ts';
import { unknownReport } from '../sandbox/errors.ts';
import type { CallOptions } from './options.ts';

/** The type of each report's value. */
export interface ReportValues {
  /** The state of the system clock, as chronyd estimates it from all sources. */
  readonly tracking: TrackingStatus;
  /** The time sources, in the order of their index. */
  readonly sources: Source[];
  /** The statistics behind each source's estimate, in the same order. */
  readonly sourcestats: SourceStats[];
  /** Why each source is selected or not. */
  readonly selectdata: SelectData[];
  /** The number of sources that are online and offline. */
  readonly activity: Activity;
  /** How each NTP source is authenticated. */
  readonly authdata: AuthData[];
  /** The last exchange with each NTP source. */
  readonly ntpdata: NtpData[];
  /** The statistics of chronyd as a server. */
  readonly serverstats: ServerStats;
  /** The real-time clock; null if chronyd does not track one. */
  readonly rtcdata: RtcData | null;
  /** The smoothing of served time; null if it is not enabled. */
  readonly smoothing: Smoothing | null;
}

/** The value of one report, or the error in its place. */
export type ReportOutcome<T> =
  | {
      /** The report. */
      readonly value: T;
      /** Null: chronyd gave the report. */
      readonly error: null;
    }
  | {
      /** Null: the request failed. */
      readonly value: null;
      /** Why there is no report. */
      readonly error: ChronyError;
    };

/** The result of {@link ChronyConnection.getReports}: the outcome of each report, by name. */
export type ReportOutcomes<Name extends ReportName = ReportName> = {
  readonly [N in Name]: ReportOutcome<ReportValues[N]>;
};

/** The method that gets each report. */
const methods = {
  tracking: 'getTracking',
  sources: 'getSources',
  sourcestats: 'getSourceStats',
  selectdata: 'getSelectData',
  activity: 'getActivity',
  authdata: 'getAuthData',
  ntpdata: 'getNtpData',
  serverstats: 'getServerStats',
  rtcdata: 'getRtcData',
  smoothing: 'getSmoothing',
} as const satisfies Record<ReportName, string>;

/** The reports with a record for each source. Reports that are requested by address come last. */
export const PER_SOURCE = ['sources', 'sourcestats', 'selectdata', 'authdata', 'ntpdata'] as const;
export type PerSource = (typeof PER_SOURCE)[number];

export function isPerSource(name: ReportName): name is PerSource {
  return PER_SOURCE.some((each) => each === name);
}

/** The names of all ten reports. */
export const REPORTS = Object.keys(methods) as readonly ReportName[];

/** An object with a method for each report, such as a connection. */
export type Askable = {
  readonly [Name in ReportName as (typeof methods)[Name]]: (
    options?: CallOptions,
  ) => Promise<ReportValues[Name]>;
};

/** Gets one report with the method of the given object. */
export type Ask<Name extends ReportName> = (
  chrony: Askable,
  options?: CallOptions,
) => Promise<ReportValues[Name]>;

/** @throws ChronyDataError for an unknown name. */
export function askFor<Name extends ReportName>(name: Name): Ask<Name> {
  if (!Object.hasOwn(methods, name)) throw unknownReport(name, REPORTS);
  return (chrony, options) => {
    // TypeScript cannot tell which method of the union this is
    const ask = chrony[methods[name]] as (options?: CallOptions) => Promise<ReportValues[Name]>;
    return ask.call(chrony, options);
  };
}
