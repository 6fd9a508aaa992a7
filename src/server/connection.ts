/** A client's connection: one request at a time, whatever the client sends. */
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';

const CR = 13;
const LF = 10;
/** The end of a request, as none that is served has a body. */
const END = [CR, LF, CR, LF] as const;

/** How many requests of one client are begun in a turn of the event loop. */
const REQUESTS_A_TURN = 4;

/**
 * Whose requests are begun when: so many of each client in a turn of the event loop, however many of its connections have
 * requests at hand. Turns must be short, as Node accepts only one new connection in each.
 */
export class Turns {
  /** How many requests were begun in this turn, by client. */
  readonly #begun = new Map<string, number>();
  readonly #waiting = new Map<string, Set<Connection>>();
  #isScheduled = false;

  /** True if the connection may pass a request on now; otherwise it is told when it may. */
  isUp(connection: Connection): boolean {
    const { client } = connection;
    this.#schedule();
    const begun = this.#begun.get(client) ?? 0;
    if (begun < REQUESTS_A_TURN) {
      this.#begun.set(client, begun + 1);
      return true;
    }
    const waiting = this.#waiting.get(client) ?? new Set();
    this.#waiting.set(client, waiting.add(connection));
    return false;
  }

  #schedule(): void {
    if (!this.#isScheduled) setImmediate(this.#next);
    this.#isScheduled = true;
  }

  readonly #next = (): void => {
    this.#isScheduled = false;
    this.#begun.clear();
    for (const [client, connections] of [...this.#waiting]) {
      const first = [...take(connections, REQUESTS_A_TURN)];
      for (const connection of first) connections.delete(connection);
      if (connections.size === 0) this.#waiting.delete(client);
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

/**
 * Between a socket and the HTTP server. A client may send many requests without waiting for the replies (pipelining). Node
 * would read and begin them all at once, thousands in a turn of the event loop. Here the next one is passed on when the
 * reply to the one before it has been sent, and meanwhile no more is read than was read already: 64 KiB at the most.
 */
export class Connection extends Duplex {
  /** Whose it is: an address, as limits count it. */
  readonly client: string;
  readonly #socket: Socket;
  /** Received, and not passed on yet. */
  #received: Buffer | null = null;
  /** How much of {@link END} has been passed on last. */
  #matched = 0;
  /** True between two requests, where empty lines may be. */
  #isBetween = true;
  #hasEnded = false;
  #hasServed = false;
  #response: ServerResponse | null = null;
  #since = performance.now();

  readonly #turns: Turns;

  /** @param socket - of which no data was read yet */
  constructor(socket: Socket, client: string, turns: Turns) {
    super({ decodeStrings: false });
    this.#socket = socket;
    this.#turns = turns;
    this.client = client;
    socket.on('data', (bytes) => {
      this.#received = this.#received === null ? bytes : Buffer.concat([this.#received, bytes]);
      this.pass();
    });
    socket.on('end', () => {
      this.#hasEnded = true;
      this.pass();
    });
    socket.on('timeout', () => this.emit('timeout'));
    // a connection that breaks is no fault of anybody here
    socket.on('error', () => {});
    socket.on('close', () => this.destroy());
  }

  /** The response under way; null if the connection is idle. */
  get response(): ServerResponse | null {
    return this.#response;
  }

  /** True once a request was answered. */
  get hasServed(): boolean {
    return this.#hasServed;
  }

  /** For how long the response has been under way, or the connection idle, in milliseconds. */
  get ms(): number {
    return performance.now() - this.#since;
  }

  /** A request begins. */
  begin(response: ServerResponse): void {
    if (this.#response !== null) {
      // what was passed on held two requests after all
      this.destroy();
      return;
    }
    this.#turn(response);
    response.once('close', () => {
      this.#hasServed = true;
      this.#turn(null);
      this.pass();
    });
  }

  #turn(response: ServerResponse | null): void {
    this.#response = response;
    this.#since = performance.now();
    this.emit('turn');
  }

  /** Passes on as much as one request, unless one is under way, the last piece was not taken yet, or it is others' turn. */
  pass(): void {
    while (this.#received !== null && this.#response === null && this.readableLength === 0) {
      if (this.destroyed || !this.#turns.isUp(this)) break;
      const piece = this.#received.subarray(0, this.#endOfRequest(this.#received));
      this.#received = piece.length < this.#received.length ? this.#received.subarray(piece.length) : null;
      this.push(piece);
    }
    if (this.destroyed) return;
    if (this.#received !== null) this.#socket.pause();
    else if (!this.#hasEnded) this.#socket.resume();
    // upon the end the HTTP server closes, but the client may still want the reply
    else if (this.#response === null) this.push(null);
  }

  /** Where the first request in the bytes ends, or their length if it goes on after them. */
  #endOfRequest(bytes: Buffer): number {
    for (let i = 0; i < bytes.length; i++) {
      const byte = bytes[i];
      if (this.#isBetween && (byte === CR || byte === LF)) continue;
      this.#isBetween = false;
      if (byte === END[this.#matched]) this.#matched++;
      else this.#matched = byte === CR ? 1 : 0;
      if (this.#matched < END.length) continue;
      this.#matched = 0;
      this.#isBetween = true;
      return i + 1;
    }
    return bytes.length;
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

  // what the HTTP server calls on a socket, if it is there

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
