/** What it says of a clock that chronyd could not be asked. */
import type { ChronyError } from '../errors.ts';
import type { Health } from './judgement.ts';

/**
 * What says that nobody keeps the clock: that is critical. Whatever else keeps chronyd from being judged, such as a
 * permission that is missing here, says nothing of the clock.
 */
const NOBODY_THERE: ReadonlySet<string> = new Set([
  'ERR_CHRONY_CONNECTION',
  'ERR_CHRONY_TIMEOUT',
  'ERR_CHRONY_RESOLVE',
]);

export function healthOfFailure({ code, message }: ChronyError): Health {
  const state = NOBODY_THERE.has(code) ? 'critical' : 'unknown';
  return { state, reasons: [message], figures: null };
}
