/** The connections of all clients, within the limits of each client. */
import type { Socket } from 'node:net';
import type { Client, Clients } from './clients.ts';
import { Connection, Turns } from './connection.ts';
import type { Log } from './log.ts';
import { type Limits, type Room, Shares } from './shares.ts';

/**
 * Many processes may open only 1024 files, some of which are needed for chronyd. The limit of a client is above
 * that of its viewers and waiting requests together, so that another program at the same address is served, too.
 */
const CONNECTIONS: Limits = { inAll: 512, ofClient: 384 };
/** The maximum number of bytes of replies that wait for their clients to read them. */
const QUEUED: Limits = { inAll: 64 * 2 ** 20, ofClient: 16 * 2 ** 20 };
/** In bytes. Shorter replies are always sent, because a connection has only one reply at a time. */
const SMALL = 16 * 1024;
/** The maximum time for a request and its reply. The longest wait for chronyd is 30 s. */
const TAKEN_MS = 90_000;
const CHECK_MS = 5000;
/** The minimum time between two log messages about refused connections. */
const LOG_MS = 60_000;

/** An accepted socket. */
interface Place {
  readonly client: Client;
  readonly socket: Socket;
  /** When it was accepted. */
  readonly since: number;
  /** Null during a TLS handshake. */
  connection: Connection | null;
}

/** A connection may be closed to make room if its client has not read the whole reply this long after the request. */
const STUCK_MS = 5000;
/** A connection without a request counts as idle only after this time, because its first request may be on the way. */
const NEW_MS = 1000;

/** True if the connection may be closed to make room: it is idle, or its client does not read. */
function isSpare({ connection, since }: Place): boolean {
  if (connection?.response) {
    const { response } = connection;
    return response.writableEnded ? connection.ms > STUCK_MS : response.writableNeedDrain;
  }
  if (connection?.isWaiting) return false;
  return connection?.hasServed || performance.now() - since > NEW_MS;
}

/** The addresses and ports of both ends, which are the same for a socket and for the TLS socket on it. */
function addressPair({ remoteAddress, remotePort, localAddress, localPort }: Socket): string {
  return [remoteAddress, remotePort, localAddress, localPort].join(' ');
}

export class Connections implements Disposable {
  readonly #clients: Clients;
  readonly #log: Log;
  readonly #places = new Shares<Place>(CONNECTIONS);
  readonly #turns = new Turns();
  readonly #byAddressPair = new Map<string, Place>();
  readonly #check: NodeJS.Timeout;
  #logged = Number.NEGATIVE_INFINITY;

  constructor(clients: Clients, log: Log) {
    this.#clients = clients;
    this.#log = log;
    this.#check = setInterval(() => this.#endSlow(), CHECK_MS);
    this.#check.unref();
  }

  /**
   * Admits a socket that was just accepted, or closes it. Idle connections are closed to make room before a client
   * is refused.
   */
  admit(socket: Socket): boolean {
    this.#turns.accepted();
    const client = this.#clients.ofSocket(socket);
    const room = this.#places.roomFor(client.name, isSpare);
    const instead = room.isThere ? room.instead : this.#unused(client);
    if (!room.isThere && instead === null) {
      socket.destroy();
      this.#refused(client.name, room);
      return false;
    }
    if (instead !== null) {
      this.#places.delete(instead.client.name, instead);
      instead.socket.destroy();
    }
    const place: Place = { client, socket, since: performance.now(), connection: null };
    const key = addressPair(socket);
    this.#places.add(client.name, place);
    this.#byAddressPair.set(key, place);
    socket.once('close', () => {
      this.#places.delete(client.name, place);
      if (this.#byAddressPair.get(key) === place) this.#byAddressPair.delete(key);
    });
    return true;
  }

  /**
   * The client's oldest connection without a request, even a new one: the socket that was just accepted may belong to
   * another program at the same address. Null if all have requests.
   */
  #unused({ name }: Client): Place | null {
    for (const place of this.#places.of(name)) {
      if (!place.connection?.response && !place.connection?.isWaiting) return place;
    }
    return null;
  }

  /** @param socket - an admitted socket, or the TLS socket on it. @returns null if it was closed meanwhile */
  open(socket: Socket): Connection | null {
    const place = this.#byAddressPair.get(addressPair(socket));
    if (place === undefined) return null;
    const connection = new Connection(socket, place.client, this.#turns, () => {
      // an idle connection moves to the end, so that the first has been idle longest
      if (!place.socket.destroyed) this.#places.add(place.client.name, place);
    });
    place.connection = connection;
    return connection;
  }

  /** True unless too many bytes already wait for this client, or for all clients together. */
  hasRoomFor(bytes: number, { name }: Client): boolean {
    if (bytes <= SMALL) return true;
    const own = queuedOn(this.#places.of(name));
    if (own === 0) return true;
    return own + bytes <= QUEUED.ofClient && queuedOn(this.#places) + bytes <= QUEUED.inAll;
  }

  #refused(client: string, { limit }: Room<Place> & { isThere: false }): void {
    const now = performance.now();
    if (now - this.#logged < LOG_MS) return;
    this.#logged = now;
    const most = CONNECTIONS[limit];
    this.#log.warn(
      limit === 'ofClient'
        ? `connections of ${client} are refused: it has ${most} with requests under way; if it is a proxy, start the server with --proxy ${client}`
        : `connections are refused: there are ${most}, and none is idle`,
    );
  }

  /** Closes the connections of clients that take too long to read a reply. */
  #endSlow(): void {
    for (const { connection } of this.#places) {
      // not for events, which are endless and have their own limits
      if (connection?.response?.writableEnded && connection.ms > TAKEN_MS) connection.destroy();
    }
  }

  /** Closes connections whose TLS handshake is in progress. The HTTP server does not know them. */
  destroyHandshakes(): void {
    for (const { connection, socket } of [...this.#places]) if (connection === null) socket.destroy();
  }

  [Symbol.dispose](): void {
    clearInterval(this.#check);
  }
}

function queuedOn(places: Iterable<Place>): number {
  let bytes = 0;
  for (const { connection } of places) bytes += connection?.writableLength ?? 0;
  return bytes;
}
