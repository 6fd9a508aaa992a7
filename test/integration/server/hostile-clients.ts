/** Hostile clients, each a process with its own address, and measurements by an honest client. */

import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Child, spawn } from '../../support/spawn.ts';
import { tied } from '../../support/tied.ts';
import type { Serving } from './serving.ts';

const PROGRAM = 'test/integration/server/hostile.mjs';

/** The kinds of attacks, by their names in `hostile.mjs`. */
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
   * Starts a hostile client, and waits until it attacks.
   *
   * @param from - the client's address, in 127.0.0.0/8
   * @param header - a header line of each request
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

/** The measurements of an honest client. */
export interface Treatment {
  readonly requests: number;
  /** The replies with a status other than 200. */
  readonly failures: readonly string[];
  /** The reply times in milliseconds, in ascending order. */
  readonly times: readonly number[];
  /** The maximum CPU time of the server from a request to its reply, in seconds; independent of the machine's load. */
  readonly maxCpuTime: number;
}

export interface Honest {
  readonly from: string;
  readonly path: string;
  /** A header line. */
  readonly header?: string | undefined;
  readonly pauseMs?: number;
}

/** Sends requests for some time, each on a new connection. */
export async function askFor(
  ms: number,
  { port, pid }: Pick<Serving, 'port' | 'pid'>,
  { from, path, header, pauseMs = 50 }: Honest,
): Promise<Treatment> {
  const failures: string[] = [];
  const times: number[] = [];
  let maxCpuTime = 0;
  const end = performance.now() + ms;
  do {
    const start = performance.now();
    const before = cpuOf(pid);
    const reply = await answerTo(port, from, path, header);
    maxCpuTime = Math.max(maxCpuTime, cpuOf(pid) - before);
    times.push(performance.now() - start);
    if (!reply.startsWith('HTTP/1.1 200 ')) failures.push(reply);
    await sleep(pauseMs);
  } while (performance.now() < end);
  return { requests: times.length, failures, times: times.toSorted((a, b) => a - b), maxCpuTime };
}

/** The reply to a request on a new connection; empty if there is no reply. */
async function answerTo(port: number, from: string, path: string, header?: string): Promise<string> {
  const socket = connect({ port, host: '127.0.0.1', localAddress: from });
  let reply = '';
  socket.on('data', (chunk) => {
    reply += chunk.toString('latin1');
  });
  socket.on('error', () => {});
  const lines = ['Host: localhost', 'Connection: close', ...(header === undefined ? [] : [header])];
  socket.write(`GET ${path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
  await new Promise<void>((closed) => socket.once('close', () => closed()));
  return reply;
}

/** The peak memory of a process, in bytes. */
export function peakMemory(pid: number): number {
  const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) * 1024;
}

/** The CPU time of a process in seconds, with a resolution of a hundredth. */
export function cpuOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}
