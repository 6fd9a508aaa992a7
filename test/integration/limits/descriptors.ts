/**
 * A program that has used up its file descriptors: `descriptors.js ADDRESS`, to be run with a low limit. Prints the
 * outcomes of calls without free descriptors and after some are free again.
 */
import { closeSync, openSync } from 'node:fs';
import { ChronyConnection, getTracking } from '../../../src/index.ts';
import { outcome } from './outcome.ts';

const [, , address = ''] = process.argv;

/** Opens descriptors until none is left. */
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

/** Makes calls that need a new socket, first without free descriptors and then with some. */
async function exhaust(calls: readonly (() => Promise<unknown>)[]): Promise<void> {
  const taken = takeAll();
  for (const call of calls) without.push(await outcome(call()));
  for (const fd of taken) closeSync(fd);
  for (const call of calls) again.push(await outcome(call()));
}

const oneShot = (): Promise<unknown> => getTracking(address);
// the first call of the process, before any resource is loaded
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
