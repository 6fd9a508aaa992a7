/** `chrony-wasm serve` as a process, and what asks it. */
import { once } from 'node:events';
import { type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';
import { request as tlsRequest } from 'node:https';
import { connect, type Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Child, spawn } from '../../support/spawn.ts';
import { tied } from '../../support/tied.ts';
import type { CommandLine } from '../cli/support.ts';

export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly text: string;
}

export interface AskOptions {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** A certificate to trust. */
  readonly ca?: string;
  /** The client's own certificate, and its key. */
  readonly cert?: string;
  readonly key?: string;
  /** The address that it comes from, in 127.0.0.0/8: another one is another client. */
  readonly from?: string;
}

/** Begins a request, whose answer may never end. */
export async function open(url: string, options: AskOptions = {}): Promise<IncomingMessage> {
  const { method = 'GET', headers = {}, body, ca, cert, key, from } = options;
  const begin = url.startsWith('https') ? tlsRequest : request;
  // a connection of its own, which nothing keeps open
  const asking = begin(url, {
    method,
    headers,
    agent: false,
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert, key }),
    ...(from === undefined ? {} : { localAddress: from }),
  });
  asking.end(body);
  const [response] = (await once(asking, 'response')) as [IncomingMessage];
  return response;
}

export async function ask(url: string, options: AskOptions = {}): Promise<Reply> {
  const response = await open(url, options);
  const body = await buffer(response);
  return { status: response.statusCode ?? 0, headers: response.headers, body, text: body.toString() };
}

/** The address of the n-th of many clients, of whom each has as many connections as one may have. */
export function clientAddress(n: number): string {
  return `127.0.1.${Math.floor(n / 30) + 1}`;
}

/** Those that run, so that none outlives this process. */
const running = new Set<Child>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

export interface Connection extends Socket {
  readonly said: () => string;
  /** When it is closed, by whomever. */
  readonly ended: Promise<void>;
}

export class Serving implements AsyncDisposable {
  /** Where it says that it listens. */
  readonly url: string;
  readonly #child: Child;
  readonly #log: () => string;
  readonly #closed: Promise<[number | null, NodeJS.Signals | null]>;

  private constructor(url: string, child: Child, log: () => string, closed: Serving['ended']) {
    this.url = url;
    this.#child = child;
    this.#log = log;
    this.#closed = closed;
  }

  /**
   * Starts one on a free port of the loopback, unless the arguments say otherwise, and waits until it listens.
   *
   * @param under - a program that runs another, with its arguments
   * @param command - the command that serves
   * @param flags - of Node.js
   */
  static async start(
    {
      program,
      under = [],
      command: name = 'serve',
      flags = [],
    }: Pick<CommandLine, 'program'> & {
      readonly under?: readonly string[];
      readonly command?: 'serve' | 'fleet';
      readonly flags?: readonly string[];
    },
    ...args: readonly string[]
  ): Promise<Serving> {
    const isPlaced = args.some((arg) => arg.startsWith('--listen') || arg === '--systemd-socket');
    const listen = isPlaced ? [] : ['--listen', '0'];
    const [first = '', ...others] = [...under, process.execPath, ...flags, program, name, ...listen, ...args];
    const command = tied(first, ...others);
    const child = spawn(...command, { stdio: ['ignore', 'ignore', 'pipe'] });
    running.add(child);
    const closed = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
    void closed.then(() => running.delete(child));
    let log = '';
    child.stderr.on('data', (chunk) => {
      log += chunk;
    });
    const url = await new Promise<string>((resolve, reject) => {
      child.stderr.on('data', () => {
        const found = /listening on (\S+)/.exec(log)?.[1];
        if (found !== undefined) resolve(found);
      });
      void closed.then(() => reject(new Error(`${name} ${args.join(' ')} ended: ${log}`)));
    });
    return new Serving(url, child, () => log, closed);
  }

  get port(): number {
    return Number(new URL(this.url).port);
  }

  get log(): string {
    return this.#log();
  }

  /** Its process, for the tests of what it holds. */
  get pid(): number {
    return this.#child.pid ?? 0;
  }

  ask(path: string, options?: AskOptions): Promise<Reply> {
    return ask(new URL(path, this.url).href, options);
  }

  /** Waits until it has asked chronyd. */
  async ready(status = 200): Promise<void> {
    const end = Date.now() + 60_000;
    for (let reply = await this.ask('/readyz'); reply.status !== status; reply = await this.ask('/readyz')) {
      if (Date.now() > end) throw new Error(`/readyz is not ${status} but ${reply.status}: ${reply.text}`);
      await sleep(50);
    }
  }

  /** A connection without anything on it, of which what comes is gathered. */
  async connect(from = '127.0.0.1'): Promise<Connection> {
    const socket = connect({ port: this.port, host: '127.0.0.1', localAddress: from });
    await once(socket, 'connect');
    let said = '';
    socket.on('data', (chunk) => {
      said += chunk;
    });
    // reset: where it was still sending when the server had closed it
    socket.on('error', () => {});
    const ended = new Promise<void>((closed) => socket.once('close', () => closed()));
    return Object.assign(socket, { said: () => said, ended });
  }

  /** As if whoever reads the log had gone. */
  closeLog(): void {
    this.#child.stderr?.destroy();
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** How it ended: the exit status, or the signal. */
  get ended(): Promise<[number | null, NodeJS.Signals | null]> {
    return this.#closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.kill('SIGKILL');
    await this.#closed;
  }
}
