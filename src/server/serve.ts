/** `chrony-wasm serve`: metrics, API and page of one chronyd, in one process. */
import { hostname } from 'node:os';
import { ChronyError } from 'chrony-wasm';
import type { SnapshotName } from '#metrics';
import { Collector } from '#metrics';
import { CLOSED, repeating } from '../client/watch.ts';
import { type AbortSignalLike, abortable } from '../util/abort.ts';
import { inheritedSockets } from './activation.ts';
import { Clients } from './clients.ts';
import { connectionOf } from './connection.ts';
import { Connections } from './connections.ts';
import { handlerOf } from './handler.ts';
import { Listeners } from './listeners.ts';
import { Live, updateOf } from './live.ts';
import type { Log } from './log.ts';
import { MetricsWriter } from './metrics.ts';
import { OnDemand } from './on-demand.ts';
import type { ServerOptions } from './options.ts';
import { OwnMetrics } from './own-metrics.ts';
import { Probe } from './probe.ts';
import { RateLimits } from './rate-limits.ts';
import { routesOf } from './routes.ts';
import { WebSettings } from './settings.ts';
import { namerOf } from './source-names.ts';

export { Fleet } from '../fleet/fleet.ts';
export { TargetsError } from '../fleet/targets/error.ts';
export { openTargets } from '../fleet/targets/targets.ts';
export { Log } from './log.ts';
export { readServerOptions, ServerError } from './options.ts';
export { unitFor } from './systemd-unit.ts';

/** Beside the bundle. */
const PAGE = new URL('./page/', import.meta.url);

/** Up to which age a viewer gets the snapshot of a scrape. */
function recentMs(interval: number): number {
  return interval * 500;
}

/** Takes a snapshot each interval while there are viewers, until the signal aborts. Without viewers, chronyd is not queried. */
async function takeForViewers(
  collector: Collector,
  live: Live,
  interval: number,
  ending: AbortSignal,
): Promise<void> {
  const take = async (stop: AbortSignalLike): Promise<void> => {
    await abortable(live.whenViewed(), stop);
    await abortable(collector.take(recentMs(interval)), stop);
  };
  for await (const failure of repeating(take, interval * 1000, { ending })) {
    // take() never fails
    if (failure instanceof Error) throw failure;
  }
}

function logRefusal(log: Log): (name: SnapshotName, error: Error) => void {
  return (name, { message }) => log.warn(`without ${name}: ${message}`);
}

/**
 * Serves until a signal ends it.
 *
 * @throws ServerError if it cannot start.
 */
export async function serve(options: ServerOptions, version: string, log: Log): Promise<void> {
  const { listen, reports, questions, targets, hosts, web, metricsPath, chronyd, interval, proxies } =
    options;
  const sockets = listen ?? inheritedSockets();
  using settings = await WebSettings.open(web, log);
  const name = namerOf(options.names);
  const writer = new MetricsWriter(name, new OwnMetrics(version, options.processMetrics));
  await using probe = new Probe(targets, reports, chronyd, new MetricsWriter(name));
  const machine = hostname();
  await using collector = new Collector({
    ...chronyd,
    reports,
    onRefused: logRefusal(log),
    onSnapshot: (snapshot) => {
      const address = (collector.address ?? chronyd.address) || 'chronyd';
      live.publish(
        updateOf(snapshot, options.thresholds, { interval, chronyd: address, host: machine, version }),
      );
    },
  });
  await using onDemand = new OnDemand(questions, { ...chronyd, onRefused: logRefusal(log) });
  const clients = new Clients(proxies);
  using connections = new Connections(clients, log);
  await using listeners = new Listeners(connections, () => settings.current.tls, log);
  using live = new Live(recentMs(interval), () => void collector.take(recentMs(interval)));
  using signals = new Signals(() => settings.reload());

  const named = sockets.flatMap((socket) => ('host' in socket && socket.host !== '' ? [socket.host] : []));
  const handler = handlerOf({
    routes: await routesOf({
      collector,
      onDemand,
      live,
      probe,
      writer,
      metricsPath,
      thresholds: options.thresholds,
      page: PAGE,
    }),
    hosts: [...hosts, machine, ...named],
    scrapePaths: new Set([metricsPath, '/probe', '/healthz', '/readyz']),
    settings: () => settings.current,
    rates: new RateLimits(),
    isEnding: () => listeners.isEnding,
    clientOf: (request) => clients.ofRequest(request, connectionOf(request).client),
    hasRoomFor: (bytes, request) => connections.hasRoomFor(bytes, connectionOf(request).client),
    log,
  });
  for (const each of sockets) {
    const { url, isLoopback } = await listeners.add(each, handler);
    log.info(`listening on ${url} (page, ${metricsPath}, /probe, /api)`);
    if (isLoopback || settings.isPrivate) continue;
    log.warn(
      `others on the network can read ${url}; TLS and passwords, tokens or client certificates keep it private: --web-config, or --tls-cert and --basic-auth or --bearer-token`,
    );
  }
  await takeForViewers(collector, live, interval, signals.ending);
}

const ENDS = ['SIGINT', 'SIGTERM'] as const;

/** The operator's signals to a process: to end, and to reload its files. */
class Signals implements Disposable {
  readonly #ending = new AbortController();
  readonly #reload: () => void;

  /** @param reload - called for each SIGHUP */
  constructor(reload: () => void) {
    this.#reload = reload;
    process.on('SIGHUP', reload);
    for (const signal of ENDS) process.on(signal, this.#end);
  }

  /** Aborted by the first signal to end; a second one has its default effect. */
  get ending(): AbortSignal {
    return this.#ending.signal;
  }

  readonly #end = (): void => {
    for (const signal of ENDS) process.off(signal, this.#end);
    // an error with this code ends repeating() without an error
    this.#ending.abort(new ChronyError('it is to end', { code: CLOSED }));
  };

  [Symbol.dispose](): void {
    process.off('SIGHUP', this.#reload);
    this.#end();
  }
}
