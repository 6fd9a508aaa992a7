/**
 * One socket and one session on it: asks, waits, asks again. A channel has at most one request outstanding, and drops
 * what arrives while there is none, so nothing can pile up.
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

/** Sends a request that is not one for a record by its number. */
export type Requester = (session: Session, report: string) => void;

/** Requests the number of records. */
export const requestCount: Requester = (session, report) => session.requestNumberRecords(report);
/** Requests nothing: the exchange is done when the socket is open. */
export const requestNothing: Requester = () => {};

const SILENT_OVER_UDP =
  'check that chronyd runs there, allows this host (cmdallow), and that no firewall is in between';
const SILENT_REMOTE =
  'check that chronyd runs there and answers other hosts (bindcmdaddress and cmdallow), and that no firewall is in between';
/** A chronyd that sees the directory of the socket under another path sends its replies to a path that it does not have. */
const SILENT_OVER_UNIX =
  "check that chronyd is neither stopped nor overloaded, may write to its socket's directory (SELinux, AppArmor), and has " +
  'that directory at the same path (containers)';

/** What a channel does for its caller: one request, which may be sent several times. */
export interface Exchange<T> {
  readonly report: string;
  /** A record's number, counted from 0, or a function that sends another kind of request. */
  readonly record: number | Requester;
  /** How often the request was sent. */
  tries: number;
  /**
   * Makes a value of the reply that the session holds, at once: it is gone when this returns.
   *
   * @throws ChronyDataError for a record that breaks the rules of its class.
   */
  read(session: Session): T;
  /** The value, when the channel is free for the next exchange. */
  done(value: T): void;
  /** Why there is none, when the channel is free for the next exchange, or closed. */
  failed(reason: unknown): void;
}

/** @param spares - where a UDP socket comes from, if one is there, and where it goes afterwards */
export function openSocket(endpoint: Endpoint, listener: DatagramListener, spares?: SpareSockets): void {
  if (endpoint.kind === 'udp') openUdp(endpoint, listener, spares);
  else openUnix(endpoint, listener);
}

/** What to do if nothing answers. */
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
  /** Null until it is open. */
  #socket: DatagramSocket | null = null;
  #exchange: Exchange<unknown> | null = null;
  /** How often the request of the exchange was sent again. */
  #retries = 0;
  /** One for all requests: to make one for each would take longer than to read the reply. */
  #timer: NodeJS.Timeout | undefined;
  #timerMs = 0;
  /** Why it was closed; null while it is open. */
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

  /** False once the socket has failed, an exchange was cut short or the sandbox cannot be trusted: make another. */
  get usable(): boolean {
    return this.#closed === null && !this.#library.discarded;
  }

  /** Begins an exchange, which waits until the socket is open. There must be none under way. */
  ask<T>(exchange: Exchange<T>): void {
    this.#exchange = exchange;
    this.#retries = 0;
    if (this.#closed !== null) this.#end()?.failed(this.#closed.reason);
    else if (this.#socket !== null) this.#request(exchange);
  }

  /** Closes the channel; the exchange under way fails with the reason. A second time does nothing. */
  close(reason: unknown): void {
    if (this.#closed !== null) return;
    this.#closed = { reason };
    clearTimeout(this.#timer);
    this.#socket?.close();
    this.#session.close();
    this.#end()?.failed(reason);
  }

  /** For the socket alone. */
  opened(socket: DatagramSocket): void {
    if (this.#closed !== null) {
      socket.close();
      return;
    }
    this.#socket = socket;
    if (this.#exchange !== null) this.#request(this.#exchange);
    else this.#rest();
  }

  /** For the socket alone. */
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

  /** For the socket alone. */
  failed(error: ChronyError): void {
    this.close(error);
  }

  /** Sends the request: again and again, until it is answered. A reply to an earlier try is ignored. */
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
      // it is the socket that keeps the process alive while a reply is awaited
      this.#timer = setTimeout(() => this.#timedOut(), ms).unref();
    }
    this.#socket?.awaiting(true);
  }

  /** Where the process was held up, the reply may be there already: timers come before datagrams. */
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

  /** The reply is read in the same turn in which it was seen to be there: closing the channel takes it away. */
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

  /** Unless another exchange has begun, the process is not kept alive any more. */
  #rest(): void {
    if (this.#exchange === null) this.#socket?.awaiting(false);
  }

  /**
   * Leaves nothing of a failed exchange behind: a new session where chronyd itself refused, else a new
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
        const fresh = this.#newSession();
        this.#session.close();
        this.#session = fresh;
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
        adviceFor(this.#endpoint),
    );
  }
}
