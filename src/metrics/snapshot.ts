/** A snapshot: reports of one chronyd at one time, the basis of metrics, API and page. */

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

/** The values of the extension reports, by name. */
interface ExtensionValues {
  readonly clients: ClientAccess[];
  readonly 'manual list': ManualSample[];
}

export type SnapshotExtension = keyof ExtensionValues;

const extensions: {
  readonly [Name in SnapshotExtension]: (
    chrony: ChronyConnection,
    options: CallOptions,
  ) => Promise<ExtensionValues[Name]>;
} = {
  clients: (chrony, options) => chrony.getClients(options),
  'manual list': (chrony, options) => chrony.getManualList(options),
};

/** The names of the extension reports. A snapshot contains them only on demand. */
export const EXTENSIONS = Object.keys(extensions) as readonly SnapshotExtension[];

/** The name of a report or of an extension report. */
export type SnapshotName = ReportName | SnapshotExtension;

export type SnapshotValues = ReportValues & ExtensionValues;

function isExtension(name: SnapshotName): name is SnapshotExtension {
  return Object.hasOwn(extensions, name);
}

/**
 * The value of a report or another request, or the error, and the duration of the request, in seconds. Reports that
 * are requested together share that duration.
 */
export type Outcome<T> = ReportOutcome<T> & { readonly seconds: number };

export type Outcomes = { readonly [Name in SnapshotName]?: Outcome<SnapshotValues[Name]> };

export interface Snapshot {
  /** When chronyd was queried: seconds since the epoch, by this machine's clock. */
  readonly time: number;
  /** The duration of all requests, in seconds. */
  readonly seconds: number;
  /** The known range of chronyd's `maxclockerror`, from this snapshot and earlier ones. */
  readonly maxClockError: MaxClockError;
  /** True if chronyd replied to any request, even if only with a refusal. */
  readonly isAnswered: boolean;
  /** The outcomes of the requests. */
  readonly reports: Outcomes;
}

/** Returns a snapshot in which every request has failed. */
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

/**
 * True if chronyd refuses the report to this process, is too old for it, or has disabled it. chronyd is up then, so
 * this is not a failure.
 */
export function isUnavailable(error: ChronyError): boolean {
  const { errorCode } = error;
  return (
    error instanceof ChronyPermissionError ||
    errorCode === ChronyErr.OLD_SERVER ||
    errorCode === ChronyErr.DISABLED
  );
}

/** True for the outcome of a request to which chronyd replied: with the report, a refusal or invalid data. */
function isAnswer({ error }: ReportOutcome<unknown>): boolean {
  if (error === null || error instanceof ChronyDataError) return true;
  // only a refusal by chronyd has a number of the C library; one by the system says nothing about chronyd
  return error instanceof ChronyPermissionError && error.errorCode !== null;
}

/**
 * Requests each name once. `tracking` is requested first, even if it is not named; if it fails, nothing else is
 * requested. If only extension reports are named, `tracking` is skipped. With no names at all, it is still requested,
 * to show whether chronyd replies.
 *
 * @param known - the range of `maxclockerror` known from earlier snapshots
 * @param connect - returns the connection, or rejects with a ChronyError
 * @param turn - awaited after `tracking` and before all other requests, unless `tracking` fails
 * @param signal - its reason, a ChronyError, becomes the outcome of each request that has no reply when it aborts
 */
export async function takeSnapshot(
  known: MaxClockError,
  connect: () => Promise<ChronyConnection>,
  names: readonly SnapshotName[],
  turn: () => Promise<void>,
  signal: AbortSignalLike,
): Promise<Snapshot> {
  const send = (request: Request): Promise<Outcomes> => outcomesOf(request, connect, signal);
  const before = moment();
  const isWithoutReports = names.length > 0 && names.every(isExtension);
  const { tracking }: Outcomes = isWithoutReports ? {} : await send(requestOf('tracking'));
  const after = moment();
  const others = names.filter((name) => name !== 'tracking');
  const outcomes: Outcomes[] = [];
  if (tracking?.error && !isUnavailable(tracking.error)) {
    outcomes.push(Object.fromEntries(others.map((name) => [name, tracking])));
  } else {
    await turn();
    outcomes.push(...(await Promise.all(requestsOf(others).map(send))));
  }
  const all: Outcomes = Object.assign(tracking ? { tracking } : {}, ...outcomes);
  return {
    time: before.wall,
    seconds: moment().monotonic - before.monotonic,
    maxClockError: tracking?.value ? learnMaxClockError(known, tracking.value, before, after) : known,
    isAnswered: Object.values(all).some(isAnswer),
    // in the order of the names
    reports: Object.fromEntries(names.map((name) => [name, all[name]])),
  };
}

/** A call on a connection, and the names whose outcomes it gives. */
interface Request {
  readonly names: readonly SnapshotName[];
  send(chrony: ChronyConnection, options: CallOptions): Promise<Answers>;
}

type Answers = { readonly [Name in SnapshotName]?: ReportOutcome<SnapshotValues[Name]> };

/**
 * Returns the requests to send at the same time: one for all reports with a record for each source, so that they have
 * the same sources, and one for each other name.
 */
function requestsOf(names: readonly SnapshotName[]): readonly Request[] {
  const reports = names.filter((name) => !isExtension(name));
  return [
    requestOf(...reports.filter(isPerSource)),
    ...reports.filter((name) => !isPerSource(name)).map((name) => requestOf(name)),
    ...names.filter(isExtension).map(requestOfExtension),
  ].filter((request) => request.names.length > 0);
}

function requestOf(...names: readonly ReportName[]): Request {
  return { names, send: (chrony, options) => chrony.getReports(names, { names: true, ...options }) };
}

function requestOfExtension(name: SnapshotExtension): Request {
  return {
    names: [name],
    send: async (chrony, options) => ({
      [name]: { value: await extensions[name](chrony, options), error: null },
    }),
  };
}

/** Sends a request. If there is no connection, or the call fails as a whole, the error is the outcome of each name. */
async function outcomesOf(
  { names, send }: Request,
  connect: () => Promise<ChronyConnection>,
  signal: AbortSignalLike,
): Promise<Outcomes> {
  const start = monotonicMs();
  const answers = await abortable(connect(), signal)
    .then((chrony) => send(chrony, { signal }))
    .catch((error: unknown): Answers => {
      if (!(error instanceof ChronyError)) throw error;
      return Object.fromEntries(names.map((name) => [name, { value: null, error }]));
    });
  const seconds = (monotonicMs() - start) / 1000;
  return Object.fromEntries(Object.entries(answers).map(([name, answer]) => [name, { ...answer, seconds }]));
}
