/** `chrony-wasm serve`: metrics, API and page of one chronyd, in one process. */
import { hostname } from 'node:os';
import { ClockSite } from './clock-site.ts';
import type { Log } from './log.ts';
import { MetricsWriter } from './metrics.ts';
import type { ServerOptions } from './options.ts';
import { OwnMetrics } from './own-metrics.ts';
import { pageRoutes } from './page-files.ts';
import { Probe } from './probe.ts';
import { routesOf } from './routes.ts';
import { runSite } from './run-site.ts';
import { namerOf } from './source-names.ts';

export { Fleet } from '../fleet/fleet.ts';
export { TargetsError } from '../fleet/targets/error.ts';
export { openTargets } from '../fleet/targets/targets.ts';
export { type FleetServerOptions, serveFleet } from './fleet/serve-fleet.ts';
export { Log } from './log.ts';
export { readAccessOptions, readServerOptions, ServerError } from './options.ts';
export { unitFor } from './systemd-unit.ts';

/** The folder of the page's files, next to the bundle. */
const PAGE = new URL('./page/', import.meta.url);

/**
 * Serves until a signal ends it.
 *
 * @throws ServerError if it cannot start.
 */
export async function serve(options: ServerOptions, version: string, log: Log): Promise<void> {
  const { reports, extensions, targets, metricsPath, chronyd, interval, thresholds } = options;
  const name = namerOf(options.names);
  await using probe = new Probe(targets, reports, chronyd, new MetricsWriter(name));
  await using clock = new ClockSite({
    chronyd,
    reports,
    extensions,
    interval,
    thresholds,
    host: hostname(),
    version,
    page: await pageRoutes(PAGE),
    onRefused: (report, { message }) => log.warn(`without ${report}: ${message}`),
  });
  const writer = new MetricsWriter(name, await OwnMetrics.start(version, options.processMetrics));
  const routes = routesOf({ clock, probe, writer, metricsPath });
  await runSite(
    {
      routeAt: (path) => routes.get(path),
      scrapePaths: new Set([metricsPath, '/probe', '/healthz', '/readyz']),
      paths: [metricsPath, '/probe', '/api'],
      run: (ending) => clock.run(ending),
      reload: () => {},
      end: () => clock.end(),
    },
    options,
    log,
  );
}
