/** The sockets that the server listens on. */
import { once } from 'node:events';
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  ServerResponse,
} from 'node:http';
import type { AddressInfo, ListenOptions, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { InheritedSocket } from './activation.ts';
import { connectionOf, MAX_REQUEST } from './connection.ts';
import type { Connections } from './connections.ts';
import type { Log } from './log.ts';
import { bracketed, isLoopback, type Listening, ServerError } from './options.ts';
import { Handshakes, type TlsSettings } from './tls.ts';

/** Made by Node for each request, also for one that it answers by itself. */
class Response extends ServerResponse {
  constructor(...[request, ...rest]: ConstructorParameters<typeof ServerResponse<IncomingMessage>>) {
    super(request, ...rest);
    connectionOf(request).begin(this);
  }
}

/** Clients that send slowly, or much, or nothing, must not delay others. */
const LIMITS = {
  ServerResponse: Response,
  maxHeaderSize: MAX_REQUEST,
  // the parts of a request may have to wait for turns, so there is more time than a client needs
  headersTimeout: 10_000,
  requestTimeout: 10_000,
  connectionsCheckingInterval: 1000,
  // longer than Prometheus pauses
  keepAliveTimeout: 65_000,
} as const;
/** How many connections may wait to be accepted: with fewer, a burst of one client has others try again for seconds. */
const BACKLOG = 4096;
const MAX_REQUESTS_PER_CONNECTION = 10_000;
/** An idle connection is closed after this time; events have their heartbeat. */
const IDLE_MS = 60_000;
/** For how long requests in progress may go on when the server ends. */
const DRAIN_MS = 5000;

function reasonOf({ code, message }: NodeJS.ErrnoException): string {
  switch (code) {
    case 'EADDRINUSE':
      return 'the port is in use; choose another with --listen, or end what uses it';
    case 'EACCES':
      return 'this user may not use the port; choose one above 1023 with --listen';
    case 'EADDRNOTAVAIL':
      return 'this machine has no such address; choose another with --listen';
    case 'EINVAL':
    case 'ERR_INVALID_FD_TYPE':
      return 'it is not a socket that listens';
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'the name does not resolve; write an address';
    default:
      return message;
  }
}

/**
 * Puts a step before what a server does with each of its sockets.
 *
 * @returns what the server does with a socket
 */
function intercept(server: Server, step: (socket: Socket) => void): (socket: Duplex) => void {
  const listeners = server.listeners('connection');
  server.removeAllListeners('connection');
  server.on('connection', step);
  return (socket) => {
    for (const listener of listeners) Reflect.apply(listener, server, [socket]);
  };
}

/** Where the sockets come from, for the system and for a person. */
function placeOf(
  given: Listening | InheritedSocket,
): readonly [options: ListenOptions & { fd?: number }, name: string] {
  if ('descriptor' in given) return [{ fd: given.descriptor }, `the socket '${given.name}' of systemd`];
  const { host, port } = given;
  // without a host, on all addresses of IPv6 and IPv4, or of IPv4 where there is no IPv6
  return [{ port, backlog: BACKLOG, ...(host === '' ? {} : { host }) }, `${bracketed(host)}:${port}`];
}

/** A listener that was started. */
export interface Started {
  readonly url: string;
  /** True if only this machine can reach it. */
  readonly isLoopback: boolean;
}

export class Listeners implements AsyncDisposable {
  readonly #connections: Connections;
  readonly #tls: () => TlsSettings | null;
  readonly #log: Log;
  readonly #servers: Server[] = [];
  #isEnding = false;

  /** @param tls - gives the settings for a connection that begins; always null for HTTP, never for HTTPS */
  constructor(connections: Connections, tls: () => TlsSettings | null, log: Log) {
    this.#connections = connections;
    this.#tls = tls;
    this.#log = log;
  }

  /** True while the server shuts down: connections are not to be reused. */
  get isEnding(): boolean {
    return this.#isEnding;
  }

  /** @throws ServerError */
  async add(
    given: Listening | InheritedSocket,
    handler: (arrival: { readonly isLoopback: boolean }) => RequestListener,
  ): Promise<Started> {
    const server = createServer(LIMITS);
    const serve = intercept(server, (socket) => {
      if (!this.#connections.admit(socket)) return;
      const settings = this.#tls();
      if (settings === null) open(socket);
      else handshakes.begin(socket, settings);
    });
    const open = (socket: Socket): void => {
      const connection = this.#connections.open(socket);
      if (connection !== null) serve(connection);
    };
    const handshakes = new Handshakes(LIMITS.headersTimeout, open, ({ remoteAddress }, reason) =>
      this.#log.debug(`${remoteAddress} cannot connect: ${reason}`),
    );
    server.maxRequestsPerSocket = MAX_REQUESTS_PER_CONNECTION;
    server.timeout = IDLE_MS;
    const [options, name] = placeOf(given);
    try {
      server.listen(options);
      await once(server, 'listening');
    } catch (error) {
      const reason = reasonOf(error as NodeJS.ErrnoException);
      throw new ServerError(`cannot listen on ${name}: ${reason}`, { cause: error });
    }
    this.#servers.push(server);
    // after an error of the socket, such as too many open files, the server goes on
    server.on('error', () => {});
    const address = server.address();
    if (address === null || typeof address === 'string') {
      throw new ServerError(`cannot listen on ${name}: it is a Unix socket; ListenStream= needs a port`);
    }
    const host = nameOf(given, address);
    const arrival = { isLoopback: isLoopback(address.address) };
    const listener = handler(arrival);
    server.on('request', listener);
    // without a listener, Node would ask for a body that is refused anyway
    server.on('checkContinue', listener);
    const scheme = this.#tls() === null ? 'http' : 'https';
    return { url: `${scheme}://${bracketed(host)}:${address.port}/`, ...arrival };
  }

  /** Accepts no more connections, and drains: requests in progress have 5 seconds. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isEnding = true;
    this.#connections.destroyHandshakes();
    const closed = this.#servers.map(
      (server) => new Promise<void>((resolve) => server.close(() => resolve())),
    );
    const timer = setTimeout(() => {
      for (const server of this.#servers) server.closeAllConnections();
    }, DRAIN_MS);
    await Promise.all(closed);
    clearTimeout(timer);
  }
}

/** The host in the URL: as it was written, if it was. */
function nameOf(given: Listening | InheritedSocket, { address }: AddressInfo): string {
  return 'descriptor' in given || given.host === '' ? address : given.host;
}
