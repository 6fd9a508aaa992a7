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

/** The response class that Node uses for each request, even for a request that Node answers by itself. */
class Response extends ServerResponse {
  constructor(...[request, ...rest]: ConstructorParameters<typeof ServerResponse<IncomingMessage>>) {
    super(request, ...rest);
    connectionOf(request).begin(this);
  }
}

/** Clients that send slowly, too much or nothing must not delay others. */
const LIMITS = {
  ServerResponse: Response,
  maxHeaderSize: MAX_REQUEST,
  // generous, because the parts of a request may have to wait for turns
  headersTimeout: 10_000,
  requestTimeout: 10_000,
  connectionsCheckingInterval: 1000,
  // longer than the usual scrape interval of Prometheus
  keepAliveTimeout: 65_000,
} as const;
/**
 * The maximum number of connections that wait to be accepted. With fewer, a burst of one client makes others retry
 * for seconds.
 */
const BACKLOG = 4096;
const MAX_REQUESTS_PER_CONNECTION = 10_000;
/** An idle connection is closed after this time. Event streams stay open by their heartbeat. */
const IDLE_MS = 60_000;
/** The time for requests in progress to finish when the server shuts down. */
const DRAIN_MS = 5000;

function reasonOf({ code, message }: NodeJS.ErrnoException): string {
  switch (code) {
    case 'EADDRINUSE':
      return 'the port is in use; choose another with --listen, or stop the program that uses it';
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
 * Inserts a step before a server's handling of each socket.
 *
 * @returns the server's own handling of a socket
 */
function intercept(server: Server, step: (socket: Socket) => void): (socket: Duplex) => void {
  const listeners = server.listeners('connection');
  server.removeAllListeners('connection');
  server.on('connection', step);
  return (socket) => {
    for (const listener of listeners) Reflect.apply(listener, server, [socket]);
  };
}

/** The source of a listening socket, as an argument of `listen()` and as text for messages. */
function placeOf(
  given: Listening | InheritedSocket,
): readonly [options: ListenOptions & { fd?: number }, name: string] {
  if ('descriptor' in given) return [{ fd: given.descriptor }, `the socket '${given.name}' of systemd`];
  const { host, port } = given;
  // without a host: on all IPv6 and IPv4 addresses, or on all IPv4 addresses if there is no IPv6
  return [{ port, backlog: BACKLOG, ...(host === '' ? {} : { host }) }, `${bracketed(host)}:${port}`];
}

/** A listener that was started. */
export interface Started {
  readonly url: string;
  /** True if it is reachable only from this machine. */
  readonly isLoopback: boolean;
}

export class Listeners implements AsyncDisposable {
  readonly #connections: Connections;
  readonly #tls: () => TlsSettings | null;
  readonly #log: Log;
  readonly #servers: Server[] = [];
  #isEnding = false;

  /** @param tls - returns the TLS settings for a new connection: always null for HTTP, never null for HTTPS */
  constructor(connections: Connections, tls: () => TlsSettings | null, log: Log) {
    this.#connections = connections;
    this.#tls = tls;
    this.#log = log;
  }

  /** True while the server shuts down and connections must not be reused. */
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
    // the server continues after a socket error, such as too many open files
    server.on('error', () => {});
    const address = server.address();
    if (address === null || typeof address === 'string') {
      throw new ServerError(`cannot listen on ${name}: it is a Unix socket; ListenStream= needs a port`);
    }
    const host = nameOf(given, address);
    const arrival = { isLoopback: isLoopback(address.address) };
    const listener = handler(arrival);
    server.on('request', listener);
    // without a listener, Node would ask the client for the body, which is refused anyway
    server.on('checkContinue', listener);
    const scheme = this.#tls() === null ? 'http' : 'https';
    return { url: `${scheme}://${bracketed(host)}:${address.port}/`, ...arrival };
  }

  /** Stops accepting connections and drains: requests in progress have 5 seconds to finish. */
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

/** The host in the URL: as the operator wrote it, or else the address. */
function nameOf(given: Listening | InheritedSocket, { address }: AddressInfo): string {
  return 'descriptor' in given || given.host === '' ? address : given.host;
}
