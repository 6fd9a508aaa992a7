// Requests the report tracking, and prints its stratum or the error: `stratum.mjs ADDRESS MILLISECONDS`.
import { getTracking } from 'chrony-wasm';

const [, , address, timeoutMs] = process.argv;
const outcome = await getTracking({ address, timeoutMs: Number(timeoutMs), retries: 0 }).then(
  ({ stratum }) => stratum,
  ({ name }) => name,
);
console.log(JSON.stringify(outcome));
