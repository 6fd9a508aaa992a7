/** A snapshot: reports of one chronyd at one time. Metrics, API and page are made from it. */

import {
  type CallOptions,
  type ChronyConnection,
  ChronyError,
  ChronyPermissionError,
  type ClientAccess,
  type ManualSample,
  type ReportName,
  type ReportValues,
  type TrackingStatus,
} from 'chrony-wasm';
import { askFor, REPORTS } from '../client/report-values.ts';
import { learnMaxClockError, type MaxClockError, NOTHING_KNOWN } from '../clock/max-clock-error.ts';
import { ChronyErr } from '../sandbox/errors.ts';
import { type AbortSignalLike, abortable } from '../util/abort.ts';
import { moment } from '../util/moment.ts';
import { monotonicMs } from '../util/timers.ts';

export { REPORTS };

/** What a snapshot may have beside the ten reports, by the name of the question. */
interface QuestionValues {
  readonly clients: ClientAccess[];
  readonly 'manual list': ManualSample[];
}

/** The name of a question that a snapshot may have the answer to. */
export type SnapshotQuestion = keyof QuestionValues;

const questions: {
  readonly [Name in SnapshotQuestion]: (
    chrony: ChronyConnection,
    options: CallOptions,
  ) => Promise<QuestionValues[Name]>;
} = {
  clients: (chrony, options) => chrony.getClients(options),
  'manual list': (chrony, options) => chrony.getManualList(options),
};

/** The questions beside the ten reports: a snapshot has them only if they are wanted by name. */
export const QUESTIONS = Object.keys(questions) as readonly SnapshotQuestion[];

/** The name of a report or a question that a snapshot may have. */
export type SnapshotName = ReportName | SnapshotQuestion;

/** What each of them gives. */
export type SnapshotValues = ReportValues & QuestionValues;

/** Gets one of them. The sources have the names in chronyd's configuration. */
function request(chrony: ChronyConnection, name: SnapshotName, options: CallOptions): Promise<unknown> {
  if (name === 'sources') return chrony.getSources({ ...options, names: true });
  return Object.hasOwn(questions, name)
    ? questions[name as SnapshotQuestion](chrony, options)
    : askFor(name as ReportName)(chrony, options);
}

/** The value of one report, or the error, and how long the request took in seconds. */
export type Outcome<T> =
  | { readonly value: T; readonly error: null; readonly seconds: number }
  | { readonly value: null; readonly error: ChronyError; readonly seconds: number };

export type Outcomes = { readonly [Name in SnapshotName]?: Outcome<SnapshotValues[Name]> };

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
  names: readonly SnapshotName[],
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

/** True if chronyd refuses us the report, is too old to have it, or has it disabled: it answers, so this is no failure. */
export function isOff(error: ChronyError): boolean {
  const { errorCode } = error;
  return (
    error instanceof ChronyPermissionError ||
    errorCode === ChronyErr.OLD_SERVER ||
    errorCode === ChronyErr.DISABLED
  );
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
  names: readonly SnapshotName[],
  turn: () => Promise<void>,
  signal: AbortSignalLike,
): Promise<Snapshot> {
  const before = moment();
  const get = (name: SnapshotName): Promise<Outcome<unknown>> =>
    outcomeOf(async () => request(await abortable(connect(), signal), name, { signal }));
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
