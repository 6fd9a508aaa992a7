/** A snapshot: reports of one chronyd at one time. Metrics, API and page are made from it. */

import {
  type CallOptions,
  type ChronyConnection,
  ChronyDataError,
  ChronyError,
  ChronyPermissionError,
  type ClientAccess,
  type ManualSample,
  type ReportName,
  type ReportValues,
} from 'chrony-wasm';
import { isPerSource, REPORTS, type ReportOutcome } from '../client/report-values.ts';
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

function isQuestion(name: SnapshotName): name is SnapshotQuestion {
  return Object.hasOwn(questions, name);
}

/** The value of one report, or the error, and how long it took in seconds; reports that are read together share that. */
export type Outcome<T> = ReportOutcome<T> & { readonly seconds: number };

export type Outcomes = { readonly [Name in SnapshotName]?: Outcome<SnapshotValues[Name]> };

export interface Snapshot {
  /** When chronyd was queried: seconds since the epoch, by this machine's clock. */
  readonly time: number;
  /** How long all requests took, in seconds. */
  readonly seconds: number;
  /** What is known of chronyd's `maxclockerror` by this snapshot and the ones before it. */
  readonly maxClockError: MaxClockError;
  /** True if chronyd answered any request, even if only to refuse the report. */
  readonly isAnswered: boolean;
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
    isAnswered: false,
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

/** True for the outcome of a request that chronyd answered: with the report, a refusal or invalid data. */
function isAnswer({ error }: ReportOutcome<unknown>): boolean {
  if (error === null || error instanceof ChronyDataError) return true;
  // only a refusal by chronyd has a number of the C library; one by the system says nothing about chronyd
  return error instanceof ChronyPermissionError && error.errorCode !== null;
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
  names: readonly SnapshotName[],
  turn: () => Promise<void>,
  signal: AbortSignalLike,
): Promise<Snapshot> {
  const before = moment();
  const get = async (...group: readonly SnapshotName[]): Promise<Outcomes> => {
    const start = monotonicMs();
    const outcomes = await outcomesOf(group, connect, signal);
    const seconds = (monotonicMs() - start) / 1000;
    return Object.fromEntries(Object.entries(outcomes).map(([name, each]) => [name, { ...each, seconds }]));
  };
  // questions alone need nothing else
  const { tracking } = names.every(isQuestion) && names.length > 0 ? {} : await get('tracking');
  const after = moment();
  const isDown = tracking?.error && !isOff(tracking.error);
  if (!isDown) await turn();
  const others = names.filter((name) => name !== 'tracking');
  const isTogether = (name: SnapshotName): boolean => !isQuestion(name) && isPerSource(name);
  const single = others.filter((name) => !isTogether(name));
  const groups = [others.filter(isTogether), ...single.map((name) => [name])];
  const outcomes: readonly Outcomes[] = isDown
    ? others.map((name) => ({ [name]: tracking }))
    : await Promise.all(groups.map((group) => get(...group)));
  const reports: Outcomes = Object.assign({}, tracking && { tracking }, ...outcomes);
  return {
    time: before.wall,
    seconds: moment().monotonic - before.monotonic,
    maxClockError: tracking?.value ? learnMaxClockError(known, tracking.value, before, after) : known,
    // tracking is requested to find out even where it is not wanted itself
    isAnswered: Object.values(reports).some(isAnswer),
    // in the order of the names
    reports: Object.fromEntries(names.map((name) => [name, reports[name]])),
  };
}

/**
 * The outcomes of some reports, or of one question. The sources have the names in chronyd's configuration. If there is no
 * connection, that error is the outcome of each.
 */
async function outcomesOf(
  names: readonly SnapshotName[],
  connect: () => Promise<ChronyConnection>,
  signal: AbortSignalLike,
): Promise<{ readonly [Name in SnapshotName]?: ReportOutcome<SnapshotValues[Name]> }> {
  try {
    const chrony = await abortable(connect(), signal);
    const [question] = names;
    if (question !== undefined && isQuestion(question)) {
      return { [question]: { value: await questions[question](chrony, { signal }), error: null } };
    }
    const reports = names.filter((name) => !isQuestion(name));
    return await chrony.getReports(reports, { names: true, signal });
  } catch (error) {
    if (!(error instanceof ChronyError)) throw error;
    return Object.fromEntries(names.map((name) => [name, { value: null, error }]));
  }
}
