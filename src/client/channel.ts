/**
 * One socket and one session on it: asks, waits, asks again. A channel has at most one request outstanding, and drops
 * what arrives while there is none, so nothing can pile up.
 */
// imported, so that a test's fake timers do not stop it
import { clearTimeout, setImmediate, setTimeout } from 'node:timers';
import { ChronyDataError, ChronyError, ChronyLibraryError, ChronyTimeoutError } from '../errors.ts';
import { isAnswer } from '../sandbox/errors.ts';
import { type Libchrony, sharedLibchrony } from '../sandbox/instance.ts';
import type { RecordReader } from '../sandbox/record.ts';
import { Session } from '../sandbox/session.ts';
import {
  type DatagramListener,
  type DatagramSocket,
  type Endpoint,
  formatEndpoint,
  type OpenSocket,
} from '../socket/socket.ts';
import { type Settings, totalTimeout, tryTimeout } from './options.ts';

/** What is under way: one request, or its repetitions. */
interface Exchange {
  readonly report: string;
  /** Sends the request. */
  readonly request: () => void;
  /** Reads what came, and tells whoever asked. */
  readonly answered: () => void;
  readonly failed: (reason: unknown) => void;
  /** How often it was asked again. */
  retries: number;
}

export class Channel {
  readonly #settings: Settings;
  readonly #peer: string;
  readonly #library: Libchrony;
  #session: Session;
  #socket: DatagramSocket | null = null;
  #exchange: Exchange | null = null;
  /** One for all requests: to make one for each would take longer than to read the answer. */
  #timer: NodeJS.Timeout | undefined;
  #timerMs = 0;
  /** Why it was closed; null while it is open. */
  #closed: { readonly reason: unknown } | null = null;

  private constructor(settings: Settings, peer: string) {
    this.#settings = settings;
    this.#peer = peer;
    this.#library = sharedLibchrony();
    this.#session = this.#newSession();
  }

  /** @throws ChronyError if the socket cannot be opened, or the sandbox has no room for a session. */
  static async open(endpoint: Endpoint, settings: Settings, openSocket: OpenSocket): Promise<Channel> {
    const channel = new Channel(settings, formatEndpoint(endpoint));
    const listener: DatagramListener = {
      datagram: (bytes) => channel.#receive(bytes),
      // not at once: a socket may fail while the sandbox is in the middle of sending, and closing ends its session
      failed: (error) => queueMicrotask(() => channel.close(error)),
    };
    try {
      channel.#socket = await openSocket(endpoint, listener);
      channel.#throwIfUnusable();
      return channel;
    } catch (error) {
      // it may have failed before it was ours to close
      channel.#socket?.close();
      channel.close(error);
      throw error;
    }
  }

  /** False once the socket has failed, an exchange was cut short or the sandbox cannot be trusted: open another. */
  get usable(): boolean {
    return this.#closed === null && !this.#library.discarded;
  }

  /** Asks how many records a report has. */
  numberRecords(report: string): Promise<number> {
    return this.#begin(
      report,
      () => this.#session.requestNumberRecords(report),
      () => this.#session.numberRecords,
    );
  }

  /**
   * Gets a record.
   *
   * @param read - makes something of the record, at once: it is gone when this returns
   */
  record<T>(report: string, record: number, read: (record: RecordReader) => T): Promise<T> {
    return this.#begin(
      report,
      () => this.#session.requestRecord(report, record),
      () => read(this.#session.record),
    );
  }

  /** Closes the channel; who waits on it is given the reason. A second time does nothing. */
  close(reason: unknown): void {
    if (this.#closed !== null) return;
    this.#closed = { reason };
    clearTimeout(this.#timer);
    this.#socket?.close();
    this.#session.close();
    this.#end()?.failed(reason);
  }

  #newSession(): Session {
    try {
      return new Session(this.#library, this.#peer, (datagram) => this.#socket?.send(datagram));
    } catch (error) {
      throw error instanceof ChronyError ? error : this.#crash(error);
    }
  }

  /**
   * Requests until answered: each try is a new request, so an answer to an earlier one is ignored. The answer
   * is read in the same turn in which it was seen to be there: closing the channel takes it away.
   */
  #begin<T>(report: string, request: () => void, read: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      const answered = (): void => resolve(read());
      this.#exchange = { report, request, answered, failed: reject, retries: 0 };
      this.#ask(this.#exchange);
    });
  }

  #ask(exchange: Exchange): void {
    try {
      this.#throwIfUnusable();
      exchange.request();
      if (this.#session.needsResponse) this.#await(exchange);
      else this.#answer();
    } catch (error) {
      this.#fail(error);
    }
  }

  #throwIfUnusable(): void {
    if (this.#closed !== null) throw this.#closed.reason;
    if (this.#library.discarded) throw this.#crash();
  }

  #await({ retries }: Exchange): void {
    const ms = tryTimeout(this.#settings, retries);
    if (this.#timer !== undefined && this.#timerMs === ms) {
      this.#timer.refresh();
    } else {
      clearTimeout(this.#timer);
      this.#timerMs = ms;
      // it is the socket that keeps the process alive while an answer is awaited
      this.#timer = setTimeout(() => this.#letArrive(), ms).unref();
    }
    this.#socket?.awaiting(true);
  }

  /** Where the process was held up, the answer may be there already: timers come before datagrams. */
  #letArrive(): void {
    const exchange = this.#exchange;
    if (exchange === null) return;
    setImmediate(() => {
      if (this.#exchange === exchange) this.#timeUp(exchange);
    });
  }

  #timeUp(exchange: Exchange): void {
    if (exchange.retries++ < this.#settings.retries) this.#ask(exchange);
    else this.#fail(this.#timeout(exchange.report));
  }

  #receive(datagram: Uint8Array): void {
    if (this.#exchange === null) return;
    try {
      this.#throwIfUnusable();
      this.#session.process(datagram);
      if (!this.#session.needsResponse) this.#answer();
    } catch (error) {
      this.#fail(error);
    }
  }

  #answer(): void {
    const exchange = this.#end();
    try {
      exchange?.answered();
    } catch (error) {
      exchange?.failed(
        error instanceof ChronyDataError ? this.#unusable(exchange.report, error) : this.#recover(error),
      );
    }
  }

  #fail(error: unknown): void {
    try {
      const reason = this.#recover(error);
      this.#end()?.failed(reason);
    } catch (worse) {
      this.close(worse);
    }
  }

  /** Ends the exchange under way, and returns it. */
  #end(): Exchange | null {
    const exchange = this.#exchange;
    this.#exchange = null;
    if (exchange !== null) this.#socket?.awaiting(false);
    return exchange;
  }

  /**
   * Leaves nothing of a failed exchange behind: a new session where chronyd itself said no, else a new
   * channel.
   */
  #recover(error: unknown): unknown {
    if (this.#closed !== null) return this.#closed.reason;
    if (error instanceof ChronyError && isAnswer(error)) {
      const fresh = this.#newSession();
      this.#session.close();
      this.#session = fresh;
      return error;
    }
    const reason = error instanceof ChronyError ? error : this.#crash(error);
    this.close(reason);
    return reason;
  }

  /** @param cause - how it trapped; left out if it did so, or was taken over, on another channel */
  #crash(cause?: unknown): ChronyError {
    this.#library.discard();
    return new ChronyLibraryError(
      `${this.#peer}: the sandboxed library crashed; this is a fault of chrony-wasm, please report it`,
      { cause },
    );
  }

  /** A record that breaks the rules of its class. */
  #unusable(report: string, cause: ChronyDataError): ChronyDataError {
    return new ChronyDataError(
      `${report} from ${this.#peer}: ${cause.message}; upgrade chrony-wasm, or see getReport() for what was sent`,
      { cause },
    );
  }

  #timeout(report: string): ChronyTimeoutError {
    const tries = this.#settings.retries + 1;
    return new ChronyTimeoutError(
      `${report} from ${this.#peer}: no answer in ${totalTimeout(this.#settings)} ms (${tries} ${tries === 1 ? 'try' : 'tries'}); ` +
        'check that chronyd runs there, allows this host (cmdallow), and that no firewall is in between',
    );
  }
}
