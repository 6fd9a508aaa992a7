/** Which functions one question runs through, in the source, by the engine's own count. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { findRuntimes } from '../../integration/unix/runtimes.ts';
import { startPair } from '../../support/pair.ts';

/** A function that ran: its file in `src`, its name, and how often. */
type Ran = readonly [file: string, name: string, calls: number];

export type Question = 'one-shot' | 'open connection';

/** The way of `getTracking()`, once with a connection of its own and once on an open one. */
export async function ways(): Promise<Readonly<Record<Question, readonly Ran[]>>> {
  const node = (await findRuntimes()).find(({ name }) => name.startsWith('Node.js 26'));
  if (node === undefined) throw new Error("Node.js 26 is not there: 'make runtimes' fetches it");
  // one that follows a source, so that the record has an address in it
  await using pair = await startPair();
  const program = 'test/tooling/graph/way.mjs';
  const { stdout } = await promisify(execFile)(node.program, [...node.args, program, pair.client.address]);
  return JSON.parse(stdout);
}

/** How many files, functions and calls that is. */
export function extent(way: readonly Ran[]): { files: number; functions: number; calls: number } {
  return {
    files: new Set(way.map(([file]) => file)).size,
    functions: way.length,
    calls: way.reduce((sum, [, , calls]) => sum + calls, 0),
  };
}
