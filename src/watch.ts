/** A report again and again, for as long as someone listens. */
import { setTimeout as sleep } from 'node:timers/promises';
import { onAbort } from './abort.ts';
import { ChronyDataError, ChronyError } from './errors.ts';
import { ChronyErr } from './library-errors.ts';
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

/** What ends a repetition from outside. */
interface Ends {
  /** Its own signal, whose reason it then throws. */
  readonly signal?: AbortSignal | undefined;
  /** As in {@link watch}. */
  readonly ending?: AbortSignal | undefined;
}

/**
 * Asks at once and then each interval, leaving out turns that would come while another is under way. A
 * {@link ChronyError} is a value; anything else that is thrown ends it.
 *
 * @param ask - is to end at once when its signal aborts
 */
export function repeating<T>(
  ask: (stop: AbortSignal) => Promise<T>,
  intervalMs: number,
  ends: Ends,
): AsyncGenerator<T | ChronyError, void, undefined> {
  const stopping = new AbortController();
  const values = repeat(ask, intervalMs, ends, stopping);
  // a generator hears of its return() only when it yields, which may be a long pause away
  const { return: end } = values;
  values.return = (value) => {
    stopping.abort();
    return end.call(values, value);
  };
  return values;
}

/** @param stopping - aborted by whatever ends it, and by `return()` */
async function* repeat<T>(
  ask: (stop: AbortSignal) => Promise<T>,
  intervalMs: number,
  { signal, ending }: Ends,
  stopping: AbortController,
): AsyncGenerator<T | ChronyError, void, undefined> {
  const stop = stopping.signal;
  const listening = [signal, ending].map((end) => end && onAbort(end, () => stopping.abort()));
  if (signal?.aborted || ending?.aborted) stopping.abort();
  const start = performance.now();
  try {
    for (let turn = 0; !stop.aborted; ) {
      const outcome = await ask(stop).catch((error: unknown) => {
        if (stop.aborted || error instanceof ChronyError) return error as ChronyError;
        throw error;
      });
      if (stop.aborted) break;
      yield outcome;
      const elapsed = performance.now() - start;
      // counted, not computed from the time: a timer may fire a little early
      turn = Math.max(turn + 1, Math.ceil(elapsed / intervalMs));
      await pause(turn * intervalMs - elapsed, stop);
    }
  } finally {
    for (const ignore of listening) ignore?.();
  }
  signal?.throwIfAborted();
  if (ending?.aborted && !isClosing(ending.reason)) throw ending.reason;
}

/** True for the reason of `close()`, which ends a watch in peace. */
function isClosing(reason: unknown): boolean {
  return reason instanceof ChronyError && reason.code === CLOSED;
}

async function pause(ms: number, stop: AbortSignal): Promise<void> {
  try {
    await sleep(ms, undefined, { signal: stop });
  } catch {
    // it was cut short, which its caller sees
  }
}
