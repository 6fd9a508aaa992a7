/** The border to the network: what a connection needs of a datagram socket, whatever is behind it. */
import type { ChronyError } from '../errors.ts';

/** Where a chronyd may be. */
export type Endpoint = UdpEndpoint | UnixEndpoint;

/** A UDP port; the host is an IPv4 or IPv6 address, not a name. */
export interface UdpEndpoint {
  readonly kind: 'udp';
  readonly host: string;
  readonly port: number;
}

/** A Unix datagram socket, by its path. */
export interface UnixEndpoint {
  readonly kind: 'unix';
  readonly path: string;
}

/** What a socket tells its owner. */
export interface DatagramListener {
  /** A datagram has arrived from the peer. The bytes are the listener's until it returns. */
  datagram(bytes: Uint8Array): void;
  /** The socket has failed, e.g. the peer refused. It is of no use any more, and tells nothing after this. */
  failed(error: ChronyError): void;
}

/**
 * A datagram socket connected to one endpoint: the system drops what others send. Nothing of it blocks or
 * throws; failures reach the listener.
 */
export interface DatagramSocket {
  /** Sends one datagram. The bytes are the socket's until they are gone: do not change them. */
  send(datagram: Uint8Array): void;
  /** Says whether an answer is awaited: only then does the socket keep the process alive. */
  awaiting(answer: boolean): void;
  /** Closes the socket: the listener hears nothing more. A second time does nothing. */
  close(): void;
}

/**
 * Opens a socket.
 *
 * @throws ChronyConnectionError if there is nothing at the endpoint, or no way to reach it.
 * @throws ChronyPermissionError if the system denies it.
 */
export type OpenSocket = (endpoint: Endpoint, listener: DatagramListener) => Promise<DatagramSocket>;

/** The endpoint as one would write it: `/path`, `192.0.2.1:323` or `[2001:db8::1]:323`. */
export function formatEndpoint(endpoint: Endpoint): string {
  if (endpoint.kind === 'unix') return endpoint.path;
  const host = endpoint.host.includes(':') ? `[${endpoint.host}]` : endpoint.host;
  return `${host}:${endpoint.port}`;
}
