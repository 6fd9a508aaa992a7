/**
 * A program at work on the chronyd at PATH, for tests that have to run it as another user: `at-work.js PATH`.
 * Each line that it is told is something to wait for; when that has come it prints its account.
 */
import { createInterface } from 'node:readline';
import { getTracking } from '../../../src/index.ts';
import { holdings } from '../../support/holdings.ts';
import { Workload } from './workload.ts';

const [, , path = ''] = process.argv;

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
// what is loaded with the first call stays
await getTracking(path);
const before = holdings();
const workload = await Workload.start(path);
const denied = async (): Promise<void> => {
  // chronyd finds our sockets no more, which takes a timeout to see; who opens one then is denied
  while (!workload.account.kinds.includes('ChronyPermissionError')) await workload.fails();
};
for (const wait of [denied, () => workload.recovers(), () => workload.close()]) {
  console.log(JSON.stringify(workload.account));
  await lines.next();
  await wait();
}
const after = holdings();
console.log(
  JSON.stringify({
    ...workload.account,
    descriptors: after.descriptors - before.descriptors,
    listeners: after.listeners - before.listeners,
  }),
);
process.exit();
