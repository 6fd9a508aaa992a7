/** The connections of all clients, and how many each of them may have. */
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Client, Clients } from './clients.ts';
import { Connection, Turns } from './connection.ts';
import { type Limits, type Room, Shares } from './shares.ts';

/**
 * A process often may open 1024 files only, and needs some for chronyd. A client may have more of them than viewers and
 * waiting requests, so that another program at the same address is served, too.
 */
const CONNECTIONS: Limits = { inAll: 512, ofClient: 384 };
/**
 * What waits to be taken by clients, in bytes. A client for whom nothing waits is always served, and so is what is small:
 * each connection has one reply at a time.
 */
const SMALL = 16 * 1024;
const QUEUED: Limits = { inAll: 64 * 2 ** 20, ofClient: 16 * 2 ** 20 };
/** How long a client may take for a request and its reply. The longest wait for chronyd is 30 s. */
const TAKEN_MS = 90_000;
const CHECK_MS = 5000;
/** So that the log is not flooded as well. */
const LOG_MS = 60_000;

/** From the moment a socket is accepted: a TLS handshake is under way, a request, or nothing. */
interface Place {
  readonly client: Client;
  readonly socket: Socket;
  /** When it was accepted. */
  readonly since: number;
  connection: Connection | null;
}

/** What a client has not taken after this time is not kept if room is needed. */
const STUCK_MS = 5000;

/** After this time a connection without a request is idle: before, its first request may be on its way. */
const NEW_MS = 1000;

/** True for a connection that is idle, or whose client does not take what it was sent. */
function isSpare({ connection, since }: Place): boolean {
  if (connection?.response) {
    const { response } = connection;
    return response.writableEnded ? connection.ms > STUCK_MS : response.writableNeedDrain;
  }
  return connection?.hasServed || performance.now() - since > NEW_MS;
}

/** A connection's two ends, which a socket and the TLS socket on it have in common. */
function ends({ remoteAddress, remotePort, localAddress, localPort }: Socket): string {
  return [remoteAddress, remotePort, localAddress, localPort].join(' ');
}

export class Connections implements Disposable {
  readonly #clients: Clients;
  readonly #log: (message: string) => void;
  readonly #places = new Shares<Place>(CONNECTIONS);
  readonly #turns = new Turns();
  readonly #byEnds = new Map<string, Place>();
  readonly #check: NodeJS.Timeout;
  #logged = Number.NEGATIVE_INFINITY;

  constructor(clients: Clients, log: (message: string) => void) {
    this.#clients = clients;
    this.#log = log;
    this.#check = setInterval(() => this.#endSlow(), CHECK_MS);
    this.#check.unref();
  }

  /** Takes in a socket that was just accepted, or closes it. Idle connections make room before anybody is refused. */
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
    const key = ends(socket);
    this.#places.add(client.name, place);
    this.#byEnds.set(key, place);
    socket.once('close', () => {
      this.#places.delete(client.name, place);
      if (this.#byEnds.get(key) === place) this.#byEnds.delete(key);
    });
    return true;
  }

  /** The first connection of a client without a request, though it is new: another program at its address may be next. */
  #unused({ name }: Client): Place | null {
    for (const place of this.#places.of(name)) if (!place.connection?.response) return place;
    return null;
  }

  /** @param socket - an admitted one, or the TLS socket on it. @returns null if it was closed meanwhile */
  open(socket: Socket): Connection | null {
    const place = this.#byEnds.get(ends(socket));
    if (place === undefined) return null;
    const connection = new Connection(socket, place.client, this.#turns, () => {
      // it goes to the end: the first is the one that has been idle longest
      if (!place.socket.destroyed) this.#places.add(place.client.name, place);
    });
    place.connection = connection;
    return connection;
  }

  /** The client of a connection. */
  clientOf(connection: Duplex): Client {
    return connection instanceof Connection ? connection.client : NOBODY;
  }

  /** True unless too many bytes wait already to be taken by the client, or by all. */
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
    this.#log(
      limit === 'ofClient'
        ? `connections of ${client} are refused: it has ${most} with requests under way; if it is a proxy, start the server with --proxy ${client}`
        : `connections are refused: there are ${most}, and none is idle`,
    );
  }

  /** A client that takes its reply too slowly, or not at all, would have the server keep it. */
  #endSlow(): void {
    for (const { connection } of this.#places) {
      // events never end by themselves, and have limits of their own
      if (connection?.response?.writableEnded && connection.ms > TAKEN_MS) connection.destroy();
    }
  }

  /** Closes those whose TLS handshake is under way: the HTTP server does not know of them. */
  destroyHandshakes(): void {
    for (const { connection, socket } of [...this.#places]) if (connection === null) socket.destroy();
  }

  [Symbol.dispose](): void {
    clearInterval(this.#check);
  }
}

const NOBODY: Client = { name: '', isProxy: false };

function queuedOn(places: Iterable<Place>): number {
  let bytes = 0;
  for (const { connection } of places) bytes += connection?.writableLength ?? 0;
  return bytes;
}
