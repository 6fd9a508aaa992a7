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
 */
export function openUdp(endpoint: UdpEndpoint, listener: DatagramListener): void {
  new UdpSocket(endpoint, listener).connect();
}

class UdpSocket implements DatagramSocket {
  readonly #endpoint: UdpEndpoint;
  readonly #listener: DatagramListener;
  readonly #socket: Socket;
  #open = true;
  /** Node.js keeps the process alive for a socket until it is told not to. */
  #isAwaiting = true;

  constructor(endpoint: UdpEndpoint, listener: DatagramListener) {
    this.#endpoint = endpoint;
    this.#listener = listener;
    const family = endpoint.host.includes(':') ? 6 : 4;
    this.#socket = createSocket({
      type: `udp${family}`,
      // it is an address already: looking it up again would cost a turn of the event loop, or a query
      lookup: (address, _options, callback) => callback(null, address, family),
    });
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
    if (this.#open) this.#socket.send(datagram, this.#sent);
  }

  awaiting(reply: boolean): void {
    if (!this.#open || reply === this.#isAwaiting) return;
    this.#isAwaiting = reply;
    if (reply) this.#socket.ref();
    else this.#socket.unref();
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
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
    // Deno does not really connect: there it is for us to drop what others send
    if (this.#open && (!IN_DENO || this.#isPeer(from))) this.#listener.datagram(bytes);
  };

  #isPeer({ address, port }: RemoteInfo): boolean {
    return port === this.#endpoint.port && canonical(address) === canonical(this.#endpoint.host);
  }

  readonly #sent = (error: Error | null): void => {
    if (error) this.#fail(error);
  };

  /** Node.js reports some failures while a method of its socket runs: the listener hears of them after that. */
  readonly #fail = (error: Error): void => {
    if (!this.#open) return;
    this.close();
    const failure = systemError(formatEndpoint(this.#endpoint), error);
    queueMicrotask(() => this.#listener.failed(failure));
  };
}
