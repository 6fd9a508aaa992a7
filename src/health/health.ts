/** `checkHealth()`: queries chronyd, and judges the clock's health. */

import { type ChronyConnection, once } from '../client/connection.ts';
import { type ChronyOptions, readOptions, type Settings, totalTimeout } from '../client/options.ts';
import { pause } from '../client/watch.ts';
import { DEFAULT_MAX_DRIFT_PPM, learnMaxClockError, NOTHING_KNOWN } from '../clock/max-clock-error.ts';
import { ChronyConnectionError, ChronyError, ChronyTimeoutError } from '../errors.ts';
import type { Source, TrackingStatus } from '../reports/index.ts';
import { followsSource } from '../reports/tracking.ts';
import { type AbortSignalLike, newAborter, onAbort, reasonOf, throwIfAborted } from '../util/abort.ts';
import { type Moment, moment } from '../util/moment.ts';
import { clearTimeout, setTimeout } from '../util/timers.ts';
import { type Health, type HealthContext, healthOfFailure, judgeHealth } from './judgement.ts';
import { type HealthThresholds, readThresholds } from './thresholds.ts';

/** How to reach chronyd, and the thresholds of a healthy clock. */
export interface HealthOptions extends ChronyOptions, HealthThresholds {}

/** The smallest time limit of a check, in milliseconds: monitoring software usually gives a plugin this long. */
const LEAST_LIMIT_MS = 10_000;

/**
 * Queries chronyd for `tracking`, `sources`, `selectdata` and `authdata` at the same time, and judges the clock. A
 * failure to query chronyd is a state, not an exception: `critical` if chronyd is not there or does not reply,
 * `unknown` if permission is missing, a reply is invalid or the address is invalid.
 *
 * chronyd gives `selectdata` and `authdata` only over its Unix socket, unless `opencommands` allows more. Without
 * them the reason why no source is selected is unknown, the selectable sources are determined from `sources`, and NTS
 * cookies are not judged.
 *
 * The whole check takes at most 10 seconds, or the time of all tries of one request if that is longer.
 *
 * @param options - an address, or {@link HealthOptions}
 * @throws TypeError, RangeError for options of the wrong type or range; the signal's reason.
 *
 * @example
 * const { state, reasons } = await checkHealth({ maxError: { warning: 0.01, critical: 0.1 } });
 * if (state !== 'ok') console.error(state, reasons.join('; '));
 */
export async function checkHealth(options?: string | HealthOptions): Promise<Health> {
  const settings = readOptions(options);
  const thresholds = readThresholds(typeof options === 'object' ? options : undefined);
  try {
    const { tracking, sources, ...context } = await ask(settings);
    return judgeHealth(tracking, sources, thresholds, context);
  } catch (error) {
    throwIfAborted(settings.signal);
    if (!(error instanceof ChronyError)) throw error;
    return healthOfFailure(error);
  }
}

/** Reports of the same moment. */
interface Reports extends HealthContext {
  readonly tracking: TrackingStatus;
  readonly sources: Source[];
}

/** Fetches all reports. The time limit also holds if chronyd never stops sending records. */
async function ask(settings: Settings): Promise<Reports> {
  const { signal } = settings;
  const stopping = newAborter();
  const limitMs = Math.max(totalTimeout(settings), LEAST_LIMIT_MS);
  const timer = setTimeout(() => stopping.abort(tooLate(settings, limitMs)), limitMs);
  const ignore = signal && onAbort(signal, () => stopping.abort(reasonOf(signal)));
  try {
    throwIfAborted(signal);
    return await once({ ...settings, signal: stopping }, async (chrony) => {
      const before = moment();
      const first = await askAll(chrony);
      const reports = isConsistent(first) ? first : await askAll(chrony);
      const maxClockErrorPpm = await askMaxClockError(chrony, reports.tracking, before, stopping);
      return { ...reports, maxClockErrorPpm };
    });
  } finally {
    ignore?.();
    clearTimeout(timer);
  }
}

async function askAll(chrony: ChronyConnection): Promise<Reports> {
  const [tracking, sources, selectData, authData] = await Promise.all([
    chrony.getTracking(),
    chrony.getSources(),
    unlessRefused(chrony.getSelectData()),
    unlessRefused(chrony.getAuthData()),
  ]);
  return { tracking, sources, selectData, authData, time: Date.now() / 1000 };
}

/** False if the reports contradict each other, because chronyd may have selected a source while they were read. */
function isConsistent({ tracking, sources }: Reports): boolean {
  return followsSource(tracking) === sources.some((source) => source.isSelected());
}

/** Returns an optional report; null if chronyd replies, but without the report. */
async function unlessRefused<T>(report: Promise<T>): Promise<T | null> {
  try {
    return await report;
  } catch (error) {
    if (error instanceof ChronyError && !(error instanceof ChronyConnectionError)) return null;
    throw error;
  }
}

/** If the drift exceeds this, in seconds, a second request determines how much of it chronyd allows for. */
const NOTABLE_DRIFT_S = 0.001;
/** The time between the two requests, long enough that the duration of a request matters little. */
const BETWEEN_MS = 50;

/**
 * Determines chronyd's `maxclockerror`, in ppm; 0 if it makes no difference.
 *
 * @param before - the time of the request for `tracking`
 */
async function askMaxClockError(
  chrony: ChronyConnection,
  tracking: TrackingStatus,
  before: Moment,
  stop: AbortSignalLike,
): Promise<number> {
  const drift = tracking.maxError({ maxDriftPpm: DEFAULT_MAX_DRIFT_PPM }) - tracking.maxError();
  if (drift < NOTABLE_DRIFT_S || !tracking.isSynchronized()) return 0;
  const known = learnMaxClockError(NOTHING_KNOWN, tracking, before, moment());
  await pause(BETWEEN_MS, stop);
  const again = moment();
  const second = await chrony.getTracking();
  return learnMaxClockError(known, second, again, moment()).leastPpm;
}

function tooLate({ address }: Settings, limitMs: number): ChronyTimeoutError {
  return new ChronyTimeoutError(
    `${address || 'chronyd'}: not all reports arrived within ${limitMs} ms; check that chronyd runs there and ` +
      'answers this host, or allow more time for each request',
  );
}
