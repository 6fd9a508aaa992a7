/**
 * An example: several processes, on machines whose clocks differ, write to one log, and the timestamps there are in
 * the order in which things happened.
 *
 * `commit.js ADDRESS LOG [at-once]` writes a line for each line of its input, with a timestamp before it, and says
 * when that is done. With `at-once` it does not wait, to see what comes of that.
 */
import { appendFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { BoundedClock } from '../../../../src/index.ts';

const [, , address, log = 'log', atOnce] = process.argv;

await using clock = await BoundedClock.start({ address, intervalMs: 100 });

for await (const event of createInterface({ input: process.stdin })) {
  // it is not yet later than that
  const timestamp = clock.now().latest;
  // but now it is, here and everywhere: whoever sees the event takes a later timestamp for what follows from it
  if (atOnce === undefined) await clock.waitUntilAfter(timestamp);
  await appendFile(log, `${timestamp} ${event}\n`);
  console.log('done');
}
