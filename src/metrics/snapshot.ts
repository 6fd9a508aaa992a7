/** A snapshot: all reports of one chronyd at one time. Metrics, API and page are made from it. */

import {
  type ChronyConnection,
  ChronyError,
  ChronyPermissionError,
  type ReportName,
  type ReportValues,
} from 'chrony-wasm';
import { isPerSource, type ReportOutcome, type ReportOutcomes } from '../client/report-values.ts';
import { learnMaxClockError, type MaxClockError, NOTHING_KNOWN } from '../clock/max-clock-error.ts';
import { ChronyErr } from '../sandbox/errors.ts';
import { type AbortSignalLike, abortable } from '../util/abort.ts';
import { moment } from '../util/moment.ts';
import { monotonicMs } from '../util/timers.ts';

export { REPORTS } from '../client/report-values.ts';

/** The value of one report, or the error, and how long it took in seconds; reports that are read together share that. */
export type Outcome<T> = ReportOutcome<T> & { readonly seconds: number };

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

/**
 * Requests each report once. `tracking` is first: if that request fails, no other is sent. The reports on sources are read
 * together.
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
  const get = async (...group: readonly ReportName[]): Promise<Outcomes> => {
    const start = monotonicMs();
    const outcomes = await outcomesOf(group, connect, signal);
    const seconds = (monotonicMs() - start) / 1000;
    return Object.fromEntries(Object.entries(outcomes).map(([name, each]) => [name, { ...each, seconds }]));
  };
  const { tracking } = await get('tracking');
  const after = moment();
  const isDown = tracking?.error && !isOff(tracking.error);
  if (!isDown) await turn();
  const others = names.filter((name) => name !== 'tracking');
  const groups = [
    others.filter(isPerSource),
    ...others.filter((name) => !isPerSource(name)).map((name) => [name]),
  ];
  const outcomes: readonly Outcomes[] = isDown
    ? others.map((name) => ({ [name]: tracking }))
    : await Promise.all(groups.map((group) => get(...group)));
  const reports: Outcomes = Object.assign({}, tracking && { tracking }, ...outcomes);
  return {
    time: before.wall,
    seconds: moment().monotonic - before.monotonic,
    maxClockError: tracking?.value ? learnMaxClockError(known, tracking.value, before, after) : known,
    // in the order of the names
    reports: Object.fromEntries(names.map((name) => [name, reports[name]])),
  };
}

/** The outcomes of some reports. If there is no connection, that error is the outcome of each. */
async function outcomesOf(
  names: readonly ReportName[],
  connect: () => Promise<ChronyConnection>,
  signal: AbortSignalLike,
): Promise<Partial<ReportOutcomes>> {
  try {
    const chrony = await abortable(connect(), signal);
    return await chrony.getReports(names, { signal });
  } catch (error) {
    if (!(error instanceof ChronyError)) throw error;
    return Object.fromEntries(names.map((name) => [name, { value: null, error }]));
  }
}
