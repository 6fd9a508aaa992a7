/** The sockets that the server listens on. */
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer, Server as TlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { SecureContextOptions } from 'node:tls';
import { bracketed, type Listening, ServerError } from './options.ts';

/** Clients that send slowly, or much, or nothing, must not delay others. */
const LIMITS = {
  maxHeaderSize: 8192,
  headersTimeout: 5000,
  requestTimeout: 10_000,
  connectionsCheckingInterval: 1000,
  // longer than Prometheus pauses
  keepAliveTimeout: 65_000,
} as const;
/** Twice the number of viewers. A process often may open 1024 files only, and needs some for chronyd. */
const MAX_CONNECTIONS = 512;
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

export class Listeners implements AsyncDisposable {
  readonly #servers: Server[] = [];
  #isEnding = false;

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
    server.maxConnections = MAX_CONNECTIONS;
    server.maxRequestsPerSocket = MAX_REQUESTS_PER_CONNECTION;
    server.timeout = IDLE_MS;
    try {
      server.listen({ host, port });
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
