/** The user's own test, against the mock that the package brings. */
import { getTracking } from 'chrony-wasm';
import { scenario, startMockChronyd } from 'chrony-wasm/testing';

const mock = await startMockChronyd(scenario('leap insert', { tracking: { stratum: 7 } }));
const status = await getTracking(mock.address);
await mock.close();
console.log(JSON.stringify([status.stratum, status.isLeapPending(), mock.requests.length]));
