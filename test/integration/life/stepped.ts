/**
 * A program that steps its own clock: `stepped.js CLOCK ADDRESS SILENT`. CLOCK is the file of a {@link FakeClock}, a
 * chronyd is at ADDRESS, and no process answers at SILENT. The program prints its observations.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { ChronyTimeoutError, getTracking } from '../../../src/index.ts';
import { setClock } from './fake-clock.ts';
import { Workload } from './workload.ts';

const [, , file = '', address = '', silent = ''] = process.argv;

/** Steps the clock during `work`. Returns the size of the step in seconds, as observed by the wall clock. */
async function stepDuring(offset: string, work: () => Promise<void>): Promise<number> {
  const date = Date.now();
  const start = performance.now();
  setClock(file, offset);
  await work();
  return Math.round((Date.now() - date - (performance.now() - start)) / 1000);
}

const workload = await Workload.start(address);
const steps: number[] = [];
let early = 0;
for (const offset of ['+1d', '-1d', '+20y', '+0']) {
  const { turns } = workload.account;
  const start = performance.now();
  steps.push(await stepDuring(offset, () => workload.answers(50)));
  // one turn may already have been due
  const due = (performance.now() - start) / 20 + 2;
  if (workload.account.turns - turns > due) early++;
}

const waits: number[] = [];
for (const offset of ['+1d', '-1d', '+0']) {
  const start = performance.now();
  const call = getTracking({ address: silent, timeoutMs: 100, retries: 1 }).catch((error: unknown) => error);
  await sleep(30);
  setClock(file, offset);
  if (!((await call) instanceof ChronyTimeoutError)) throw new Error('the call should have timed out');
  waits.push(performance.now() - start);
}
console.log(JSON.stringify({ steps, early, waits, ...(await workload.close()) }));
