/** How a pretend chronyd is reached: the border between its answers and the sockets. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv6 } from 'node:net';

/** A datagram socket, UDP or other, that a server listens on. */
export interface Transport {
  /** Where it is to be found, as a client's `address` option takes it. */
  readonly address: string;
  /** Its UDP port. */
  readonly port: number;
  /** Hands every datagram that arrives to a function, with the address of the client that sent it. */
  receive(handle: (datagram: Uint8Array, client: string) => void): void;
  /** Sends a datagram to a client, by the address that came with its own. */
  send(datagram: Uint8Array, client: string): void;
  /** Resolves once the socket is gone. */
  close(): Promise<void>;
}

/**
 * Binds a UDP socket.
 *
 * @param host an IP address of this machine.
 * @param port 0 for any free one.
 */
export async function openUdp(host: string, port: number): Promise<Transport> {
  const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4');
  try {
    socket.bind(port, host);
    await once(socket, 'listening');
  } catch (error) {
    socket.close();
    throw error;
  }
  // what cannot be sent is lost, as it would be on a network: no reason to end the user's tests
  socket.on('error', () => {});
  const bound = socket.address();
  return {
    address: join(bound.address, bound.port),
    port: bound.port,
    // A client is known by its address as text, whatever the transport; only UDP takes it apart again.
    receive: (handle) => {
      socket.on('message', (datagram, from) => handle(datagram, join(from.address, from.port)));
    },
    send: (datagram, client) => {
      const { address, port } = split(client);
      socket.send(datagram, port, address, () => {});
    },
    close: () => new Promise((resolve) => socket.close(() => resolve())),
  };
}

function join(address: string, port: number): string {
  return isIPv6(address) ? `[${address}]:${port}` : `${address}:${port}`;
}

function split(client: string): { address: string; port: number } {
  const colon = client.lastIndexOf(':');
  return { address: client.slice(0, colon).replace(/^\[|\]$/g, ''), port: Number(client.slice(colon + 1)) };
}
