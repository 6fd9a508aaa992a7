/** `waitUntilSynchronized()`: queries chronyd until its clock is good enough. */
import {
  type ChronyOptions,
  MAX_TIMEOUT_MS,
  numberInRange,
  readOptions,
  type Settings,
} from '../client/options.ts';
import { repeating } from '../client/watch.ts';
import { ChronyError, ChronyPermissionError } from '../errors.ts';
import type { TrackingStatus } from '../reports/index.ts';
import { type AbortSignalLike, newAborter, onAbort, reasonOf, throwIfAborted } from '../util/abort.ts';
import { moment } from '../util/moment.ts';
import { monotonicMs } from '../util/timers.ts';
import { systemClocks } from './clocks.ts';
import { DEFAULT_MAX_DRIFT_PPM, learnMaxClockError, NOTHING_KNOWN } from './max-clock-error.ts';
import { isStale, qualityOf, Sampler } from './sample.ts';

/** How to reach chronyd, and the conditions for its clock. */
export interface SynchronizedOptions extends ChronyOptions {
  /**
   * The limit of the maximum error, in seconds, 0 to 86 400: `TrackingStatus.maxError()` with a drift of 50 ppm since
   * the last measurement. Default: no limit.
   */
  readonly maxError?: number | undefined;
  /**
   * The limit of the remaining correction in either direction, in seconds, 0 to 86 400: `TrackingStatus.offset`
   * without its sign. Default: no limit.
   */
  readonly maxCorrection?: number | undefined;
  /**
   * The limit of the error bound of the frequency, in ppm, 0 to 1 000 000: `TrackingStatus.skew`. Default: no limit.
   */
  readonly maxSkew?: number | undefined;
  /** The time from one request to the next, in milliseconds, 1 or more. Default 1000. */
  readonly intervalMs?: number | undefined;
  /**
   * Whether local mode (`local` in chrony.conf, reference ID 127.127.1.1) counts as synchronized. Such a chronyd
   * follows only its own clock, and reports an error near zero. Default false.
   */
  readonly allowLocal?: boolean | undefined;
}

/** The codes of errors for which retrying does not help. */
export const PERMANENT: ReadonlySet<string> = new Set([
  'ERR_CHRONY_ADDRESS',
  'ERR_CHRONY_NO_UNIX_SOCKET',
  'ERR_CHRONY_LIBRARY',
]);

/**
 * How long the system must deny the socket before the wait ends. A starting chronyd creates its socket as root, and
 * changes the owner afterwards.
 */
const DENIED_MS = 1000;

/**
 * Waits until chronyd is synchronized, and its clock meets the conditions of the options. chronyd is synchronized if
 * it follows a source, and has updated the clock within the last 8 intervals between updates. Local mode does not
 * count, although `TrackingStatus.isSynchronized()` is true then, unless `allowLocal` is set.
 *
 * It also waits while chronyd does not reply: chronyd may be about to start. While chronyd starts, its socket still
 * belongs to root, so a denial by the system ends the wait only if it lasts for a second. The wait keeps the process
 * alive.
 *
 * @param options - an address, or {@link SynchronizedOptions}. Set a `signal` with a timeout, unless the wait may be
 *   unlimited
 * @returns the first report that meets the conditions.
 * @throws TypeError, RangeError for options of the wrong type or range.
 * @throws ChronyConnectionError for an invalid address (`ERR_CHRONY_ADDRESS`), or if Unix sockets are not supported
 *   (`ERR_CHRONY_NO_UNIX_SOCKET`).
 * @throws ChronyPermissionError if chronyd refuses, or if the system has denied this user the socket for a second.
 * @throws ChronyLibraryError if the WebAssembly library is damaged or cannot run here.
 * @throws the reason of an aborted signal.
 *
 * @example
 * const status = await waitUntilSynchronized({ maxError: 0.001, signal: AbortSignal.timeout(60_000) });
 */
export async function waitUntilSynchronized(options?: string | SynchronizedOptions): Promise<TrackingStatus> {
  const settings = readSynchronizedOptions(options);
  const { signal } = settings;
  throwIfAborted(signal);
  const ending = newAborter();
  const stopListening = signal && onAbort(signal, () => ending.abort(reasonOf(signal)));
  const sampler = new Sampler({ ...settings, signal: ending });
  try {
    let maxClockError = NOTHING_KNOWN;
    /** When the system began to deny the socket, by monotonicMs(). Null if it allowed the last request. */
    let deniedMs: number | null = null;
    const ask = async (stop: AbortSignalLike): Promise<TrackingStatus | null> => {
      const before = moment();
      const tracking = await sampler.tracking(stop);
      maxClockError = learnMaxClockError(maxClockError, tracking, before, moment());
      const isGood = isWithin(tracking, settings, maxClockError.leastPpm);
      return isGood && (await isFollowed(sampler, tracking, settings, stop)) ? tracking : null;
    };
    for await (const outcome of repeating(ask, settings.intervalMs, { signal: ending })) {
      if (outcome instanceof ChronyError) {
        if (isPermanent(outcome)) throw outcome;
        deniedMs = isDenied(outcome) ? (deniedMs ?? monotonicMs()) : null;
        if (deniedMs !== null && monotonicMs() - deniedMs >= DENIED_MS) throw outcome;
      } else {
        if (outcome !== null) return outcome;
        deniedMs = null;
      }
    }
    // not reached: the iteration ends only by the signal, and then it throws
    throw reasonOf(ending);
  } finally {
    stopListening?.();
    ending.abort();
  }
}

/** Whether chronyd controls the clock; in local mode only if that is allowed. */
async function isFollowed(
  sampler: Sampler,
  tracking: TrackingStatus,
  { allowLocal }: SynchronizedSettings,
  stop: AbortSignalLike,
): Promise<boolean> {
  const sample = { tracking, time: systemClocks.wallMs() / 1000 + tracking.offset, selected: null };
  const selected = isStale(sample) ? await sampler.selected(tracking, stop) : null;
  return qualityOf({ ...sample, selected }, allowLocal) === 'good';
}

function isWithin(
  tracking: TrackingStatus,
  { maxError, maxCorrection, maxSkew, allowLocal }: SynchronizedSettings,
  maxClockErrorPpm: number,
): boolean {
  // in local mode there is no measurement since which the clock could have drifted
  const maxDriftPpm = allowLocal && tracking.isLocal() ? 0 : DEFAULT_MAX_DRIFT_PPM;
  return (
    tracking.maxError({ maxDriftPpm, maxClockErrorPpm }) <= maxError &&
    Math.abs(tracking.offset) <= maxCorrection &&
    tracking.skew <= maxSkew
  );
}

function isPermanent(error: ChronyError): boolean {
  return PERMANENT.has(error.code) || (error instanceof ChronyPermissionError && !isDenied(error));
}

/** True if the system denied access. If chronyd refused it, the error has a number of the C library. */
function isDenied(error: ChronyError): boolean {
  return error instanceof ChronyPermissionError && error.errorCode === null;
}

/** Validated {@link SynchronizedOptions}, with defaults applied. */
interface SynchronizedSettings extends Settings {
  readonly maxError: number;
  readonly maxCorrection: number;
  readonly maxSkew: number;
  readonly intervalMs: number;
  readonly allowLocal: boolean;
}

const MAX_SECONDS = 86_400;
const MAX_SKEW_PPM = 1_000_000;

/** @throws TypeError, RangeError for a value of the wrong type or range. */
function readSynchronizedOptions(given: string | SynchronizedOptions | undefined): SynchronizedSettings {
  const settings = readOptions(given);
  const options = typeof given === 'string' ? {} : (given ?? {});
  const { intervalMs = 1000, allowLocal = false } = options;
  if (typeof allowLocal !== 'boolean') {
    throw new TypeError(`allowLocal must be true or false, not ${typeof allowLocal}`);
  }
  return {
    ...settings,
    maxError: readLimit('maxError', options.maxError, MAX_SECONDS),
    maxCorrection: readLimit('maxCorrection', options.maxCorrection, MAX_SECONDS),
    maxSkew: readLimit('maxSkew', options.maxSkew, MAX_SKEW_PPM),
    intervalMs: numberInRange('intervalMs', intervalMs, 1, MAX_TIMEOUT_MS, false),
    allowLocal,
  };
}

function readLimit(name: string, value: number | undefined, most: number): number {
  return value === undefined ? Number.POSITIVE_INFINITY : numberInRange(name, value, 0, most, false);
}
