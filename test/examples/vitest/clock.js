// An application that does not start on a bad clock, and shows how good its clock is.
import { checkHealth, getTracking } from 'chrony-wasm';

/** Throws where the clock is not good enough to start with. */
export async function requireGoodClock(address) {
  const { state, reasons } = await checkHealth({ address, timeoutMs: 200, retries: 0 });
  if (state === 'critical' || state === 'unknown') throw new Error(`bad clock: ${reasons.join('; ')}`);
}

/** One line for a status page. */
export function describe(status) {
  if (!status.isSynchronized()) return 'not synchronized';
  return `stratum ${status.stratum}, ${(1000 * status.offset).toFixed(3)} ms, ${new Date(1000 * status.refTime).toISOString()}`;
}

/** A function that asks chronyd at most once a minute. */
export function cachedDescription(address) {
  let text = '';
  let asked = Number.NEGATIVE_INFINITY;
  return async () => {
    if (Date.now() - asked >= 60_000) {
      asked = Date.now();
      text = describe(await getTracking(address));
    }
    return text;
  };
}
