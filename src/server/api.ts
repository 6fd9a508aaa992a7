/** The reports as `chrony-wasm --json` prints them. */
import type { ChronyError, ReportName } from 'chrony-wasm';
import { REPORTS, type Survey } from '#metrics';
import { isUnresolved, type SourceData, sourceOf } from '../reports/source-data.ts';
import { json } from '../util/json.ts';
import { Content } from './content.ts';
import { type Answer, type Asked, ok, type Route } from './reply.ts';

const TYPE = 'application/json';

/** By the code of the error: whose fault it is that there is no report. */
const STATUSES: Readonly<Record<string, number>> = {
  ERR_CHRONY_TIMEOUT: 504,
  ERR_CHRONY_CONNECTION: 503,
  ERR_CHRONY_RESOLVE: 503,
  ERR_CHRONY_PERMISSION: 403,
};

function failure(status: number, { code, message }: Pick<ChronyError, 'code' | 'message'>): Answer {
  return { status, content: new Content(TYPE, json({ error: { code, message } }, false)) };
}

/** Like the command without `--all`, unless the query has `all`. */
function chosen(value: unknown, all: boolean): unknown {
  if (all || !Array.isArray(value)) return value;
  const sources: readonly SourceData[] = value;
  return sources.filter((each) => !isUnresolved(sourceOf(each)));
}

function reportAnswer({ reports }: Survey, name: ReportName, { query }: Asked): Answer {
  const outcome = reports[name];
  if (outcome === undefined) {
    return failure(404, {
      code: 'ERR_CHRONY_REPORT_OFF',
      message: `the report ${name} is switched off; start the server with --reports and its name among others`,
    });
  }
  const { value, error } = outcome;
  if (error !== null) return failure(STATUSES[error.code] ?? 502, error);
  return ok(new Content(TYPE, json(chosen(value, query.has('all')), false)));
}

/** @param take - gives the survey to answer from */
export function apiRoutes(
  take: (asked: Asked) => Promise<Survey>,
  wanted: readonly ReportName[],
): readonly (readonly [path: string, Route])[] {
  const list = ok(new Content(TYPE, json({ reports: wanted.map((name) => `/api/${name}`) }, false)));
  return [
    ['/api', () => list],
    ...REPORTS.map(
      (name) =>
        [`/api/${name}`, async (asked: Asked) => reportAnswer(await take(asked), name, asked)] as const,
    ),
  ];
}
