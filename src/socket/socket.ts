/** The interface of datagram sockets, for all kinds of endpoints. */
import type { ChronyError } from '../errors.ts';
import type { Endpoint } from './address.ts';

/** Receives the events of a socket. Its methods are never called while a method of the socket runs. */
export interface DatagramListener {
  /** The socket is open and connected. The listener must close it. */
  opened(socket: DatagramSocket): void;
  /** A datagram has arrived from the peer. The bytes are valid until the listener returns. */
  datagram(bytes: Uint8Array): void;
  /**
   * The socket could not be opened or has failed, e.g. because the peer refused: a ChronyConnectionError or a
   * ChronyPermissionError. The socket is closed, and calls no method after this one.
   */
  failed(error: ChronyError): void;
}

/**
 * A datagram socket connected to one endpoint: the system drops datagrams from other senders. The methods neither block
 * nor throw; failures are reported to the listener.
 */
export interface DatagramSocket {
  /** Sends one datagram. The caller must not change the bytes afterwards, because they may be sent later. */
  send(datagram: Uint8Array): void;
  /**
   * Sets whether a reply is awaited. Only then does the socket keep the process alive. Must be set on a new socket,
   * too.
   */
  awaiting(reply: boolean): void;
  /** Closes the socket. No method of the listener is called afterwards. A second call does nothing. */
  close(): void;
}

/** Opens a socket without sending anything. The listener is called when it is open or has failed. */
export type OpenSocket = (endpoint: Endpoint, listener: DatagramListener) => void;
