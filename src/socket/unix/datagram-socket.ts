/**
 * A Unix datagram socket that uses only functions of the C library. Runtimes do not report when such a socket is
 * readable, so it polls, but only while a reply is awaited. It never blocks the event loop or a thread.
 */
import { ChronyConnectionError, type ChronyError } from '../../errors.ts';
import type { DatagramListener, DatagramSocket } from '../socket.ts';
import { type Closable, closeAtExit, closed, LEAVES_SIGNALS_ALONE } from './cleanup.ts';
import { ClientDirectory } from './client-directory.ts';
import type { Descriptor } from './descriptors.ts';
import { systemCallError, unixError } from './errors.ts';
import type { Libc } from './libc.ts';
import { type Pace, Poller, realTimers, type SocketTimers } from './poller.ts';
import { AF_UNIX, MSG_DONTWAIT, SOCK_DGRAM, unixAddress } from './sockaddr.ts';

/** A reply usually arrives within 0.1 ms. */
const PACE: Pace = { eagerMs: 1, longestPauseMs: 16 };
/** The time after which an idle socket is closed, if a signal could end the process before its files are removed. */
const IDLE_MS = 1000;
/** The limit prevents a flood of datagrams from blocking the event loop. */
const MAX_DATAGRAMS_PER_TURN = 16;

/**
 * Longer than any reply, so that a reply that is too long is detected. All sockets share it, because a listener may use
 * the bytes only until it returns.
 */
const buffer = new Uint8Array(4096);

/** Errors of a full receive queue: EAGAIN on Linux, ENOBUFS on the BSDs. */
const FULL: ReadonlySet<string> = new Set(['EAGAIN', 'EWOULDBLOCK', 'ENOBUFS', 'EINTR']);
const EMPTY: ReadonlySet<string> = new Set(['EAGAIN', 'EWOULDBLOCK', 'EINTR']);

/** The socket is open when its constructor returns, so `opened` is not called. */
type Listener = Omit<DatagramListener, 'opened'>;

export class UnixDatagramSocket implements DatagramSocket, Closable {
  readonly #libc: Libc;
  readonly #path: string;
  readonly #listener: Listener;
  readonly #timers: SocketTimers;
  readonly #directory: ClientDirectory;
  #descriptor: Descriptor | null = null;
  #fd = -1;
  #open = true;
  #awaited = false;
  /** The datagram that the receiver's queue had no room for. */
  #unsent: Uint8Array | null = null;
  readonly #poller: Poller;
  /** Closes the socket if it is idle. Only used in Deno. */
  #idleTimer: NodeJS.Timeout | undefined;

  /**
   * Connects a socket without sending anything. It is connected so that the system drops datagrams from other senders.
   *
   * @param timers - the system's timers, except in tests
   * @throws the system's error
   */
  constructor(libc: Libc, path: string, listener: Listener, timers = realTimers) {
    this.#libc = libc;
    this.#path = path;
    this.#listener = listener;
    this.#timers = timers;
    this.#poller = new Poller(() => this.#poll(), PACE, timers);
    this.#directory = new ClientDirectory(libc, path);
    try {
      closeAtExit(this);
      this.#descriptor = libc.descriptors.openSocket(AF_UNIX, SOCK_DGRAM, this.#directory.path);
      this.#fd = this.#descriptor.fd;
      this.#directory.sweep(this.#fd);
      this.#directory.bind(this.#fd);
      if (libc.connect(this.#fd, unixAddress(path)) === -1) throw libc.error('connect');
      this.#idle();
    } catch (error) {
      this.close();
      throw error;
    }
  }

  send(datagram: Uint8Array): void {
    if (!this.#open) return;
    this.#unsent = datagram;
    const failure = this.#flush();
    if (this.#unsent !== null) this.#poller.beEager();
    // the listener must not be called while a method of the socket runs
    if (failure !== null) queueMicrotask(() => this.#fail(failure));
  }

  awaiting(reply: boolean): void {
    if (!this.#open || this.#awaited === reply) return;
    this.#awaited = reply;
    if (reply) {
      this.#timers.clearTimeout(this.#idleTimer);
      this.#poller.start();
      return;
    }
    this.#poller.stop();
    this.#unsent = null;
    this.#idle();
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#awaited = false;
    this.#timers.clearTimeout(this.#idleTimer);
    this.#poller.stop();
    this.#descriptor?.close();
    this.#directory.remove();
    closed(this);
  }

  retire(): void {
    if (this.#awaited) return;
    this.#fail(new ChronyConnectionError(`${this.#path}: the idle socket was closed; try again`));
  }

  #idle(): void {
    if (!LEAVES_SIGNALS_ALONE) return;
    this.#idleTimer = this.#timers.setTimeout(() => this.retire(), IDLE_MS).unref();
  }

  #poll(): void {
    const failure = this.#flush() ?? this.#receive();
    if (failure !== null) this.#fail(failure);
  }

  /** Sends the unsent datagram, if any. If the receiver's queue is full, the next turn tries again. */
  #flush(): ChronyError | null {
    if (this.#unsent === null) return null;
    if (this.#libc.send(this.#fd, this.#unsent, MSG_DONTWAIT) === -1) return this.#unless(FULL, 'send');
    this.#unsent = null;
    this.#poller.beEager();
    return null;
  }

  /** Passes received datagrams to the listener while a reply is awaited. */
  #receive(): ChronyError | null {
    for (let count = 0; count < MAX_DATAGRAMS_PER_TURN && this.#awaited; count++) {
      const length = this.#libc.recv(this.#fd, buffer, MSG_DONTWAIT);
      if (length === -1) return this.#unless(EMPTY, 'recv');
      this.#listener.datagram(buffer.subarray(0, length));
    }
    return null;
  }

  /** Returns the last error, or null if it is one of the expected errors. */
  #unless(expected: ReadonlySet<string>, call: string): ChronyError | null {
    const code = this.#libc.lastError();
    return expected.has(code) ? null : unixError(this.#path, systemCallError(call, code));
  }

  #fail(error: ChronyError): void {
    if (!this.#open) return;
    this.close();
    this.#listener.failed(error);
  }
}
