/**
 * A program whose clock is stepped under it, by itself: `stepped.js CLOCK ADDRESS SILENT`, where CLOCK is the
 * file of a {@link FakeClock}, a chronyd is at ADDRESS, and nobody answers at SILENT. Prints what it saw.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { ChronyTimeoutError, getTracking } from '../../../src/index.ts';
import { setClock } from './fake-clock.ts';
import { Workload } from './workload.ts';

const [, , file = '', address = '', silent = ''] = process.argv;

/** How far the clock goes while something is done, less the time that it took. */
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
  // one may have been due already
  const due = (performance.now() - start) / 20 + 2;
  if (workload.account.turns - turns > due) early++;
}

const waits: number[] = [];
for (const offset of ['+1d', '-1d', '+0']) {
  const start = performance.now();
  const call = getTracking({ address: silent, timeoutMs: 100, retries: 1 }).catch((error: unknown) => error);
  await sleep(30);
  setClock(file, offset);
  if (!((await call) instanceof ChronyTimeoutError)) throw new Error('it should not have been answered');
  waits.push(performance.now() - start);
}
console.log(JSON.stringify({ steps, early, waits, ...(await workload.close()) }));
