/**
 * The routes of one clock: the files of its page, its events and its reports. Paths are relative to the clock's
 * base path.
 */
import { ChronyError, type HealthThresholds } from 'chrony-wasm';
import type { Collector, Outcome, SnapshotExtension, SnapshotName, SnapshotValues } from '#metrics';
import { EXTENSIONS, REPORTS, type Snapshot } from '#metrics';
import { isUnresolved, type SourceData, sourceOf } from '../reports/source-name.ts';
import { json } from '../util/json.ts';
import { boundOf } from './bound.ts';
import { summaryOf } from './client-summary.ts';
import { healthOf, type Live } from './live.ts';
import type { Failure, PageReply } from './messages.ts';
import { FRESH_MS, waitLimitMs } from './metrics.ts';
import type { OnDemand } from './on-demand.ts';
import { Content, JSON_TYPE, ok, type Reply, type Route, type RouteRequest, type Routes } from './reply.ts';

/** The dependencies of a clock's routes. */
export interface ClockParts {
  readonly collector: Collector;
  readonly onDemand: OnDemand;
  readonly live: Live;
  /** The thresholds of the health check. */
  readonly thresholds: HealthThresholds;
  /** The routes of the page's files. */
  readonly page: Routes;
}

export function clockRoutes({ collector, onDemand, live, thresholds, page }: ClockParts): Routes {
  const take = (request: RouteRequest): Promise<Snapshot> => collector.take(FRESH_MS, waitLimitMs(request));
  return new Map<string, Route>([
    ...page,
    ...apiRoutes(take, collector.reports, onDemand),
    ...derivedRoutes(take, thresholds),
    ['/page/clients', (request) => pageReply(onDemand, 'clients', summaryOf, request)],
    ['/page/manual-list', (request) => pageReply(onDemand, 'manual list', (samples) => samples, request)],
    ['/events', (request) => live.reply(request)],
  ]);
}

/** A report's name in options and paths, without spaces. */
function optionName(name: SnapshotName): string {
  return name.replace(' ', '-');
}

function apiPath(name: SnapshotName): string {
  return `/api/${optionName(name)}`;
}

/** The HTTP status of a failed report, by error code. */
const STATUSES: Readonly<Record<string, number>> = {
  ERR_CHRONY_TIMEOUT: 504,
  ERR_CHRONY_CONNECTION: 503,
  ERR_CHRONY_RESOLVE: 503,
  ERR_CHRONY_PERMISSION: 403,
  ERR_CHRONY_NO_BOUND: 503,
};

function failure(status: number, { code, message }: Failure): Reply {
  return { status, content: new Content(JSON_TYPE, json({ error: { code, message } }, false)) };
}

/**
 * A reply with an entity tag, which is sent again only if it has changed. Only the client itself may cache it.
 * Replies with addresses of clients must not be cached at all.
 */
function apiContent(value: unknown, mayKeep = true): Reply {
  const content = new Content(JSON_TYPE, json(value, false));
  return ok(content, {
    ETag: content.tag(),
    'Cache-Control': mayKeep ? 'private, no-cache' : 'no-store',
  });
}

/** Applies the command's default selection (no `--all`), unless the query has `all`. */
function chosen(value: unknown, all: boolean): unknown {
  if (all || !Array.isArray(value)) return value;
  const sources: readonly SourceData[] = value;
  return sources.filter((each) => !isUnresolved(sourceOf(each)));
}

/** The failure of a report that is switched off. */
function offFailure(name: SnapshotName): Failure {
  const isExtension = EXTENSIONS.some((extension) => extension === name);
  const option = isExtension ? `all,${optionName(name)}` : `${name} among others`;
  return {
    code: 'ERR_CHRONY_REPORT_OFF',
    message: `the report ${name} is switched off; start the server with --reports ${option}`,
  };
}

/**
 * The reply to the page, which requests it while visible. Its status is 200 even after a failure: the page shows
 * the error, and the browser should not log one.
 */
async function pageReply<Name extends SnapshotExtension, T>(
  onDemand: OnDemand,
  name: Name,
  pageValue: (value: SnapshotValues[Name], time: number) => T,
  request: RouteRequest,
): Promise<Reply> {
  const snapshot = await onDemand.take(name, waitLimitMs(request));
  if (snapshot === null) return pageContent({ error: offFailure(name) });
  const known = pageReplies.get(snapshot);
  if (known !== undefined) return known;
  const outcome = snapshot.reports[name] as Outcome<SnapshotValues[Name]>;
  const reply = pageContent<T>(
    outcome.error === null
      ? { value: pageValue(outcome.value, snapshot.time) }
      : { error: { code: outcome.error.code, message: outcome.error.message } },
  );
  pageReplies.set(snapshot, reply);
  return reply;
}

function pageContent<T>(content: PageReply<T>): Reply {
  return ok(new Content(JSON_TYPE, json(content, false)));
}

/** Cached per snapshot, so that it is written once for all pages. */
const pageReplies = new WeakMap<Snapshot, Reply>();

/** The reports of each snapshot as JSON, written once for all clients. */
const written = new WeakMap<Snapshot, Map<string, Reply>>();

function writtenReply(snapshot: Snapshot, key: string, write: () => Reply): Reply {
  const replies = written.get(snapshot) ?? new Map<string, Reply>();
  written.set(snapshot, replies);
  const reply = replies.get(key) ?? write();
  replies.set(key, reply);
  return reply;
}

function reportReply(snapshot: Snapshot, name: SnapshotName, { query }: RouteRequest): Reply {
  const all = query.has('all');
  return writtenReply(snapshot, `${name} ${all}`, () =>
    writeReport(snapshot, name, (value) => chosen(value, all)),
  );
}

/**
 * @param made - makes the content of the reply from the report, or returns the error that explains why there is
 * none
 */
function writeReport<Name extends SnapshotName>(
  { reports }: Snapshot,
  name: Name,
  made: (value: SnapshotValues[Name]) => unknown,
): Reply {
  const outcome: Outcome<SnapshotValues[Name]> | undefined = reports[name];
  if (outcome === undefined) return failure(404, offFailure(name));
  if (outcome.error !== null) return errorReply(outcome.error);
  const value = made(outcome.value);
  return value instanceof ChronyError ? errorReply(value) : apiContent(value, name !== 'clients');
}

function errorReply(error: Failure): Reply {
  return failure(STATUSES[error.code] ?? 502, error);
}

/** The replies that are derived from reports, by path. */
const DERIVED: Readonly<Record<string, (snapshot: Snapshot, thresholds: HealthThresholds) => Reply>> = {
  // a chronyd that does not answer is a health state, as for checkHealth()
  '/api/health': (snapshot, thresholds) => apiContent(healthOf(snapshot, thresholds)),
  '/api/bound': (snapshot) => writeReport(snapshot, 'tracking', (tracking) => boundOf(tracking, snapshot)),
  '/api/names': (snapshot) =>
    writeReport(snapshot, 'sources', (sources) => sources.map(({ address, name }) => ({ address, name }))),
};

function derivedRoutes(
  take: (request: RouteRequest) => Promise<Snapshot>,
  thresholds: HealthThresholds,
): readonly (readonly [path: string, Route])[] {
  return Object.entries(DERIVED).map(([path, write]) => [
    path,
    async (request) => {
      const snapshot = await take(request);
      return writtenReply(snapshot, path, () => write(snapshot, thresholds));
    },
  ]);
}

/**
 * The reports as `chrony-wasm --json` prints them.
 *
 * @param take - takes the snapshot for the reply
 */
function apiRoutes(
  take: (request: RouteRequest) => Promise<Snapshot>,
  reports: readonly SnapshotName[],
  onDemand: OnDemand,
): readonly (readonly [path: string, Route])[] {
  const list = apiContent({
    reports: [...reports, ...onDemand.names].map(apiPath),
    derived: Object.keys(DERIVED),
  });
  return [
    ['/api', () => list],
    ...REPORTS.map(
      (name) =>
        [
          apiPath(name),
          async (request: RouteRequest) => reportReply(await take(request), name, request),
        ] as const,
    ),
    ...EXTENSIONS.map(
      (name) =>
        [
          apiPath(name),
          async (request: RouteRequest) => {
            const snapshot = await onDemand.take(name, waitLimitMs(request));
            return snapshot === null ? failure(404, offFailure(name)) : reportReply(snapshot, name, request);
          },
        ] as const,
    ),
  ];
}
