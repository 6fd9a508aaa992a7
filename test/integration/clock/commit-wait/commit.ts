/**
 * An example: several processes on machines with different clocks write to one log, and the timestamps in the log are
 * in the order of the events.
 *
 * `commit.js ADDRESS LOG [at-once]` writes each line of its input to the log, preceded by a timestamp, and prints `done`
 * afterwards. With `at-once` it does not wait, to demonstrate the effect.
 */
import { appendFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { BoundedClock } from '../../../../src/index.ts';

const [, , address, log = 'log', atOnce] = process.argv;

await using clock = await BoundedClock.start({ address, intervalMs: 100 });

for await (const event of createInterface({ input: process.stdin })) {
  // the true time is at most this
  const timestamp = clock.now().latest;
  // after the wait the timestamp is in the past on every machine, so any event that follows gets a later timestamp
  if (atOnce === undefined) await clock.waitUntilAfter(timestamp);
  await appendFile(log, `${timestamp} ${event}\n`);
  console.log('done');
}
