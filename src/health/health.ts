/** `checkHealth()`: queries chronyd, and judges the clock's health. */

import { once } from '../client/connection.ts';
import { type ChronyOptions, readOptions, type Settings, totalTimeout } from '../client/options.ts';
import { ChronyError, ChronyTimeoutError } from '../errors.ts';
import type { Source, TrackingStatus } from '../reports/index.ts';
import { onAbort } from '../util/abort.ts';
import { clearTimeout, setTimeout } from '../util/timers.ts';
import { type Health, healthOfFailure, judgeHealth } from './judgement.ts';
import { type HealthThresholds, readThresholds } from './thresholds.ts';

/** How to reach chronyd, and what a clock has to be like to be healthy. */
export interface HealthOptions extends ChronyOptions, HealthThresholds {}

/** The least time limit of a check: monitoring software gives a plugin about as long. */
const LEAST_LIMIT_MS = 10_000;

/**
 * Asks chronyd once, for `tracking` and `sources`, and judges. What keeps chronyd from answering is a state, not an
 * exception: `critical` if nobody is there or answers, `unknown` for no permission, an answer of no use, an address
 * that cannot be read.
 *
 * All of it takes no longer than the tries of one request may, or 10 seconds if those take less.
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
    return judgeHealth(...(await ask(settings)), thresholds);
  } catch (error) {
    settings.signal?.throwIfAborted();
    if (!(error instanceof ChronyError)) throw error;
    return healthOfFailure(error);
  }
}

/** Both reports, within the time limit even if chronyd never stops sending records. */
async function ask(settings: Settings): Promise<[TrackingStatus, Source[]]> {
  const { signal } = settings;
  const stopping = new AbortController();
  const limitMs = Math.max(totalTimeout(settings), LEAST_LIMIT_MS);
  const timer = setTimeout(() => stopping.abort(tooLate(settings, limitMs)), limitMs);
  const ignore = signal && onAbort(signal, () => stopping.abort(signal.reason));
  try {
    signal?.throwIfAborted();
    return await once({ ...settings, signal: stopping.signal }, (chrony) =>
      Promise.all([chrony.getTracking(), chrony.getSources()]),
    );
  } finally {
    ignore?.();
    clearTimeout(timer);
  }
}

function tooLate({ address }: Settings, limitMs: number): ChronyTimeoutError {
  return new ChronyTimeoutError(
    `${address || 'chronyd'}: not everything was answered within ${limitMs} ms; check that chronyd runs there and answers ` +
      'this host, or allow more time for each request',
  );
}
