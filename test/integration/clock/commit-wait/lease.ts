/**
 * An example: of several processes on machines with different clocks, at most one leads at a time, and the timestamps of
 * all leaders are in the order of the events.
 *
 * `lease.js ADDRESS STORE NAME [wall-clock]` acquires the lease repeatedly until its input ends. It prints a line for each
 * term, for each commit and while it leads. With `wall-clock` it trusts the clock of its machine, to demonstrate the effect.
 *
 * The store is a file; a folder beside it is the lock of a transaction. A database does both better.
 */
import { mkdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { BoundedClock } from '../../../../src/index.ts';

const [, , address, store = 'store', name = '', wallClock] = process.argv;

const LEASE_NS = 300_000_000n;
const COMMITS = 3;

interface Lease {
  readonly term: number;
  readonly holder: string;
  readonly end: bigint;
}

await using clock = await BoundedClock.start({ address, intervalMs: 100 });

/** Trusts the clock of the machine without an error bound, so it never waits. */
const wall = {
  now: () => ({ latest: BigInt(Date.now()) * 1_000_000n }),
  before: (moment: bigint) => moment > wall.now().latest,
  after: (moment: bigint) => moment < wall.now().latest,
  waitUntilAfter: async () => {},
};
const { now, before, after, waitUntilAfter } =
  wallClock === undefined
    ? {
        now: () => clock.now(),
        before: (moment: bigint) => clock.before(moment),
        after: (moment: bigint) => clock.after(moment),
        waitUntilAfter: (moment: bigint) => clock.waitUntilAfter(moment),
      }
    : wall;

async function transaction<T>(work: (lease: Lease) => Promise<T>): Promise<T> {
  const lock = `${store}.lock`;
  for (;;) {
    try {
      await mkdir(lock);
      break;
    } catch {
      await sleep(1);
    }
  }
  try {
    const [term, holder = '', end = '0'] = (await readFile(store, 'utf8')).split(' ');
    return await work({ term: Number(term), holder, end: BigInt(end) });
  } finally {
    await rmdir(lock);
  }
}

/** Acquires the lease if the lease of the other process has certainly expired. */
function lead(): Promise<Lease | null> {
  return transaction(async ({ term, holder, end }) => {
    if (holder === name || !after(end)) return null;
    const lease = { term: term + 1, holder: name, end: now().latest + LEASE_NS };
    await writeFile(store, `${lease.term} ${lease.holder} ${lease.end}`);
    print(monotonicNs(), 'lead', lease.term);
    return lease;
  });
}

/** All processes of this machine share the monotonic clock, so their times can be compared. */
function monotonicNs(): bigint {
  return process.hrtime.bigint();
}

/** @param at - a time before the check that it still leads, or after the other's lease has certainly expired */
function print(at: bigint, what: string, term: number, timestamp = 0n): void {
  console.log(`${at} ${name} ${what} ${term} ${timestamp}`);
}

let ended = false;
process.stdin.on('end', () => {
  ended = true;
});
process.stdin.resume();

while (!ended) {
  const lease = await lead();
  for (let commits = 0; lease !== null && commits < COMMITS; commits++) {
    const timestamp = now().latest;
    await waitUntilAfter(timestamp);
    // it leads as long as the end of its lease is certainly in the future; this needs no communication
    const at = monotonicNs();
    if (before(lease.end)) print(at, 'commit', lease.term, timestamp);
    await sleep(20);
  }
  for (;;) {
    const at = monotonicNs();
    if (lease === null || !before(lease.end)) break;
    print(at, 'leads', lease.term);
    await sleep(5);
  }
  await sleep(5);
}
