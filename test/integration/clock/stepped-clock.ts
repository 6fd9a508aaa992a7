/**
 * A program whose clock is stepped under it, by itself: `stepped-clock.js CLOCK ADDRESS STEP...`, where CLOCK is
 * the file of a FakeClock, by which the chronyd at ADDRESS runs, too; that one's source has the true time. Prints
 * what it saw.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { BoundedClock, ChronyError } from '../../../src/index.ts';
import { setClock } from '../life/fake-clock.ts';

const [, , file = '', address = '', ...steps] = process.argv;

/** The bound before the first step, so small that it would not hold what that makes of the truth. */
const SETTLED_NS = 1e8;
/** True time by the monotonic clock, as long as the clock is true: between which two numbers of nanoseconds. */
const truth = { least: -(2n ** 63n), most: 2n ** 63n };
for (let i = 0; i < 1000; i++) {
  const before = process.hrtime.bigint();
  const tick = BigInt(Date.now()) * 1_000_000n;
  const after = process.hrtime.bigint();
  if (tick - after > truth.least) truth.least = tick - after;
  if (tick + 1_000_000n - before < truth.most) truth.most = tick + 1_000_000n - before;
}

const clock = await BoundedClock.start({ address, intervalMs: 50 });
const counts = { synchronized: 0, freeRunning: 0, disrupted: 0, unknown: 0 };
let wrong = 0;
/** Moments by the wall clock, and between which two readings of the monotonic clock they were. */
let moments: { readonly moment: bigint; readonly before: bigint; readonly after: bigint }[] = [];
/** Of moments that have passed: how many have an interval, by the steps since. */
const past = { sinceStep: 0, beforeStep: 0 };

function sample(): void {
  const before = process.hrtime.bigint();
  const moment = BigInt(Date.now()) * 1_000_000n;
  try {
    const { earliest, latest, status } = clock.now();
    const after = process.hrtime.bigint();
    counts[status]++;
    if (status === 'synchronized') moments.push({ moment, before, after });
    if (after + truth.most < earliest || before + truth.least > latest) wrong++;
  } catch (error) {
    if (!(error instanceof ChronyError)) throw error;
    counts.unknown++;
  }
}

/** Asks for the intervals of moments that have passed. @returns how many there are */
function check(list: typeof moments): number {
  let held = 0;
  for (const { moment, before, after } of list) {
    try {
      const { earliest, latest } = clock.at(moment);
      held++;
      // the moment was rounded down to a millisecond
      if (after + truth.most < earliest || before + truth.least > latest + 1_000_000n) wrong++;
    } catch (error) {
      if (!(error instanceof ChronyError || error instanceof RangeError)) throw error;
    }
  }
  return held;
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
  const before = moments;
  moments = [];
  await boundBelow(Number.POSITIVE_INFINITY);
  for (let i = 0; i < 200; i++, await sleep(5)) sample();
  past.beforeStep += check(before);
  past.sinceStep += check(moments);
}
await clock.close();
console.log(JSON.stringify({ counts, wrong, past, reasons }));
