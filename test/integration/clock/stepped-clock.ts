/**
 * A program that steps its own clock: `stepped-clock.js CLOCK ADDRESS STEP...`. CLOCK is the file of a FakeClock,
 * which the chronyd at ADDRESS also uses; the source of that chronyd has the true time. The program prints its
 * observations.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { BoundedClock, ChronyError } from '../../../src/index.ts';
import { setClock } from '../life/fake-clock.ts';

const [, , file = '', address = '', ...steps] = process.argv;

/** The maximum bound before the first step. It is smaller than any step, so that a wrong interval is detected. */
const SETTLED_NS = 1e8;
/** The limits, in nanoseconds, of true time minus monotonic clock; measured while the wall clock is correct. */
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
/** Readings of the wall clock, each between two readings of the monotonic clock. */
let moments: { readonly moment: bigint; readonly before: bigint; readonly after: bigint }[] = [];
/** The number of past moments that have an interval, for moments before and after the last step. */
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

/** Checks the intervals of past moments. @returns the number of moments that have one */
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

/** Waits until there is a bound of at most `ns`. */
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
