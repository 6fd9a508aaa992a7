/** A user's test, with the mock of the package. */
import { getTracking } from 'chrony-wasm';
import { scenario, startMockChronyd } from 'chrony-wasm/testing';

const mock = await startMockChronyd(scenario('leap insert', { tracking: { stratum: 7 } }));
const status = await getTracking(mock.address);
await mock.close();
console.log(JSON.stringify([status.stratum, status.isLeapPending(), mock.requests.length]));
