/** A process that sends forged replies from the address of a chronyd: see test/system/native/flood.c. */

import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { type Child, spawn } from '../../support/spawn.ts';
import { build } from '../../system/native/build.ts';

/** The kinds of forged datagrams. The process sends one kind continuously. */
export const forgeries = {
  guess: 'answers with a guessed sequence number',
  replay: 'old answers played again',
  oversized: 'the right sequence number, longer than the request',
  truncated: 'the right sequence number, shorter than a header',
  'other code': 'the right sequence number, to another request',
  stranger: 'right answers from another port and another address',
  mixed: 'all of these in turn',
} as const;

export type Forgery = keyof typeof forgeries;

/** The stratum in all forged replies. No chronyd of a test has it. */
export const FORGED_STRATUM = 13;

/** The statistics of a flood. */
export interface Sent {
  /** The number of forgeries that the system accepted for sending. */
  readonly sent: number;
  readonly seconds: number;
}

export interface FloodOptions {
  /** Datagrams per second; default: as fast as possible. */
  readonly rate?: number;
  /** The time after which the process ends by itself. */
  readonly seconds?: number;
  /** Whether it withholds the real replies. */
  readonly silent?: boolean;
}

export class Flood implements AsyncDisposable {
  /** The port on which it listens. It forwards requests to the real chronyd. */
  readonly port: number;
  readonly #child: Child<'pipe', 'pipe', 'inherit'>;
  readonly #lines: AsyncIterator<string>;
  #sent: Promise<Sent> | null = null;

  private constructor(port: number, child: Child<'pipe', 'pipe', 'inherit'>, lines: AsyncIterator<string>) {
    this.port = port;
    this.#child = child;
    this.#lines = lines;
  }

  /** @param serverPort - the port of the real chronyd on 127.0.0.1 */
  static async start(
    serverPort: number,
    forgery: Forgery,
    { rate = 0, seconds = 30, silent = false }: FloodOptions = {},
  ): Promise<Flood> {
    const args = [serverPort, forgery, rate, seconds, ...(silent ? ['silent'] : [])].map(String);
    const child = spawn(await build('flood', 'gcc'), args, { stdio: ['pipe', 'pipe', 'inherit'] });
    // the process may already have ended by itself when its stdin is closed
    child.stdin.on('error', () => {});
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const { value, done } = await lines.next();
    if (done) throw new Error(`the forger ended immediately: ${args.join(' ')}`);
    return new Flood(Number(value), child, lines);
  }

  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  /** True until the process is stopped or ends by itself. */
  get running(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Ends the process and returns its statistics. */
  stop(): Promise<Sent> {
    this.#sent ??= this.#end();
    return this.#sent;
  }

  async #end(): Promise<Sent> {
    const exited = this.running ? once(this.#child, 'exit') : null;
    this.#child.stdin.end();
    const { value, done } = await this.#lines.next();
    await exited;
    if (done) throw new Error('the forger ended without output');
    return JSON.parse(value);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}
