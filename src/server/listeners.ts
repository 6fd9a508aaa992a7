/** The sockets that requests come in at. */
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer, Server as TlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { SecureContextOptions } from 'node:tls';
import { ServerError } from './error.ts';
import { bracketed, type Listening } from './listening.ts';

/** So that whoever sends slowly, or much, or nothing, does not hold others up. */
const LIMITS = {
  maxHeaderSize: 8192,
  headersTimeout: 5000,
  requestTimeout: 10_000,
  connectionsCheckingInterval: 1000,
  // longer than Prometheus pauses
  keepAliveTimeout: 65_000,
} as const;
/** Twice as many as may look on; a process may often have no more than 1024 files, and needs some for chronyd. */
const MOST_CONNECTIONS = 512;
const MOST_REQUESTS_PER_CONNECTION = 10_000;
/** A connection on which nothing moves for so long is ended; events have their heartbeat. */
const IDLE_MS = 60_000;
/** How long what is under way may take when all is to end. */
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

  /** True from when it is to end: then no connection is to be used again. */
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
    // it would be asked for more of what is refused anyway
    server.on('checkContinue', listener);
    server.maxConnections = MOST_CONNECTIONS;
    server.maxRequestsPerSocket = MOST_REQUESTS_PER_CONNECTION;
    server.timeout = IDLE_MS;
    try {
      server.listen({ host, port });
      await once(server, 'listening');
    } catch (error) {
      const reason = reasonOf(error as NodeJS.ErrnoException);
      throw new ServerError(`cannot listen on ${bracketed(host)}:${port}: ${reason}`, { cause: error });
    }
    this.#servers.push(server);
    // what goes wrong with a connection is its client's; with the socket, e.g. too many files, it goes on
    server.on('error', () => {});
    const address = server.address() as AddressInfo;
    return `${tls === null ? 'http' : 'https'}://${bracketed(host)}:${address.port}/`;
  }

  /** From the next connection on. */
  renew(tls: SecureContextOptions): void {
    for (const server of this.#servers) if (server instanceof TlsServer) server.setSecureContext(tls);
  }

  /** Takes no more connections, and lets what is under way end, for 5 seconds at the longest. */
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
