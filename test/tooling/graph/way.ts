/** The functions of the source that one request runs through, as counted by V8. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { findRuntimes } from '../../integration/unix/runtimes.ts';
import { startPair } from '../../support/pair.ts';

/** A function that ran: its file in `src`, its name, and the number of its calls. */
type Ran = readonly [file: string, name: string, calls: number];

export type Call = 'one-shot' | 'open connection';

/** The functions that `getTracking()` runs through, with a new connection and on an open one. */
export async function callPaths(): Promise<Readonly<Record<Call, readonly Ran[]>>> {
  const node = (await findRuntimes()).find(({ name }) => name.startsWith('Node.js 26'));
  if (node === undefined) throw new Error("Node.js 26 is not installed: 'make runtimes' fetches it");
  // a chronyd that follows a source, so that its record contains an address
  await using pair = await startPair();
  const program = 'test/tooling/graph/way.mjs';
  const { stdout } = await promisify(execFile)(node.program, [...node.args, program, pair.client.address]);
  return JSON.parse(stdout);
}

/** The number of files, functions and calls. */
export function countsOf(callPath: readonly Ran[]): { files: number; functions: number; calls: number } {
  return {
    files: new Set(callPath.map(([file]) => file)).size,
    functions: callPath.length,
    calls: callPath.reduce((sum, [, , calls]) => sum + calls, 0),
  };
}
