/** The transports of a mock chronyd, which separate its replies from the sockets. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv6 } from 'node:net';
import { listenUnix } from '../socket/unix/datagram-server.ts';
import { setImmediate } from '../util/timers.ts';

/** A datagram socket, UDP or other, that a server listens on. */
export interface Transport {
  /** The address it listens on, in the form of a client's `address` option. */
  readonly address: string;
  /** Its UDP port; 0 for a Unix socket. */
  readonly port: number;
  /** Calls a function with every datagram that arrives and the address of its client. */
  receive(handle: (datagram: Uint8Array, client: string) => void): void;
  /** Sends a datagram to a client, at the address that {@link receive} gave. */
  send(datagram: Uint8Array, client: string): void;
  /** Closes the socket. Resolves once it is closed. */
  close(): Promise<void>;
}

/**
 * Binds a UDP socket. It works without `process.nextTick()`, which some tests replace.
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
  // a datagram that cannot be sent is lost, as on a network; an error must not end the user's tests
  socket.on('error', () => {});
  const bound = socket.address();
  return {
    address: join(bound.address, bound.port),
    port: bound.port,
    // Every transport identifies a client by its address as text. Only UDP parses it.
    receive: (handle) => {
      socket.on('message', (datagram, from) => handle(datagram, join(from.address, from.port)));
    },
    send: (datagram, client) => {
      const { address, port } = split(client);
      socket.send(datagram, port, address, () => {});
    },
    close: () => {
      socket.close();
      // not the event `close`, which needs process.nextTick()
      return new Promise((resolve) => setImmediate(resolve));
    },
  };
}

/**
 * Binds a Unix datagram socket.
 *
 * @param path - absolute; a socket left there by a process that has ended is replaced
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
