/** A forger at the address of a chronyd, as a process of its own: see test/system/native/flood.c. */

import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { type Child, spawn } from '../../support/spawn.ts';
import { build } from '../../system/native/build.ts';

/** What the forger sends, over and over. */
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

/** The stratum in all that is forged: no chronyd of a test has it. */
export const FORGED_STRATUM = 13;

/** What a forger did. */
export interface Sent {
  /** How many forgeries the system took from it. */
  readonly sent: number;
  readonly seconds: number;
}

export interface FloodOptions {
  /** Datagrams per second; as fast as it can if not given. */
  readonly rate?: number;
  /** It ends by itself after so many seconds. */
  readonly seconds?: number;
  /** It keeps the real answers back. */
  readonly silent?: boolean;
}

export class Flood implements AsyncDisposable {
  /** Where it listens: it passes requests on to the real one. */
  readonly port: number;
  readonly #child: Child<'pipe', 'pipe', 'inherit'>;
  readonly #lines: AsyncIterator<string>;
  #sent: Promise<Sent> | null = null;

  private constructor(port: number, child: Child<'pipe', 'pipe', 'inherit'>, lines: AsyncIterator<string>) {
    this.port = port;
    this.#child = child;
    this.#lines = lines;
  }

  /** @param serverPort - that of the real one, on 127.0.0.1 */
  static async start(
    serverPort: number,
    forgery: Forgery,
    { rate = 0, seconds = 30, silent = false }: FloodOptions = {},
  ): Promise<Flood> {
    const args = [serverPort, forgery, rate, seconds, ...(silent ? ['silent'] : [])].map(String);
    const child = spawn(await build('flood', 'gcc'), args, { stdio: ['pipe', 'pipe', 'inherit'] });
    // it may have ended by itself when it is told to
    child.stdin.on('error', () => {});
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const { value, done } = await lines.next();
    if (done) throw new Error(`the forger ended at once: ${args.join(' ')}`);
    return new Flood(Number(value), child, lines);
  }

  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  /** True until it is stopped, or ends by itself. */
  get running(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Ends it, and tells what it did. */
  stop(): Promise<Sent> {
    this.#sent ??= this.#end();
    return this.#sent;
  }

  async #end(): Promise<Sent> {
    const exited = this.running ? once(this.#child, 'exit') : null;
    this.#child.stdin.end();
    const { value, done } = await this.#lines.next();
    await exited;
    if (done) throw new Error('the forger ended without a word');
    return JSON.parse(value);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}
