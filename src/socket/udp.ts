/** UDP over `node:dgram`, IPv4 and IPv6. */
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import type { ChronyError } from '../errors.ts';
import { ipVersion } from './ip.ts';
import { type DatagramListener, type DatagramSocket, formatEndpoint, type UdpEndpoint } from './socket.ts';
import { systemError } from './system-error.ts';

const IN_DENO = process.versions['deno'] !== undefined;

/** An address in the one form that compares. */
function canonical(address: string): string {
  return ipVersion(address) === 6 ? new URL(`http://[${address.replace(/%.*/, '')}]`).hostname : address;
}

/**
 * Connects a UDP socket, which sends nothing yet. Connected, so that the kernel drops strangers' datagrams
 * and tells when the peer's host says that nobody listens there.
 */
export function openUdp(endpoint: UdpEndpoint, listener: DatagramListener): Promise<DatagramSocket> {
  return new Promise((resolve, reject) => {
    const socket = new UdpSocket(endpoint, listener);
    socket.connect(() => resolve(socket), reject);
  });
}

class UdpSocket implements DatagramSocket {
  readonly #endpoint: UdpEndpoint;
  readonly #listener: DatagramListener;
  readonly #socket: Socket;
  #open = true;

  constructor(endpoint: UdpEndpoint, listener: DatagramListener) {
    this.#endpoint = endpoint;
    this.#listener = listener;
    const family = ipVersion(endpoint.host) === 6 ? 6 : 4;
    // The host is an address already: looking it up again would cost a turn of the event loop, or a query.
    this.#socket = createSocket({
      type: `udp${family}`,
      lookup: (address, _options, callback) => callback(null, address, family),
    });
  }

  connect(connected: () => void, refused: (error: ChronyError) => void): void {
    let onError = (error: Error): void => {
      this.close();
      refused(this.#describe(error));
    };
    this.#socket.on('error', (error) => onError(error));
    try {
      this.#socket.connect(this.#endpoint.port, this.#endpoint.host, (error?: Error) => {
        if (error) {
          onError(error);
          return;
        }
        onError = this.#fail;
        this.#socket.on('message', (bytes, from) => {
          if (this.#open && this.#isPeer(from)) this.#listener.datagram(bytes);
        });
        this.#socket.unref();
        connected();
      });
    } catch (error) {
      // a runtime's permissions
      onError(error instanceof Error ? error : new Error(String(error)));
    }
  }

  send(datagram: Uint8Array): void {
    if (this.#open) this.#socket.send(datagram, this.#sent);
  }

  awaiting(answer: boolean): void {
    if (!this.#open) return;
    if (answer) this.#socket.ref();
    else this.#socket.unref();
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#socket.close();
  }

  /** Deno does not really connect: there it is for us to drop what others send. */
  #isPeer({ address, port }: RemoteInfo): boolean {
    return (
      !IN_DENO || (port === this.#endpoint.port && canonical(address) === canonical(this.#endpoint.host))
    );
  }

  readonly #sent = (error: Error | null): void => {
    if (error) this.#fail(error);
  };

  readonly #fail = (error: Error): void => {
    if (!this.#open) return;
    this.close();
    this.#listener.failed(this.#describe(error));
  };

  #describe(error: Error): ChronyError {
    return systemError(formatEndpoint(this.#endpoint), error);
  }
}
