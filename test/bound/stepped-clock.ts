/**
 * A program whose clock is stepped under it, by itself: `stepped.js CLOCK ADDRESS STEP...`, where CLOCK is
 * the file of a FakeClock, by which the chronyd at ADDRESS runs, too; that one's source has the true time. Prints
 * what it saw.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { BoundedClock, ChronyError } from '../../src/index.ts';
import { setClock } from '../life/fake-clock.ts';

const [, , file = '', address = '', ...steps] = process.argv;

/** What the wall clock and the true time may be apart, in ns: how well this program reads the wall clock. */
const READING_NS = 2_000_000n;
/** The bound before the first step, so small that it would not hold what that makes of the truth. */
const SETTLED_NS = 1e8;
/** True time by the monotonic clock, as long as the clock is true. */
const offset = BigInt(Date.now()) * 1_000_000n - process.hrtime.bigint();

const clock = await BoundedClock.start({ address, intervalMs: 50 });
const counts = { synchronized: 0, freeRunning: 0, unknown: 0 };
let wrong = 0;

function sample(): void {
  const truth = process.hrtime.bigint() + offset;
  try {
    const { earliest, latest, status } = clock.now();
    counts[status]++;
    if (truth < earliest - READING_NS || truth > latest + READING_NS) wrong++;
  } catch (error) {
    if (!(error instanceof ChronyError)) throw error;
    counts.unknown++;
  }
}

/** Waits until there is a bound, and not more than that. */
async function boundBelow(ns: number): Promise<void> {
  for (; clock.status !== 'synchronized' || clock.now().errorBoundNs > ns; await sleep(1)) sample();
}

const reasons: string[] = [];
await boundBelow(SETTLED_NS);
for (const step of steps) {
  setClock(file, step);
  sample();
  reasons.push(clock.reason);
  await boundBelow(Number.POSITIVE_INFINITY);
  for (let i = 0; i < 200; i++, await sleep(5)) sample();
}
await clock.close();
console.log(JSON.stringify({ counts, wrong, reasons }));
