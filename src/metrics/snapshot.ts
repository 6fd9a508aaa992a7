/** A snapshot: all reports of one chronyd at one time. Metrics, API and page are made from it. */

import {
  type ChronyConnection,
  ChronyError,
  ChronyPermissionError,
  type ReportName,
  type ReportValues,
  type TrackingStatus,
} from 'chrony-wasm';
import { askFor } from '../client/report-values.ts';
import { learnMaxClockError, type MaxClockError, NOTHING_KNOWN } from '../clock/max-clock-error.ts';
import { ChronyErr } from '../sandbox/errors.ts';
import { type AbortSignalLike, abortable } from '../util/abort.ts';
import { moment } from '../util/moment.ts';
import { monotonicMs } from '../util/timers.ts';

export { REPORTS } from '../client/report-values.ts';

/** The value of one report, or the error, and how long the request took in seconds. */
export type Outcome<T> =
  | { readonly value: T; readonly error: null; readonly seconds: number }
  | { readonly value: null; readonly error: ChronyError; readonly seconds: number };

export type Outcomes = { readonly [Name in ReportName]?: Outcome<ReportValues[Name]> };

export interface Snapshot {
  /** When chronyd was queried: seconds since the epoch, by this machine's clock. */
  readonly time: number;
  /** How long all requests took, in seconds. */
  readonly seconds: number;
  /** What is known of chronyd's `maxclockerror` by this snapshot and the ones before it. */
  readonly maxClockError: MaxClockError;
  /** The reports that were requested. */
  readonly reports: Outcomes;
}

/** A snapshot in which every request has failed. */
export function failedSnapshot(
  names: readonly ReportName[],
  error: ChronyError,
  seconds: number,
  maxClockError: MaxClockError = NOTHING_KNOWN,
): Snapshot {
  return {
    time: Date.now() / 1000 - seconds,
    seconds,
    maxClockError,
    reports: Object.fromEntries(names.map((name) => [name, { value: null, error, seconds }])),
  };
}

/** True if chronyd refuses us the report, or is too old to have it: it answers, so this is no failure. */
export function isOff(error: ChronyError): boolean {
  return error instanceof ChronyPermissionError || error.errorCode === ChronyErr.OLD_SERVER;
}

/** A ChronyError becomes an outcome; any other error is thrown. */
async function outcomeOf<T>(work: () => Promise<T>): Promise<Outcome<T>> {
  const start = monotonicMs();
  const seconds = (): number => (monotonicMs() - start) / 1000;
  try {
    return { value: await work(), error: null, seconds: seconds() };
  } catch (error) {
    if (error instanceof ChronyError) return { value: null, error, seconds: seconds() };
    throw error;
  }
}

/**
 * Requests each report once. `tracking` is first: if that request fails, no other is sent.
 *
 * @param known - of `maxclockerror`, by the snapshots before
 * @param connect - gives the connection, or rejects with a ChronyError
 * @param turn - awaited once chronyd has answered, before all other requests
 * @param signal - its reason, a ChronyError, becomes the outcome of each request that is unanswered when it is aborted
 */
export async function takeSnapshot(
  known: MaxClockError,
  connect: () => Promise<ChronyConnection>,
  names: readonly ReportName[],
  turn: () => Promise<void>,
  signal: AbortSignalLike,
): Promise<Snapshot> {
  const before = moment();
  const get = (name: ReportName): Promise<Outcome<unknown>> =>
    outcomeOf(async () => askFor(name)(await abortable(connect(), signal), { signal }));
  const tracking = await get('tracking');
  const after = moment();
  const failed = tracking.error !== null && !isOff(tracking.error);
  if (!failed) await turn();
  const outcomes = await Promise.all(
    names.map(async (name) => {
      return [name, name === 'tracking' || failed ? tracking : await get(name)] as const;
    }),
  );
  const status = tracking.value as TrackingStatus | null;
  return {
    time: before.wall,
    seconds: moment().monotonic - before.monotonic,
    maxClockError: status === null ? known : learnMaxClockError(known, status, before, after),
    // the type of the pairs does not tie a value to its name
    reports: Object.fromEntries(outcomes) as Outcomes,
  };
}
