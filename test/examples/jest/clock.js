// An application in CommonJS that does not start on a bad clock, and shows how good its clock is.
const { checkHealth, getTracking } = require('chrony-wasm');

/** Throws if the clock is not good enough to start with. */
async function requireGoodClock(address) {
  const { state, reasons } = await checkHealth({ address, timeoutMs: 200, retries: 0 });
  if (state === 'critical' || state === 'unknown') throw new Error(`bad clock: ${reasons.join('; ')}`);
}

/** One line for a status page. */
async function describeClock(address) {
  const status = await getTracking(address);
  if (!status.isSynchronized()) return 'not synchronized';
  return `stratum ${status.stratum}, ${(1000 * status.offset).toFixed(3)} ms`;
}

module.exports = { requireGoodClock, describeClock };
