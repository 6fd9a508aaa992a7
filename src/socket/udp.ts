/** UDP over `node:dgram`, IPv4 and IPv6. */
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { formatEndpoint, ipVersion, type UdpEndpoint } from './address.ts';
import type { DatagramListener, DatagramSocket } from './socket.ts';
import { systemError } from './system-error.ts';

const IN_DENO = process.versions['deno'] !== undefined;

/** An address in the one form that compares. */
function canonical(address: string): string {
  return ipVersion(address) === 6 ? new URL(`http://[${address.replace(/%.*/, '')}]`).hostname : address;
}

/**
 * Connects a UDP socket, which sends nothing yet. Connected, so that the kernel drops strangers' datagrams and tells when
 * the peer's host says that nobody listens there.
 *
 * @param spares - where the socket comes from, if one is there, and where it goes afterwards
 */
export function openUdp(endpoint: UdpEndpoint, listener: DatagramListener, spares?: SpareSockets): void {
  new UdpSocket(endpoint, listener, spares).connect();
}

type Family = 4 | 6;

/**
 * Sockets between two endpoints, for a program that asks many endpoints, one after another. To ask on a socket that is
 * connected anew takes a quarter less time than to open a socket for it and to close it.
 */
export class SpareSockets {
  readonly #sockets: Record<Family, Socket[]> = { 4: [], 6: [] };
  readonly #limit: number;
  #closed = false;

  /** @param limit - how many are kept, of each version of the Internet Protocol */
  constructor(limit = Number.POSITIVE_INFINITY) {
    this.#limit = limit;
  }

  /** Takes out a socket that is not connected; undefined if there is none. */
  take(family: Family): Socket | undefined {
    return this.#sockets[family].pop();
  }

  /** Takes in a connected socket on which no datagram is to come any more. False if it cannot be used again. */
  add(family: Family, socket: Socket): boolean {
    if (this.#closed || this.#sockets[family].length >= this.#limit) return false;
    try {
      socket.disconnect();
    } catch {
      return false;
    }
    this.#sockets[family].push(socket);
    return true;
  }

  /** Closes them all, and each that would come later. */
  close(): void {
    this.#closed = true;
    this.clear();
  }

  /** Closes them all. */
  clear(): void {
    for (const sockets of Object.values(this.#sockets))
      for (const socket of sockets.splice(0)) socket.close();
  }
}

/** A spare socket has nobody to tell of its failure. */
function ignore(): void {}

class UdpSocket implements DatagramSocket {
  readonly #endpoint: UdpEndpoint;
  readonly #listener: DatagramListener;
  readonly #spares: SpareSockets | undefined;
  readonly #family: Family;
  readonly #socket: Socket;
  #open = true;
  /** Node.js keeps the process alive for a new socket until `unref()`, which was called on a spare one. */
  #isAwaiting = true;
  /**
   * True if the system lets through what others send: Deno does not really connect, and what another endpoint sent late
   * may still be in the queue of a spare socket.
   */
  #isShared = IN_DENO;
  /** How many datagrams were sent, less those that came. */
  #unanswered = 0;

  constructor(endpoint: UdpEndpoint, listener: DatagramListener, spares: SpareSockets | undefined) {
    this.#endpoint = endpoint;
    this.#listener = listener;
    this.#spares = spares;
    const family = endpoint.host.includes(':') ? 6 : 4;
    this.#family = family;
    const spare = spares?.take(family);
    if (spare !== undefined) {
      this.#socket = spare;
      this.#isAwaiting = false;
      this.#isShared = true;
      return;
    }
    this.#socket = createSocket({
      type: `udp${family}`,
      // it is an address already: looking it up again would cost a turn of the event loop, or a query
      lookup: (address, _options, callback) => callback(null, address, family),
    });
    if (spares !== undefined) this.#socket.on('error', ignore);
  }

  connect(): void {
    this.#socket.on('error', this.#fail);
    this.#socket.on('message', this.#receive);
    try {
      this.#socket.connect(this.#endpoint.port, this.#endpoint.host, this.#connected);
    } catch (error) {
      // a runtime's permissions
      this.#fail(error instanceof Error ? error : new Error(String(error)));
    }
  }

  send(datagram: Uint8Array): void {
    if (!this.#open) return;
    this.#unanswered++;
    this.#socket.send(datagram, this.#sent);
  }

  awaiting(reply: boolean): void {
    if (!this.#open || reply === this.#isAwaiting) return;
    this.#isAwaiting = reply;
    if (reply) this.#socket.ref();
    else this.#socket.unref();
  }

  close(): void {
    this.#end(this.#spares !== undefined && this.#unanswered === 0);
  }

  /** @param isReusable - false if a datagram, or word of a failure, may still come */
  #end(isReusable: boolean): void {
    if (!this.#open) return;
    this.#open = false;
    if (isReusable) {
      this.#socket.off('error', this.#fail);
      this.#socket.off('message', this.#receive);
      if (this.#isAwaiting) this.#socket.unref();
      if (this.#spares?.add(this.#family, this.#socket)) return;
    }
    this.#socket.close();
  }

  readonly #connected = (error?: Error): void => {
    if (error) {
      this.#fail(error);
      return;
    }
    this.#listener.opened(this);
  };

  readonly #receive = (bytes: Uint8Array, from: RemoteInfo): void => {
    if (!this.#open || (this.#isShared && !this.#isPeer(from))) return;
    this.#unanswered--;
    this.#listener.datagram(bytes);
  };

  #isPeer({ address, port }: RemoteInfo): boolean {
    const { host } = this.#endpoint;
    return port === this.#endpoint.port && (address === host || canonical(address) === canonical(host));
  }

  readonly #sent = (error: Error | null): void => {
    if (error) this.#fail(error);
  };

  /** Node.js reports some failures while a method of its socket runs: the listener hears of them after that. */
  readonly #fail = (error: Error): void => {
    if (!this.#open) return;
    this.#end(false);
    const failure = systemError(formatEndpoint(this.#endpoint), error);
    queueMicrotask(() => this.#listener.failed(failure));
  };
}
