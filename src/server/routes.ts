/** The routes of the server: path by path. */
import { readdir, readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import type { ChronyError, ReportName } from 'chrony-wasm';
import type { Collector } from '#metrics';
import { REPORTS, type Snapshot } from '#metrics';
import { isUnresolved, type SourceData, sourceOf } from '../reports/source-name.ts';
import { json } from '../util/json.ts';
import type { Live } from './live.ts';
import { FRESH_MS, metricsReply, outOfFiles, waitLimitMs } from './metrics.ts';
import { pathInUse } from './options.ts';
import type { Probe } from './probe.ts';
import { Content, ok, plainText, type Reply, type Route, type RouteRequest, refusal } from './reply.ts';

/** The parts of the server that routes are made from. */
export interface Served {
  readonly collector: Collector;
  readonly live: Live;
  readonly probe: Probe;
  /** The path of the metrics. */
  readonly metricsPath: string;
  /** The folder of the page. */
  readonly page: URL;
}

/** True if chronyd gave any report. */
function answered(snapshot: Snapshot | null): boolean {
  return Object.values(snapshot?.reports ?? {}).some(({ error }) => error === null);
}

/** By path. @throws ServerError if the path of the metrics is one of the page's */
export async function routesOf({
  collector,
  live,
  probe,
  metricsPath,
  page,
}: Served): Promise<ReadonlyMap<string, Route>> {
  const take = (request: RouteRequest): Promise<Snapshot> => collector.take(FRESH_MS, waitLimitMs(request));
  const alive = ok(plainText('ok'));
  const unavailable = refusal(503, 'chronyd did not answer when it was asked last; see /api/tracking');
  const readiness = (last: Snapshot | null): Reply => {
    if (answered(last)) return alive;
    return (last && outOfFiles(last)) ?? unavailable;
  };
  const ofPage = await pageRoutes(page);
  if (ofPage.some(([path]) => path === metricsPath)) throw pathInUse(metricsPath);
  return new Map<string, Route>([
    ...ofPage,
    ...apiRoutes(take, collector.reports),
    [metricsPath, async (request) => metricsReply(await take(request), request)],
    ['/probe', (request) => probe.reply(request)],
    ['/events', (request) => live.reply(request)],
    ['/healthz', () => alive],
    ['/readyz', () => readiness(collector.last)],
  ]);
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
};

/** The page: a route for each file of the folder, read once; `index.html` is `/`. */
async function pageRoutes(folder: URL): Promise<readonly (readonly [path: string, Route])[]> {
  const names = (await readdir(folder)).filter((name) => TYPES[extname(name)] !== undefined);
  return Promise.all(
    names.map(async (name) => {
      const type = TYPES[extname(name)] ?? '';
      const content = new Content(type, await readFile(new URL(name, folder)));
      const reply = ok(content, { ETag: content.tag(), 'Cache-Control': 'no-cache' });
      return [name === 'index.html' ? '/' : `/${name}`, () => reply] as const;
    }),
  );
}

const JSON_TYPE = 'application/json';

/** The HTTP status for the code of the error that a report failed with. */
const STATUSES: Readonly<Record<string, number>> = {
  ERR_CHRONY_TIMEOUT: 504,
  ERR_CHRONY_CONNECTION: 503,
  ERR_CHRONY_RESOLVE: 503,
  ERR_CHRONY_PERMISSION: 403,
};

function failure(status: number, { code, message }: Pick<ChronyError, 'code' | 'message'>): Reply {
  return { status, content: new Content(JSON_TYPE, json({ error: { code, message } }, false)) };
}

/** Like the command without `--all`, unless the query has `all`. */
function chosen(value: unknown, all: boolean): unknown {
  if (all || !Array.isArray(value)) return value;
  const sources: readonly SourceData[] = value;
  return sources.filter((each) => !isUnresolved(sourceOf(each)));
}

/** The reports of each snapshot as JSON: written once, however many clients ask for them. */
const written = new WeakMap<Snapshot, Map<string, Reply>>();

function reportReply(snapshot: Snapshot, name: ReportName, { query }: RouteRequest): Reply {
  const all = query.has('all');
  const replies = written.get(snapshot) ?? new Map<string, Reply>();
  written.set(snapshot, replies);
  const key = `${name} ${all}`;
  const reply = replies.get(key) ?? writeReport(snapshot, name, all);
  replies.set(key, reply);
  return reply;
}

function writeReport({ reports }: Snapshot, name: ReportName, all: boolean): Reply {
  const outcome = reports[name];
  if (outcome === undefined) {
    return failure(404, {
      code: 'ERR_CHRONY_REPORT_OFF',
      message: `the report ${name} is switched off; start the server with --reports and its name among others`,
    });
  }
  const { value, error } = outcome;
  if (error !== null) return failure(STATUSES[error.code] ?? 502, error);
  return ok(new Content(JSON_TYPE, json(chosen(value, all), false)));
}

/**
 * The reports as `chrony-wasm --json` prints them.
 *
 * @param take - gives the snapshot to reply from
 */
function apiRoutes(
  take: (request: RouteRequest) => Promise<Snapshot>,
  wanted: readonly ReportName[],
): readonly (readonly [path: string, Route])[] {
  const list = ok(new Content(JSON_TYPE, json({ reports: wanted.map((name) => `/api/${name}`) }, false)));
  return [
    ['/api', () => list],
    ...REPORTS.map(
      (name) =>
        [
          `/api/${name}`,
          async (request: RouteRequest) => reportReply(await take(request), name, request),
        ] as const,
    ),
  ];
}
