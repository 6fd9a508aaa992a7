/**
 * A program that has used up its descriptors: `descriptors.js ADDRESS`, with a low limit on them. Prints what
 * calls come to without any, and once there are some again.
 */
import { closeSync, openSync } from 'node:fs';
import { ChronyConnection, getTracking } from '../../../src/index.ts';
import { outcome } from './outcome.ts';

const [, , address = ''] = process.argv;

/** Takes descriptors until there is none left. */
function takeAll(): number[] {
  const taken: number[] = [];
  try {
    for (;;) taken.push(openSync('/dev/null', 'r'));
  } catch {
    return taken;
  }
}

const without: unknown[] = [];
const again: unknown[] = [];

/** The calls that each need another socket than those that are open. */
async function exhaust(calls: readonly (() => Promise<unknown>)[]): Promise<void> {
  const taken = takeAll();
  for (const call of calls) without.push(await outcome(call()));
  for (const fd of taken) closeSync(fd);
  for (const call of calls) again.push(await outcome(call()));
}

const oneShot = (): Promise<unknown> => getTracking(address);
// before anything was ever loaded for it
await exhaust([oneShot]);

const chrony = await ChronyConnection.open(address);
await chrony.getTracking();
const sideBySide = async (): Promise<unknown> => {
  const calls = Array.from({ length: 4 }, () => chrony.getTracking());
  const failed = (await Promise.allSettled(calls)).find(({ status }) => status === 'rejected');
  if (failed?.status === 'rejected') throw failed.reason;
  return undefined;
};
await exhaust([sideBySide, () => chrony.getTracking(), oneShot]);
await chrony.close();
console.log(JSON.stringify({ without, again }));
