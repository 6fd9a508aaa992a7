/**
 * A socket and a session on it. A channel has at most one request outstanding. It drops datagrams that arrive while
 * it has none, so that they cannot accumulate.
 */
import { ChronyDataError, ChronyError, ChronyLibraryError, ChronyTimeoutError } from '../errors.ts';
import { isAnswer } from '../sandbox/errors.ts';
import { type Libchrony, sharedLibchrony } from '../sandbox/instance.ts';
import { Session } from '../sandbox/session.ts';
import { type Endpoint, formatEndpoint, isLoopback } from '../socket/address.ts';
import type { DatagramListener, DatagramSocket } from '../socket/socket.ts';
import { openUdp, type SpareSockets } from '../socket/udp.ts';
import { openUnix } from '../socket/unix.ts';
import { clearTimeout, setImmediate, setTimeout } from '../util/timers.ts';
import { type Settings, totalTimeout, tryTimeout } from './options.ts';

/** Sends a request other than that for a record by its number. */
export type Requester = (session: Session, report: string) => void;

/** Requests the number of records. */
export const requestCount: Requester = (session, report) => session.requestNumberRecords(report);
/** Sends nothing: the exchange is complete when the socket is open. */
export const requestNothing: Requester = () => {};

const SILENT_OVER_UDP =
  'check that chronyd runs there, allows this host (cmdallow), and that no firewall is in between';
const SILENT_REMOTE =
  'check that chronyd runs there and answers other hosts (bindcmdaddress and cmdallow), and that no firewall is in between';
/**
 * A chronyd that has the socket's directory at another path sends its replies to a path that does not exist in its
 * file system.
 */
const SILENT_OVER_UNIX =
  "check that chronyd is neither stopped nor overloaded, may write to its socket's directory (SELinux, AppArmor), and has " +
  'that directory at the same path (containers)';

/** An exchange on a channel: one request, which may be sent several times, and its reply. */
export interface Exchange<T> {
  readonly report: string;
  /** A record's number, counted from 0, or a function that sends another kind of request. */
  readonly record: number | Requester;
  /** The number of times that the request was sent. */
  tries: number;
  /**
   * Decodes the reply that the session holds. The reply is valid only until this function returns.
   *
   * @throws ChronyDataError for an invalid record.
   */
  read(session: Session): T;
  /** Receives the value when the channel is free for the next exchange. */
  done(value: T): void;
  /** Receives the error when the channel is free for the next exchange, or closed. */
  failed(reason: unknown): void;
}

/** @param spares - unused UDP sockets: supplies a socket if it has one, and takes it back afterwards */
export function openSocket(endpoint: Endpoint, listener: DatagramListener, spares?: SpareSockets): void {
  if (endpoint.kind === 'udp') openUdp(endpoint, listener, spares);
  else openUnix(endpoint, listener);
}

/** Advice for a request without a reply. */
function adviceFor(endpoint: Endpoint): string {
  if (endpoint.kind === 'unix') return SILENT_OVER_UNIX;
  return isLoopback(endpoint.host) ? SILENT_OVER_UDP : SILENT_REMOTE;
}

export class Channel implements DatagramListener {
  readonly #settings: Settings;
  readonly #peer: string;
  readonly #endpoint: Endpoint;
  readonly #library: Libchrony;
  #session: Session;
  /** Null until the socket is open. */
  #socket: DatagramSocket | null = null;
  #exchange: Exchange<unknown> | null = null;
  /** The number of times that the request of the exchange was sent again. */
  #retries = 0;
  /** One timer for all requests: creating one for each would take longer than reading the reply. */
  #timer: NodeJS.Timeout | undefined;
  #timerMs = 0;
  /** Why the channel was closed; null while it is open. */
  #closed: { readonly reason: unknown } | null = null;

  /** @throws ChronyLibraryError if the sandbox has no room for a session, or crashes. */
  constructor(endpoint: Endpoint, settings: Settings) {
    this.#settings = settings;
    this.#peer = formatEndpoint(endpoint);
    this.#endpoint = endpoint;
    this.#library = sharedLibchrony();
    this.#session = this.#newSession();
    if (settings.open === undefined) openSocket(endpoint, this);
    else settings.open(endpoint, this);
  }

  /**
   * False once the socket has failed, an exchange was cancelled or the sandbox can no longer be trusted. Use a new
   * channel then.
   */
  get usable(): boolean {
    return this.#closed === null && !this.#library.discarded;
  }

  /** Begins an exchange, which waits until the socket is open. No other exchange may be under way. */
  ask<T>(exchange: Exchange<T>): void {
    this.#exchange = exchange;
    this.#retries = 0;
    if (this.#closed !== null) this.#end()?.failed(this.#closed.reason);
    else if (this.#socket !== null) this.#request(exchange);
  }

  /** Closes the channel. The exchange under way fails with the reason. Closing it again has no effect. */
  close(reason: unknown): void {
    if (this.#closed !== null) return;
    this.#closed = { reason };
    clearTimeout(this.#timer);
    this.#socket?.close();
    this.#session.close();
    this.#end()?.failed(reason);
  }

  /** Called only by the socket. */
  opened(socket: DatagramSocket): void {
    if (this.#closed !== null) {
      socket.close();
      return;
    }
    this.#socket = socket;
    if (this.#exchange !== null) this.#request(this.#exchange);
    else this.#rest();
  }

  /** Called only by the socket. */
  datagram(bytes: Uint8Array): void {
    if (this.#exchange === null) return;
    try {
      this.#throwIfUnusable();
      this.#session.process(bytes);
      if (!this.#session.needsResponse) this.#answered(this.#exchange);
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Called only by the socket. */
  failed(error: ChronyError): void {
    this.close(error);
  }

  /** Sends the request, or sends it again after a timeout. A reply to an earlier try is ignored. */
  #request(exchange: Exchange<unknown>): void {
    const { report, record } = exchange;
    try {
      this.#throwIfUnusable();
      if (typeof record === 'number') this.#session.requestRecord(report, record);
      else record(this.#session, report);
      if (this.#session.needsResponse) {
        exchange.tries++;
        this.#await();
      } else this.#answered(exchange);
    } catch (error) {
      this.#fail(error);
    }
  }

  #throwIfUnusable(): void {
    if (this.#closed !== null) throw this.#closed.reason;
    if (this.#library.discarded) throw this.#crash();
  }

  #await(): void {
    const ms = this.#retries === 0 ? this.#settings.timeoutMs : tryTimeout(this.#settings, this.#retries);
    if (this.#timer !== undefined && this.#timerMs === ms) {
      this.#timer.refresh();
    } else {
      clearTimeout(this.#timer);
      this.#timerMs = ms;
      // while a reply is awaited, the socket keeps the process alive
      this.#timer = setTimeout(() => this.#timedOut(), ms).unref();
    }
    this.#socket?.awaiting(true);
  }

  /**
   * Lets the socket be read before the request times out. If the event loop was blocked, the reply may have arrived,
   * but timers run before datagrams are read.
   */
  #timedOut(): void {
    const exchange = this.#exchange;
    const retries = this.#retries;
    if (exchange === null) return;
    setImmediate(() => {
      if (this.#exchange !== exchange || this.#retries !== retries) return;
      if (this.#retries++ < this.#settings.retries) this.#request(exchange);
      else this.#fail(this.#timeout(exchange.report));
    });
  }

  /** Reads the reply synchronously, before the channel can be closed, which would discard it. */
  #answered(exchange: Exchange<unknown>): void {
    let value: unknown;
    try {
      value = exchange.read(this.#session);
    } catch (error) {
      if (!(error instanceof ChronyDataError)) throw error;
      this.#end()?.failed(this.#unusable(exchange.report, error));
      this.#rest();
      return;
    }
    this.#exchange = null;
    exchange.done(value);
    this.#rest();
  }

  /** Ends the exchange under way, and returns it. */
  #end(): Exchange<unknown> | null {
    const exchange = this.#exchange;
    this.#exchange = null;
    return exchange;
  }

  /** Lets the process end while no exchange is under way. */
  #rest(): void {
    if (this.#exchange === null) this.#socket?.awaiting(false);
  }

  /**
   * Ensures that nothing of a failed exchange remains: a new session if chronyd refused the request, otherwise a new
   * channel.
   */
  #fail(error: unknown): void {
    if (this.#closed !== null) return;
    if (!(error instanceof ChronyError)) {
      this.close(this.#crash(error));
    } else if (!isAnswer(error)) {
      this.close(error);
    } else {
      try {
        const newSession = this.#newSession();
        this.#session.close();
        this.#session = newSession;
      } catch (worse) {
        this.close(worse);
        return;
      }
      this.#end()?.failed(error);
      this.#rest();
    }
  }

  #newSession(): Session {
    try {
      return new Session(this.#library, this.#peer, (datagram) => this.#socket?.send(datagram));
    } catch (error) {
      throw error instanceof ChronyError ? error : this.#crash(error);
    }
  }

  /** @param cause - the trap; absent if the sandbox crashed or was discarded on another channel */
  #crash(cause?: unknown): ChronyError {
    this.#library.discard();
    return new ChronyLibraryError(
      `${this.#peer}: the sandboxed library crashed; this is a bug in chrony-wasm, please report it`,
      { cause },
    );
  }

  /** The error for an invalid record. */
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
        adviceFor(this.#endpoint),
    );
  }
}
