/** The sockets that the server listens on. */
import { once } from 'node:events';
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  ServerResponse,
} from 'node:http';
import { createServer as createTlsServer, Server as TlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { SecureContextOptions } from 'node:tls';
import { connectionOf, MAX_REQUEST } from './connection.ts';
import type { Connections } from './connections.ts';
import { bracketed, type Listening, ServerError } from './options.ts';

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
 * @param step - returns what the server is to use in place of the socket, or null for nothing
 */
function insert(server: Server, event: string, step: (socket: Socket) => Duplex | null): void {
  const listeners = server.listeners(event);
  server.removeAllListeners(event);
  server.on(event, (socket: Socket) => {
    const given = step(socket);
    if (given !== null) for (const listener of listeners) Reflect.apply(listener, server, [given]);
  });
}

export class Listeners implements AsyncDisposable {
  readonly #connections: Connections;
  readonly #servers: Server[] = [];
  #isEnding = false;

  constructor(connections: Connections) {
    this.#connections = connections;
  }

  /** True while the server shuts down: connections are not to be reused. */
  get isEnding(): boolean {
    return this.#isEnding;
  }

  /** @returns the URL. @throws ServerError */
  async add(
    { host, port }: Listening,
    tls: SecureContextOptions | null,
    listener: RequestListener,
  ): Promise<string> {
    const server =
      tls === null
        ? createServer(LIMITS)
        : createTlsServer({ ...LIMITS, ...tls, handshakeTimeout: LIMITS.headersTimeout });
    server.on('request', listener);
    // without a listener, Node would ask for a body that is refused anyway
    server.on('checkContinue', listener);
    const connections = this.#connections;
    if (tls === null) {
      insert(server, 'connection', (socket) => (connections.admit(socket) ? connections.open(socket) : null));
    } else {
      insert(server, 'connection', (socket) => (connections.admit(socket) ? socket : null));
      insert(server, 'secureConnection', (socket) => connections.open(socket));
    }
    server.maxRequestsPerSocket = MAX_REQUESTS_PER_CONNECTION;
    server.timeout = IDLE_MS;
    try {
      server.listen({ host, port, backlog: BACKLOG });
      await once(server, 'listening');
    } catch (error) {
      const reason = reasonOf(error as NodeJS.ErrnoException);
      throw new ServerError(`cannot listen on ${bracketed(host)}:${port}: ${reason}`, { cause: error });
    }
    this.#servers.push(server);
    // after an error of the socket, such as too many open files, the server goes on
    server.on('error', () => {});
    const address = server.address() as AddressInfo;
    return `${tls === null ? 'http' : 'https'}://${bracketed(host)}:${address.port}/`;
  }

  /** Uses another certificate from the next connection on. */
  setCertificate(tls: SecureContextOptions): void {
    for (const server of this.#servers) if (server instanceof TlsServer) server.setSecureContext(tls);
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
