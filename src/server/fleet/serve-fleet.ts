/** `chrony-wasm fleet --listen`: page, API and metrics of many chronyds, in one process. */
import { hostname } from 'node:os';
import { REPORTS } from '#metrics';
import { Fleet, type FleetOptions } from '../../fleet/fleet.ts';
import type { TargetList } from '../../fleet/target.ts';
import { canonicalTarget } from '../../fleet/targets/address.ts';
import { TargetsError } from '../../fleet/targets/error.ts';
import { openTargets, type TargetSources, type Targets } from '../../fleet/targets/targets.ts';
import { type NamedHost, parseAddress, type UdpEndpoint } from '../../socket/address.ts';
import { ClockSite } from '../clock-site.ts';
import type { Log } from '../log.ts';
import { MetricsWriter } from '../metrics.ts';
import { type AccessOptions, DEFAULT_INTERVAL_S, ServerError } from '../options.ts';
import { OwnMetrics } from '../own-metrics.ts';
import { pageRoutes } from '../page-files.ts';
import { Probe } from '../probe.ts';
import { runSite } from '../run-site.ts';
import { viewerPlaces } from '../viewers.ts';
import { ClockSites } from './clock-sites.ts';
import { FleetEvents } from './fleet-events.ts';
import { FleetMetrics } from './fleet-metrics.ts';
import { fleetRoutes } from './fleet-routes.ts';

export interface FleetServerOptions extends AccessOptions {
  readonly fleet: FleetOptions;
  readonly sources: Pick<TargetSources, 'hosts' | 'files'>;
}

/** The folders of the pages' files, next to the bundle. */
const CLOCK_PAGE = new URL('./page/', import.meta.url);
const FLEET_PAGE = new URL('./page/fleet/', import.meta.url);

/**
 * Serves until a signal ends it.
 *
 * @throws ServerError if it cannot start.
 */
export async function serveFleet(options: FleetServerOptions, version: string, log: Log): Promise<void> {
  const { metricsPath } = options;
  using list = await open(options.sources, log);
  const { chronyd, thresholds, intervalMs } = options.fleet;
  const interval = intervalMs / 1000;
  const host = hostname();
  const places = viewerPlaces();
  const fleet = new Fleet(list, options.fleet);
  const clockPage = await pageRoutes(CLOCK_PAGE);
  await using probe = new Probe(
    new FleetTargets(list),
    REPORTS,
    chronyd,
    new MetricsWriter((snapshot) => snapshot),
  );
  await using clocks = new ClockSites({
    page: clockPage,
    isTarget: (address) => list.targets.has(address),
    make: (address) =>
      new ClockSite({
        chronyd: { ...chronyd, address },
        reports: REPORTS,
        extensions: ['manual list'],
        interval: DEFAULT_INTERVAL_S,
        thresholds,
        host,
        version,
        page: clockPage,
        // chronyd refuses some reports to remote hosts; the page shows this
        onRefused: (report, { message }) => log.debug(`${address}: without ${report}: ${message}`),
        places,
      }),
    log,
  });
  using events = new FleetEvents(fleet, { interval, host, version }, places);
  const routes = fleetRoutes({
    fleet,
    interval,
    events,
    metrics: new FleetMetrics(fleet, interval, await OwnMetrics.start(version, options.processMetrics)),
    probe,
    metricsPath,
    page: await pageRoutes(FLEET_PAGE),
  });
  const stopFollowing = list.onChange(() => clocks.closeGone());
  try {
    await runSite(
      {
        routeAt: (path) => routes.get(path) ?? clocks.routeAt(path),
        scrapePaths: new Set([metricsPath, '/probe', '/sd', '/healthz', '/readyz']),
        paths: [metricsPath, '/probe', '/sd', '/api/fleet', '/api/topology'],
        run: (ending) => fleet.run(ending),
        reload: () => list.reload(),
        end() {
          events[Symbol.dispose]();
          clocks.end();
        },
      },
      options,
      log,
    );
  } finally {
    stopFollowing();
  }
}

/** @throws ServerError */
async function open(sources: FleetServerOptions['sources'], log: Log): Promise<Targets> {
  try {
    return await openTargets({ ...sources, warn: (message) => log.warn(message) });
  } catch (error) {
    if (!(error instanceof TargetsError)) throw error;
    throw new ServerError(error.message, { isUsage: error.isUsage, cause: error });
  }
}

/** `/probe` queries only the targets of the fleet. */
class FleetTargets {
  readonly advice = 'it is not a network target of this fleet; the targets are at /sd';
  readonly #list: TargetList;

  constructor(list: TargetList) {
    this.#list = list;
  }

  /** @throws ChronyConnectionError if the address is invalid */
  find(target: string): UdpEndpoint | NamedHost | null {
    const address = canonicalTarget(target);
    if (!this.#list.targets.has(address)) return null;
    const endpoint = parseAddress(address);
    // clients must not choose a Unix socket of this machine
    return endpoint.kind === 'unix' ? null : endpoint;
  }
}
