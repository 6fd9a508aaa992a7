/** Runs the server of a site: its settings, listeners, connections, signals and request handler. */
import { hostname } from 'node:os';
import { ChronyError } from 'chrony-wasm';
import { CLOSED } from '../client/watch.ts';
import { inheritedSockets } from './activation.ts';
import { Clients } from './clients.ts';
import { connectionOf } from './connection.ts';
import { Connections } from './connections.ts';
import { handlerOf } from './handler.ts';
import { Listeners } from './listeners.ts';
import type { Log } from './log.ts';
import type { AccessOptions } from './options.ts';
import { RateLimits } from './rate-limits.ts';
import type { Route } from './reply.ts';
import { WebSettings } from './settings.ts';

/** A site that can be served. */
export interface Site {
  /** Returns the route for a path; undefined for an unknown path. */
  routeAt(path: string): Route | undefined;
  /** The paths at which programs other than browsers may address the server by any name. */
  readonly scrapePaths: ReadonlySet<string>;
  /** The main paths, for messages. */
  readonly paths: readonly string[];
  /** Runs until the signal aborts. */
  run(ending: AbortSignal): Promise<void>;
  /** Called for each SIGHUP. */
  reload(): void;
  /** Disconnects the viewers. Called before the server waits for requests in progress. */
  end(): void;
}

/**
 * Serves a site until a signal ends the process.
 *
 * @throws ServerError if it cannot start
 */
export async function runSite(
  site: Site,
  { listen, hosts, web, proxies }: AccessOptions,
  log: Log,
): Promise<void> {
  const sockets = listen ?? inheritedSockets();
  using settings = await WebSettings.open(web, log);
  const clients = new Clients(proxies);
  using connections = new Connections(clients, log);
  await using listeners = new Listeners(connections, () => settings.current.tls, log);
  using _streams = { [Symbol.dispose]: () => site.end() };
  using signals = new Signals(() => {
    settings.reload();
    site.reload();
  });

  const named = sockets.flatMap((socket) => ('host' in socket && socket.host !== '' ? [socket.host] : []));
  const handler = handlerOf({
    routeAt: (path) => site.routeAt(path),
    paths: site.paths,
    hosts: [...hosts, hostname(), ...named],
    scrapePaths: site.scrapePaths,
    settings: () => settings.current,
    rates: new RateLimits(),
    isEnding: () => listeners.isEnding,
    clientOf: (request) => clients.ofRequest(request, connectionOf(request).client),
    hasRoomFor: (bytes, request) => connections.hasRoomFor(bytes, connectionOf(request).client),
    log,
  });
  for (const each of sockets) {
    const { url, isLoopback } = await listeners.add(each, handler);
    log.info(`listening on ${url} (page, ${site.paths.join(', ')})`);
    if (isLoopback || settings.isPrivate) continue;
    log.warn(
      `others on the network can read ${url}; TLS and passwords, tokens or client certificates keep it private: --web-config, or --tls-cert and --basic-auth or --bearer-token`,
    );
  }
  await site.run(signals.ending);
}

const ENDS = ['SIGINT', 'SIGTERM'] as const;

/** The operator's signals to the process: to end, and to reload its files. */
class Signals implements Disposable {
  readonly #ending = new AbortController();
  readonly #reload: () => void;

  /** @param reload - called for each SIGHUP */
  constructor(reload: () => void) {
    this.#reload = reload;
    process.on('SIGHUP', reload);
    for (const signal of ENDS) process.on(signal, this.#end);
  }

  /** Aborted by the first SIGINT or SIGTERM. A second one has its default effect. */
  get ending(): AbortSignal {
    return this.#ending.signal;
  }

  readonly #end = (): void => {
    for (const signal of ENDS) process.off(signal, this.#end);
    // an error with this code ends repeating() without an error
    this.#ending.abort(new ChronyError('the server is shutting down', { code: CLOSED }));
  };

  [Symbol.dispose](): void {
    process.off('SIGHUP', this.#reload);
    this.#end();
  }
}
