/** A report again and again, for as long as someone listens. */
import { setTimeout as sleep } from 'node:timers/promises';
import { ChronyDataError, ChronyError } from './errors.ts';
import { CLOSED } from './link.ts';
import { type CallOptions, checkSignal, MAX_TIMEOUT_MS, numberInRange } from './options.ts';
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

/** As `ChronyConnection.watch()`, which see. */
export function watch<Name extends ReportName>(
  chrony: Watchable,
  name: Name,
  options: WatchOptions = {},
): AsyncGenerator<ReportValues[Name] | ChronyError, void, undefined> {
  const { intervalMs = 1000 } = options;
  numberInRange('intervalMs', intervalMs, 1, MAX_TIMEOUT_MS, false);
  const signal = checkSignal(options.signal);
  if (!Object.hasOwn(methods, name)) {
    throw new ChronyDataError(
      `there is no report '${name}' to watch; the reports are: ${Object.keys(methods).join(', ')}`,
      { errorCode: 3 },
    );
  }
  // the type of the union of all methods does not know which one it is
  const ask = chrony[methods[name]] as (options: CallOptions) => Promise<ReportValues[Name]>;
  return repeat(() => ask.call(chrony, { signal }), intervalMs, signal);
}

async function* repeat<T>(
  ask: () => Promise<T>,
  intervalMs: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<T | ChronyError, void, undefined> {
  const start = performance.now();
  for (let turn = 0; ; ) {
    signal?.throwIfAborted();
    const outcome = await ask().catch((error: unknown) => {
      if (error instanceof ChronyError) return error;
      throw error;
    });
    if (outcome instanceof ChronyError && outcome.code === CLOSED) return;
    yield outcome;
    const elapsed = performance.now() - start;
    // counted, not computed from the time: a timer may fire a little early
    turn = Math.max(turn + 1, Math.ceil(elapsed / intervalMs));
    await pause(turn * intervalMs - elapsed, signal);
  }
}

async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await sleep(ms, undefined, signal === undefined ? {} : { signal });
  } catch {
    signal?.throwIfAborted(); // its own reason, rather than the timer's
  }
}
