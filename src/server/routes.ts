/** The routes of `serve`: those of its clock, its metrics, `/probe` and the health checks. */
import type { Snapshot } from '#metrics';
import type { ClockSite } from './clock-site.ts';
import { FRESH_MS, type MetricsWriter, outOfFiles, waitLimitMs } from './metrics.ts';
import type { OnDemand } from './on-demand.ts';
import { pathInUse } from './options.ts';
import type { Probe } from './probe.ts';
import { ok, plainText, type Reply, type Route, type RouteRequest, type Routes, refusal } from './reply.ts';

/** The maximum age of the snapshot that decides whether the server is ready. */
const READY_MS = 5000;

/** The dependencies of the routes. */
export interface Served {
  readonly clock: ClockSite;
  readonly probe: Probe;
  readonly writer: MetricsWriter;
  /** The path of the metrics. */
  readonly metricsPath: string;
}

/** By path. @throws ServerError if something else is served at the path of the metrics */
export function routesOf({ clock, probe, writer, metricsPath }: Served): Routes {
  const { collector, onDemand } = clock;
  const take = (request: RouteRequest): Promise<Snapshot> => collector.take(FRESH_MS, waitLimitMs(request));
  const alive = ok(plainText('ok'));
  const unavailable = refusal(503, 'chronyd did not answer the last query; check that it runs, and --host');
  const readiness = (last: Snapshot): Reply => (last.isAnswered ? alive : (outOfFiles(last) ?? unavailable));
  const routes = new Map<string, Route>([
    ...clock.routes,
    ['/probe', (request) => probe.reply(request)],
    ['/healthz', () => alive],
    ['/readyz', async () => readiness(await collector.take(READY_MS))],
  ]);
  if (routes.has(metricsPath)) throw pathInUse(metricsPath);
  return routes.set(metricsPath, async (request) =>
    writer.reply(await takeForMetrics(take, onDemand, request), request),
  );
}

/** Takes the snapshot for the metrics, with the clients if their metrics are switched on. */
async function takeForMetrics(
  take: (request: RouteRequest) => Promise<Snapshot>,
  onDemand: OnDemand,
  request: RouteRequest,
): Promise<Snapshot> {
  const [snapshot, clients] = await Promise.all([
    take(request),
    onDemand.take('clients', waitLimitMs(request)),
  ]);
  if (clients === null) return snapshot;
  const known = joined.get(snapshot);
  if (known?.clients === clients) return known.whole;
  const whole = { ...snapshot, reports: { ...snapshot.reports, ...clients.reports } };
  joined.set(snapshot, { clients, whole });
  return whole;
}

/** The snapshots with clients, kept so that the text of each can be reused. */
const joined = new WeakMap<Snapshot, { readonly clients: Snapshot; readonly whole: Snapshot }>();
