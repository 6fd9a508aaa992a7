/**
 * A Unix datagram socket on nothing but the C library's calls. No runtime tells us when one is readable, so it polls,
 * and only while an answer is awaited. It never blocks, neither the event loop nor a thread.
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

/** An answer mostly comes within 0.1 ms. */
const PACE: Pace = { eagerMs: 1, longestPauseMs: 16 };
/** How long it stays when idle, where a signal would end the process before its files are removed. */
const IDLE_MS = 1000;
/** So that a flood of datagrams does not keep the event loop: the rest has its turn. */
const DATAGRAMS_A_TURN = 16;

/**
 * Longer than any answer, so that one that is too long is seen to be. Shared: whoever receives is done with
 * it at once.
 */
const buffer = new Uint8Array(4096);

/** The receiver's queue is full: Linux says EAGAIN, the BSDs ENOBUFS. */
const FULL: ReadonlySet<string> = new Set(['EAGAIN', 'EWOULDBLOCK', 'ENOBUFS', 'EINTR']);
const EMPTY: ReadonlySet<string> = new Set(['EAGAIN', 'EWOULDBLOCK', 'EINTR']);

/** It is open when its constructor returns. */
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
  /** What the receiver had no room for yet. */
  #unsent: Uint8Array | null = null;
  readonly #poller: Poller;
  /** Where an idle socket is closed after some time. */
  #idleTimer: NodeJS.Timeout | undefined;

  /**
   * Connects a socket, which sends nothing yet. Connected, so that the system drops strangers' datagrams.
   *
   * @param timers - others than the system's only in tests
   * @throws Error of the system
   */
  constructor(libc: Libc, path: string, listener: Listener, timers = realTimers) {
    this.#libc = libc;
    this.#path = path;
    this.#listener = listener;
    this.#timers = timers;
    this.#poller = new Poller(() => this.#look(), PACE, timers);
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
    // the sender is in the middle of something, in which it must not be told
    if (failure !== null) queueMicrotask(() => this.#fail(failure));
  }

  awaiting(answer: boolean): void {
    if (!this.#open || this.#awaited === answer) return;
    this.#awaited = answer;
    if (answer) {
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
    this.#fail(new ChronyConnectionError(`${this.#path}: the idle socket was closed; ask again`));
  }

  #idle(): void {
    if (!LEAVES_SIGNALS_ALONE) return;
    this.#idleTimer = this.#timers.setTimeout(() => this.retire(), IDLE_MS).unref();
  }

  #look(): void {
    const failure = this.#flush() ?? this.#receive();
    if (failure !== null) this.#fail(failure);
  }

  /** Sends what is still to be sent; what finds no room is tried again at the next turn. */
  #flush(): ChronyError | null {
    if (this.#unsent === null) return null;
    if (this.#libc.send(this.#fd, this.#unsent, MSG_DONTWAIT) === -1) return this.#unless(FULL, 'send');
    this.#unsent = null;
    this.#poller.beEager();
    return null;
  }

  /** Hands out what has arrived, as long as it is wanted. */
  #receive(): ChronyError | null {
    for (let count = 0; count < DATAGRAMS_A_TURN && this.#awaited; count++) {
      const length = this.#libc.recv(this.#fd, buffer, MSG_DONTWAIT);
      if (length === -1) return this.#unless(EMPTY, 'recv');
      this.#listener.datagram(buffer.subarray(0, length));
    }
    return null;
  }

  /** The last error, unless it is to be expected. */
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
