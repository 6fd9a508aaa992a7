/** A client's connection: one request at a time, even if the client pipelines requests. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import type { Client } from './clients.ts';

const CR = 13;
const LF = 10;
/** The end of a request. Requests with a body are not served. */
const END = [CR, LF, CR, LF] as const;

/** The maximum number of requests of one client that begin in a turn of the event loop. */
const REQUESTS_A_TURN = 4;
/** The number of turns for which busy clients wait while new connections arrive. */
const ACCEPTING_TURNS = 16;

/**
 * Decides when requests begin. In a turn of the event loop, a client may begin `REQUESTS_A_TURN` requests, however many of
 * its connections have received one. Node accepts only one new connection in each turn. So while connections arrive, a
 * client that has begun its requests waits for some turns.
 */
export class Turns {
  /** The number of requests that have begun in this turn, by client. */
  readonly #begun = new Map<string, number>();
  readonly #waiting = new Map<string, Set<Connection>>();
  #isScheduled = false;
  #hasAccepted = false;
  #acceptingTurns = 0;

  /** Called for each new connection. */
  accepted(): void {
    this.#hasAccepted = true;
    this.#schedule();
  }

  /** True if the connection may pass on a request now. Otherwise its `pass()` is called later, when it may. */
  isUp(connection: Connection): boolean {
    const { name } = connection.client;
    this.#schedule();
    const begun = this.#begun.get(name) ?? 0;
    if (begun < REQUESTS_A_TURN) {
      this.#begun.set(name, begun + 1);
      return true;
    }
    const waiting = this.#waiting.get(name) ?? new Set();
    this.#waiting.set(name, waiting.add(connection));
    return false;
  }

  #schedule(): void {
    if (!this.#isScheduled) setImmediate(this.#next);
    this.#isScheduled = true;
  }

  readonly #next = (): void => {
    this.#isScheduled = false;
    if (this.#hasAccepted && this.#acceptingTurns < ACCEPTING_TURNS) {
      this.#hasAccepted = false;
      this.#acceptingTurns++;
      this.#schedule();
      return;
    }
    this.#acceptingTurns = 0;
    this.#begun.clear();
    for (const [name, connections] of [...this.#waiting]) {
      const first = [...take(connections, REQUESTS_A_TURN)];
      for (const connection of first) connections.delete(connection);
      if (connections.size === 0) this.#waiting.delete(name);
      else this.#schedule();
      for (const connection of first) connection.pass();
    }
  };
}

function* take<T>(items: Iterable<T>, count: number): Generator<T> {
  let left = count;
  for (const item of items) {
    if (left-- === 0) return;
    yield item;
  }
}

/** The longest request, and the most empty lines before one, in bytes. */
export const MAX_REQUEST = 8192;

/**
 * A stream between a socket and the HTTP server. A client may send many requests without waiting for the replies
 * (pipelining). Node would read and begin all of them at once, thousands in a turn of the event loop. This class
 * passes on a request only when the reply to the previous one has been sent, and reads no further meanwhile, so
 * that it holds 64 KiB at most.
 */
export class Connection extends Duplex {
  readonly client: Client;
  readonly #socket: Socket;
  readonly #turns: Turns;
  /** Called when the connection becomes idle. */
  readonly #onIdle: () => void;
  /** The bytes that were received and not yet passed on. */
  #received: Buffer | null = null;
  /** The number of bytes of {@link END} that the passed-on data ends with. */
  #matched = 0;
  /** The bytes of empty lines since the last request; null within a request. */
  #empty: number | null = 0;
  #hasEnded = false;
  #hasServed = false;
  #isStreaming = false;
  #response: ServerResponse | null = null;
  #since = performance.now();

  /** @param socket - a socket from which nothing has been read yet */
  constructor(socket: Socket, client: Client, turns: Turns, onIdle: () => void) {
    super({ decodeStrings: false });
    this.#socket = socket;
    this.#turns = turns;
    this.#onIdle = onIdle;
    this.client = client;
    socket.on('data', (bytes) => {
      if (this.#isStreaming) return;
      this.#received = this.#received === null ? bytes : Buffer.concat([this.#received, bytes]);
      this.pass();
    });
    socket.on('end', () => {
      this.#hasEnded = true;
      if (this.#isStreaming) this.destroy();
      else this.pass();
    });
    socket.on('timeout', () => this.emit('timeout'));
    // a broken connection needs no handling
    socket.on('error', () => {});
    socket.on('close', () => this.destroy());
  }

  /** The response in progress; null if the connection is idle. */
  get response(): ServerResponse | null {
    return this.#response;
  }

  /** True while a request has been received and its response has not begun. */
  get isWaiting(): boolean {
    return this.#response === null && this.#received !== null;
  }

  /** True once a request was answered. */
  get hasServed(): boolean {
    return this.#hasServed;
  }

  /** The time since the response began or the connection became idle, in milliseconds. */
  get ms(): number {
    return performance.now() - this.#since;
  }

  /** Called when a request begins. */
  begin(response: ServerResponse): void {
    if (this.#response !== null) {
      // Node's parser and this class disagree about the end of the request
      this.destroy();
      return;
    }
    this.#response = response;
    this.#since = performance.now();
    response.once('close', () => {
      this.#response = null;
      this.#since = performance.now();
      this.#hasServed = true;
      this.#onIdle();
      this.pass();
    });
  }

  /**
   * Marks the response as an endless stream: it ends when the client ends its side, and no further request is
   * answered.
   */
  stream(): void {
    this.#isStreaming = true;
    this.#received = null;
    if (this.#hasEnded) this.destroy();
    else this.#socket.resume();
  }

  /**
   * Passes on one request, unless a response is in progress, the HTTP server has not read the last piece, or
   * `Turns` defers it.
   */
  pass(): void {
    while (this.#received !== null && this.#response === null && this.readableLength === 0) {
      if (this.destroyed || this.writableEnded || !this.#turns.isUp(this)) break;
      const piece = this.#received.subarray(0, this.#endOfRequest(this.#received));
      this.#received = piece.length < this.#received.length ? this.#received.subarray(piece.length) : null;
      if (this.#empty !== null && this.#empty > MAX_REQUEST) this.destroy();
      else this.push(piece);
    }
    if (this.destroyed || this.#isStreaming) return;
    if (this.#received !== null) this.#socket.pause();
    else if (!this.#hasEnded) {
      if (this.#socket.isPaused()) this.#socket.resume();
    }
    // the HTTP server closes the connection at this end, but the client may still want the reply
    else if (this.#response === null) this.push(null);
  }

  /** The position after the first request in the bytes, or after the longest piece that may be passed on. */
  #endOfRequest(bytes: Buffer): number {
    const length = Math.min(bytes.length, MAX_REQUEST);
    for (let i = 0; i < length; i++) {
      const byte = bytes[i];
      if (this.#empty !== null && (byte === CR || byte === LF)) {
        this.#empty++;
        continue;
      }
      this.#empty = null;
      if (byte === END[this.#matched]) this.#matched++;
      else this.#matched = byte === CR ? 1 : 0;
      if (this.#matched < END.length) continue;
      this.#matched = 0;
      this.#empty = 0;
      return i + 1;
    }
    return length;
  }

  override _read(): void {
    this.pass();
  }

  override _write(
    chunk: string | Buffer,
    encoding: BufferEncoding,
    done: (error?: Error | null) => void,
  ): void {
    this.#socket.write(chunk, encoding, done);
  }

  override _writev(
    chunks: readonly { readonly chunk: string | Buffer; readonly encoding: BufferEncoding }[],
    done: (error?: Error | null) => void,
  ): void {
    this.#socket.cork();
    chunks.forEach(({ chunk, encoding }, index) => {
      if (index < chunks.length - 1) this.#socket.write(chunk, encoding);
      else this.#socket.write(chunk, encoding, done);
    });
    this.#socket.uncork();
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#socket.end(() => done());
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#received = null;
    this.#socket.destroy();
    done(error);
  }

  // the HTTP server calls this method if a socket has it

  setTimeout(ms: number, listener?: () => void): this {
    if (listener !== undefined) this.once('timeout', listener);
    this.#socket.setTimeout(ms);
    return this;
  }

  destroySoon(): void {
    this.end();
    if (this.writableFinished) this.destroy();
    else this.once('finish', () => this.destroy());
  }
}

/** The connection of a request: the server has no other sockets. */
export function connectionOf({ socket }: IncomingMessage): Connection {
  if (socket instanceof Connection) return socket;
  throw new Error('the request came over another kind of socket');
}
