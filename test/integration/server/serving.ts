/** `chrony-wasm serve` as a process, and a client for it. */
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
  /** The client certificate, and its key. */
  readonly cert?: string;
  readonly key?: string;
  /** The address of the client, in 127.0.0.0/8: another address counts as another client. */
  readonly from?: string;
}

/** Sends a request and returns the response, whose body may never end. */
export async function open(url: string, options: AskOptions = {}): Promise<IncomingMessage> {
  const { method = 'GET', headers = {}, body, ca, cert, key, from } = options;
  const begin = url.startsWith('https') ? tlsRequest : request;
  // a separate connection, which is not kept open by an agent
  const pending = begin(url, {
    method,
    headers,
    agent: false,
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert, key }),
    ...(from === undefined ? {} : { localAddress: from }),
  });
  pending.end(body);
  const [response] = (await once(pending, 'response')) as [IncomingMessage];
  return response;
}

export async function ask(url: string, options: AskOptions = {}): Promise<Reply> {
  const response = await open(url, options);
  const body = await buffer(response);
  return { status: response.statusCode ?? 0, headers: response.headers, body, text: body.toString() };
}

/** An address for the n-th of many connections, such that no address has more connections than allowed. */
export function clientAddress(n: number): string {
  return `127.0.1.${Math.floor(n / 30) + 1}`;
}

/** The running processes, which are killed when this process exits. */
const running = new Set<Child>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

export interface Connection extends Socket {
  /** The text received so far. */
  readonly received: () => string;
  /** Resolves when either side has closed the connection. */
  readonly ended: Promise<void>;
}

export class Serving implements AsyncDisposable {
  /** The URL at which the server listens, according to its log. */
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
   * Starts a server and waits until it listens, by default on a free port of the loopback.
   *
   * @param under - a program that runs the server, with its arguments
   * @param command - the command that serves
   * @param flags - options of Node.js
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

  /** The process ID, for tests of its resources. */
  get pid(): number {
    return this.#child.pid ?? 0;
  }

  ask(path: string, options?: AskOptions): Promise<Reply> {
    return ask(new URL(path, this.url).href, options);
  }

  /** Waits until `/readyz` has the status. Default: 200, which means that chronyd has replied. */
  async ready(status = 200): Promise<void> {
    const end = Date.now() + 60_000;
    for (let reply = await this.ask('/readyz'); reply.status !== status; reply = await this.ask('/readyz')) {
      if (Date.now() > end) throw new Error(`/readyz is not ${status} but ${reply.status}: ${reply.text}`);
      await sleep(50);
    }
  }

  /** Opens a connection without a request, and collects the received text. */
  async connect(from = '127.0.0.1'): Promise<Connection> {
    const socket = connect({ port: this.port, host: '127.0.0.1', localAddress: from });
    await once(socket, 'connect');
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk;
    });
    // a reset occurs if the client was still sending when the server closed the connection
    socket.on('error', () => {});
    const ended = new Promise<void>((closed) => socket.once('close', () => closed()));
    return Object.assign(socket, { received: () => text, ended });
  }

  /** Closes the pipe of the log, as if its reader had gone. */
  closeLog(): void {
    this.#child.stderr?.destroy();
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** The exit status, or the signal that ended the server. */
  get ended(): Promise<[number | null, NodeJS.Signals | null]> {
    return this.#closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.kill('SIGKILL');
    await this.#closed;
  }
}
