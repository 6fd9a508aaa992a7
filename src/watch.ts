/** A report again and again, for as long as someone listens. */
import { ChronyDataError, type ChronyError } from './errors.ts';
import { ChronyErr } from './library-errors.ts';
import { type CallOptions, checkSignal, MAX_TIMEOUT_MS, numberInRange } from './options.ts';
import { repeating } from './repeating.ts';
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

/** How to watch. */
export interface WatchOptions {
  /**
   * From one request to the next, in milliseconds. Default 1000. One that would come while another is under
   * way is left out.
   */
  readonly intervalMs?: number | undefined;
  /** Ends the watch: the iteration throws the signal's reason. */
  readonly signal?: AbortSignal | undefined;
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

/** What can be watched: whatever has those methods. */
export type Watchable = {
  readonly [Name in ReportName as (typeof methods)[Name]]: (
    options: CallOptions,
  ) => Promise<ReportValues[Name]>;
};

/**
 * As `ChronyConnection.watch()`, which see.
 *
 * @param ending - aborted when the connection is closed: by a signal of its own, whose reason it then has, or
 *   by `close()`
 */
export function watch<Name extends ReportName>(
  chrony: Watchable,
  ending: AbortSignal,
  name: Name,
  options: WatchOptions = {},
): AsyncGenerator<ReportValues[Name] | ChronyError, void, undefined> {
  const { intervalMs = 1000 } = options;
  numberInRange('intervalMs', intervalMs, 1, MAX_TIMEOUT_MS, false);
  const signal = checkSignal(options.signal);
  if (!Object.hasOwn(methods, name)) {
    throw new ChronyDataError(
      `there is no report '${name}' to watch; the reports are: ${Object.keys(methods).join(', ')}`,
      { errorCode: ChronyErr.UNKNOWN_REPORT },
    );
  }
  // the type of the union of all methods does not know which one it is
  const ask = chrony[methods[name]] as (options: CallOptions) => Promise<ReportValues[Name]>;
  return repeating((stop) => ask.call(chrony, { signal: stop }), intervalMs, { signal, ending });
}
