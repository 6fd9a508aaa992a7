/** The reports by their names: what each gives, and which method gets it. */

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

/** What each report gives. */
export interface ReportValues {
  /** The clock that chronyd keeps, by its sources together. */
  readonly tracking: TrackingStatus;
  /** The sources of time, in the order of their index. */
  readonly sources: Source[];
  /** The statistics behind each source's estimate, in the same order. */
  readonly sourcestats: SourceStats[];
  /** Why each source is selected or not. */
  readonly selectdata: SelectData[];
  /** How many sources are online and offline. */
  readonly activity: Activity;
  /** How each NTP source is authenticated. */
  readonly authdata: AuthData[];
  /** The last exchange with each NTP source. */
  readonly ntpdata: NtpData[];
  /** What clients have asked this chronyd for, if it serves. */
  readonly serverstats: ServerStats;
  /** The real-time clock; null where chronyd tracks none. */
  readonly rtcdata: RtcData | null;
  /** How served time is smoothed; null where it is not. */
  readonly smoothing: Smoothing | null;
}

/** The value of one report, or the error in its place. */
export type ReportOutcome<T> =
  | {
      /** The report. */
      readonly value: T;
      /** Null, as chronyd gave it. */
      readonly error: null;
    }
  | {
      /** Null, as the request failed. */
      readonly value: null;
      /** Why there is no report. */
      readonly error: ChronyError;
    };

/** What {@link ChronyConnection.getReports} gives: the outcome of each report, by its name. */
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

/** All ten. */
export const REPORTS = Object.keys(methods) as readonly ReportName[];

/** Whatever has those methods. */
export type Askable = {
  readonly [Name in ReportName as (typeof methods)[Name]]: (
    options?: CallOptions,
  ) => Promise<ReportValues[Name]>;
};

/** Gets one report of whom it is given. */
export type Ask<Name extends ReportName> = (
  chrony: Askable,
  options?: CallOptions,
) => Promise<ReportValues[Name]>;

/** @throws ChronyDataError for an unknown name. */
export function askFor<Name extends ReportName>(name: Name): Ask<Name> {
  if (!Object.hasOwn(methods, name)) throw unknownReport(name, REPORTS);
  return (chrony, options) => {
    // the type of the union of all methods does not know which one it is
    const ask = chrony[methods[name]] as (options?: CallOptions) => Promise<ReportValues[Name]>;
    return ask.call(chrony, options);
  };
}
