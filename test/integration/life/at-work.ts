/**
 * A program with a {@link Workload} on the chronyd at PATH, for tests that must run it as another user:
 * `at-work.js PATH`. Each line of input lets it wait for the next phase; then it prints its account.
 */
import { createInterface } from 'node:readline';
import { getTracking } from '../../../src/index.ts';
import { holdings } from '../../support/holdings.ts';
import { Workload } from './workload.ts';

const [, , path = ''] = process.argv;

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
// the first call loads resources that are kept
await getTracking(path);
const before = holdings();
const workload = await Workload.start(path);
const denied = async (): Promise<void> => {
  // chronyd no longer reaches our sockets, which causes a timeout; then opening a new socket is denied
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
