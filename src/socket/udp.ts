/** UDP sockets with `node:dgram`, IPv4 and IPv6. */
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { formatEndpoint, ipVersion, type UdpEndpoint } from './address.ts';
import type { DatagramListener, DatagramSocket } from './socket.ts';
import { systemError } from './system-error.ts';

const IN_DENO = process.versions['deno'] !== undefined;

/** Converts an address to a form that can be compared. */
function canonical(address: string): string {
  return ipVersion(address) === 6 ? new URL(`http://[${address.replace(/%.*/, '')}]`).hostname : address;
}

/**
 * Connects a UDP socket without sending anything. It is connected so that the kernel drops datagrams from other
 * senders, and reports if the peer's port is closed.
 *
 * @param spares - the pool from which a socket is taken, if it has one, and to which it is returned
 */
export function openUdp(endpoint: UdpEndpoint, listener: DatagramListener, spares?: SpareSockets): void {
  new UdpSocket(endpoint, listener, spares).connect();
}

type Family = 4 | 6;

/**
 * A pool of open, unconnected sockets, for a program that queries many endpoints one after another. Connecting an
 * existing socket to another endpoint takes a quarter less time than opening and closing a socket.
 */
export class SpareSockets {
  readonly #sockets: Record<Family, Socket[]> = { 4: [], 6: [] };
  readonly #limit: number;
  #closed = false;

  /** @param limit - the maximum number of sockets for each IP version */
  constructor(limit = Number.POSITIVE_INFINITY) {
    this.#limit = limit;
  }

  /** Removes a socket from the pool and returns it; undefined if there is none. */
  take(family: Family): Socket | undefined {
    return this.#sockets[family].pop();
  }

  /** Adds a connected socket, for which no more replies are expected. Returns false if it cannot be used again. */
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

  /** Closes all sockets. From now on, {@link add} returns false. */
  close(): void {
    this.#closed = true;
    this.clear();
  }

  /** Closes all sockets. */
  clear(): void {
    for (const sockets of Object.values(this.#sockets))
      for (const socket of sockets.splice(0)) socket.close();
  }
}

/** Ignores the failure of a socket in the pool. Without a listener, Node.js would throw it. */
function ignore(): void {}

class UdpSocket implements DatagramSocket {
  readonly #endpoint: UdpEndpoint;
  readonly #listener: DatagramListener;
  readonly #spares: SpareSockets | undefined;
  readonly #family: Family;
  readonly #socket: Socket;
  #open = true;
  /** A new socket keeps the process alive until `unref()`. Sockets in the pool are already unreferenced. */
  #isAwaiting = true;
  /**
   * True if datagrams from other senders may arrive: Deno does not really connect sockets, and the queue of a socket
   * from the pool may contain a late reply from its previous endpoint.
   */
  #isShared = IN_DENO;
  /** The number of datagrams sent, minus the number of datagrams received. */
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
      // the host is already an address: looking it up would cost a turn of the event loop, or a query
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
      // the runtime's permissions may deny it
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

  /** @param isReusable - false if a datagram or an error may still arrive */
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

  /** Node.js reports some failures while a method of its socket runs, so the listener is called afterwards. */
  readonly #fail = (error: Error): void => {
    if (!this.#open) return;
    this.#end(false);
    const failure = systemError(formatEndpoint(this.#endpoint), error);
    queueMicrotask(() => this.#listener.failed(failure));
  };
}
