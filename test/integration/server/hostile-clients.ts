/** Clients that mean harm, each a process with an address of its own, and how an honest one fares meanwhile. */

import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Child, spawn } from '../../support/spawn.ts';
import { tied } from '../../support/tied.ts';
import type { Serving } from './serving.ts';

const PROGRAM = 'test/integration/server/hostile.mjs';

/** What they do, by their names in `hostile.mjs`. */
export const KINDS = [
  'pipeline',
  'idle',
  'deaf',
  'storm',
  'untaken',
  'slow',
  'connections',
  'eager',
  'nonsense',
] as const;

export type Kind = (typeof KINDS)[number];

export class HostileClient implements AsyncDisposable {
  readonly #child: Child;
  readonly #closed: Promise<unknown>;

  private constructor(child: Child) {
    this.#child = child;
    this.#closed = once(child, 'close');
  }

  /**
   * Starts one, and waits until it is at it.
   *
   * @param from - its address, in 127.0.0.0/8
   * @param header - a line of each request
   */
  static async start(kind: Kind, { port }: Serving, from: string, header?: string): Promise<HostileClient> {
    const args = [PROGRAM, kind, String(port), from, ...(header === undefined ? [] : [header])];
    const child = spawn(...tied(process.execPath, ...args), { stdio: ['ignore', 'pipe', 'inherit'] });
    const client = new HostileClient(child);
    await once(child.stdout, 'data');
    return client;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#closed;
  }
}

/** How an honest client fared. */
export interface Treatment {
  readonly asked: number;
  /** What was said to each request that was not answered with 200. */
  readonly failures: readonly string[];
  /** How long each answer took, in milliseconds, the shortest first. */
  readonly times: readonly number[];
  /** For how long the server computed, at the most, from a request to its answer, in seconds, whatever else the machine did. */
  readonly computed: number;
}

export interface Honest {
  readonly from: string;
  readonly path: string;
  /** A header line. */
  readonly header?: string | undefined;
  readonly pauseMs?: number;
}

/** Asks for some time, with a new connection for each request. */
export async function askFor(
  ms: number,
  { port, pid }: Pick<Serving, 'port' | 'pid'>,
  { from, path, header, pauseMs = 50 }: Honest,
): Promise<Treatment> {
  const failures: string[] = [];
  const times: number[] = [];
  let computed = 0;
  const end = performance.now() + ms;
  do {
    const start = performance.now();
    const before = cpuOf(pid);
    const said = await answerTo(port, from, path, header);
    computed = Math.max(computed, cpuOf(pid) - before);
    times.push(performance.now() - start);
    if (!said.startsWith('HTTP/1.1 200 ')) failures.push(said);
    await sleep(pauseMs);
  } while (performance.now() < end);
  return { asked: times.length, failures, times: times.toSorted((a, b) => a - b), computed };
}

/** What is said to a request on a connection of its own; empty if nothing is. */
async function answerTo(port: number, from: string, path: string, header?: string): Promise<string> {
  const socket = connect({ port, host: '127.0.0.1', localAddress: from });
  let said = '';
  socket.on('data', (chunk) => {
    said += chunk.toString('latin1');
  });
  socket.on('error', () => {});
  const lines = ['Host: localhost', 'Connection: close', ...(header === undefined ? [] : [header])];
  socket.write(`GET ${path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
  await new Promise<void>((closed) => socket.once('close', () => closed()));
  return said;
}

/** The most memory that a process has had, in bytes. */
export function peakMemory(pid: number): number {
  const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) * 1024;
}

/** For how long a process has computed, in seconds, of which the system counts hundredths. */
export function cpuOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}
