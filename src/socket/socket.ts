/** Datagram sockets: what a channel needs of one, whatever is behind it. */
import type { ChronyError } from '../errors.ts';
import type { Endpoint } from './address.ts';

/** What a socket tells its owner. Nothing of it is called while a method of the socket runs. */
export interface DatagramListener {
  /** The socket is open and connected; it is the listener's to close. */
  opened(socket: DatagramSocket): void;
  /** A datagram has arrived from the peer. The bytes are the listener's until it returns. */
  datagram(bytes: Uint8Array): void;
  /**
   * The socket could not be opened, or has failed, e.g. the peer refused: a ChronyConnectionError or a
   * ChronyPermissionError. It is closed, and tells nothing after this.
   */
  failed(error: ChronyError): void;
}

/**
 * A datagram socket connected to one endpoint: the system drops what others send. Nothing of it blocks or
 * throws; failures reach the listener.
 */
export interface DatagramSocket {
  /** Sends one datagram. The bytes are the socket's until they are gone: do not change them. */
  send(datagram: Uint8Array): void;
  /**
   * Says whether a reply is awaited: only then does the socket keep the process alive. To be said of a new socket, too.
   */
  awaiting(reply: boolean): void;
  /** Closes the socket: the listener hears nothing more. A second time does nothing. */
  close(): void;
}

/** Opens a socket, and sends nothing yet. The listener is told when it is open, or why it cannot be. */
export type OpenSocket = (endpoint: Endpoint, listener: DatagramListener) => void;
