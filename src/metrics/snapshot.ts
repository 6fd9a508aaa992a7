/** All reports of one chronyd, as of one time: what metrics, the API and the page are made of. */

import {
  type ChronyConnection,
  ChronyError,
  ChronyPermissionError,
  type ReportName,
  type ReportValues,
} from 'chrony-wasm';
import { askFor } from '../client/report-values.ts';
import { ChronyErr } from '../sandbox/chrony-err.ts';
import { abortable } from '../util/abort.ts';
import { monotonicMs } from '../util/timers.ts';

export { REPORTS } from '../client/report-values.ts';

/** What came of asking for one report, and how long that took. */
export type Outcome<T> =
  | { readonly value: T; readonly error: null; readonly seconds: number }
  | { readonly value: null; readonly error: ChronyError; readonly seconds: number };

export type Outcomes = { readonly [Name in ReportName]?: Outcome<ReportValues[Name]> };

export interface Survey {
  /** When chronyd was asked: seconds since the epoch, by this machine's clock. */
  readonly time: number;
  /** How long all of it took. */
  readonly seconds: number;
  /** Those that are wanted, and no others. */
  readonly reports: Outcomes;
}

/** True where chronyd does not give the report to us, or is too old to have it: it answers, and nothing has failed. */
export function isOff(error: ChronyError): boolean {
  return error instanceof ChronyPermissionError || error.errorCode === ChronyErr.OLD_SERVER;
}

/** A failure is an outcome, too. */
export async function outcomeOf<T>(work: () => Promise<T>): Promise<Outcome<T>> {
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
 * Asks for each report once, for `tracking` first: if that fails, nobody is asked for more.
 *
 * @param connect - gives the connection, or rejects with a ChronyError
 * @param signal - its reason, a ChronyError, is what becomes of all that is not answered when it is aborted
 */
export async function survey(
  connect: () => Promise<ChronyConnection>,
  names: readonly ReportName[],
  signal: AbortSignal,
): Promise<Survey> {
  const start = monotonicMs();
  const time = Date.now() / 1000;
  const get = (name: ReportName): Promise<Outcome<unknown>> =>
    outcomeOf(async () => askFor(name)(await abortable(connect(), signal), { signal }));
  const tracking = await get('tracking');
  const failed = tracking.error !== null && !isOff(tracking.error);
  const outcomes = await Promise.all(
    names.map(async (name) => {
      return [name, name === 'tracking' || failed ? tracking : await get(name)] as const;
    }),
  );
  return {
    time,
    seconds: (monotonicMs() - start) / 1000,
    // the type of the pairs does not tell which value goes with which name
    reports: Object.fromEntries(outcomes) as Outcomes,
  };
}
