/** How a pretend chronyd is reached: the border between its answers and the sockets. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv6 } from 'node:net';
import { listenUnix } from '../socket/unix/datagram-server.ts';
import { setImmediate } from '../util/timers.ts';

/** A datagram socket, UDP or other, that a server listens on. */
export interface Transport {
  /** Where it is to be found, as a client's `address` option takes it. */
  readonly address: string;
  /** Its UDP port; 0 for a Unix socket. */
  readonly port: number;
  /** Hands every datagram that arrives to a function, with the address of the client that sent it. */
  receive(handle: (datagram: Uint8Array, client: string) => void): void;
  /** Sends a datagram to a client, by the address that came with its own. */
  send(datagram: Uint8Array, client: string): void;
  /** Resolves once the socket is gone. */
  close(): Promise<void>;
}

/**
 * Binds a UDP socket. Nothing of it needs `process.nextTick()`, which some tests replace.
 *
 * @param host - an IP address of this machine
 * @param port - 0 for any free one
 */
export async function openUdp(host: string, port: number): Promise<Transport> {
  const family = isIPv6(host) ? 6 : 4;
  const socket = createSocket({
    type: `udp${family}`,
    // all addresses here are IP addresses
    lookup: (address, _options, callback) => callback(null, address, family),
  });
  try {
    const listening = once(socket, 'listening');
    socket.bind(port, host);
    await listening;
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
    close: () => {
      socket.close();
      // not by the event, which comes by process.nextTick()
      return new Promise((resolve) => setImmediate(resolve));
    },
  };
}

/**
 * Binds a Unix datagram socket.
 *
 * @param path - absolute; what a process has left there that has ended is replaced
 * @throws ChronyConnectionError
 */
export async function openUnix(path: string): Promise<Transport> {
  const server = await listenUnix(path);
  return {
    address: path,
    port: 0,
    receive: (handle) => server.receive(handle),
    send: (datagram, client) => server.send(datagram, client),
    close: async () => server.close(),
  };
}

function join(address: string, port: number): string {
  return isIPv6(address) ? `[${address}]:${port}` : `${address}:${port}`;
}

function split(client: string): { address: string; port: number } {
  const colon = client.lastIndexOf(':');
  return { address: client.slice(0, colon).replace(/^\[|\]$/g, ''), port: Number(client.slice(colon + 1)) };
}
