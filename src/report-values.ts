/** The reports by their names: what each is got as, and by which method. */

import { ChronyErr } from './chrony-err.ts';
import { ChronyDataError } from './errors.ts';
import type { CallOptions } from './options.ts';
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
} from './reports/index.ts';

/** What each report is got as. */
export interface ReportValues {
  readonly tracking: TrackingStatus;
  readonly sources: Source[];
  readonly sourcestats: SourceStats[];
  readonly selectdata: SelectData[];
  readonly activity: Activity;
  readonly authdata: AuthData[];
  readonly ntpdata: NtpData[];
  readonly serverstats: ServerStats;
  readonly rtcdata: RtcData | null;
  readonly smoothing: Smoothing | null;
}

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

/** @throws ChronyDataError for a name that is none. */
export function askFor<Name extends ReportName>(name: Name): Ask<Name> {
  if (!Object.hasOwn(methods, name)) {
    throw new ChronyDataError(
      `there is no report '${name}'; the reports are: ${Object.keys(methods).join(', ')}`,
      { errorCode: ChronyErr.UNKNOWN_REPORT },
    );
  }
  return (chrony, options) => {
    // the type of the union of all methods does not know which one it is
    const ask = chrony[methods[name]] as (options?: CallOptions) => Promise<ReportValues[Name]>;
    return ask.call(chrony, options);
  };
}
