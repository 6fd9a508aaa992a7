/**
 * The query of one clock in the slower round: `tracking`, `sources` and their names, and the address that its host
 * name resolved to.
 */
import {
  ChronyConnection,
  ChronyConnectionError,
  ChronyError,
  type ChronyOptions,
  ChronyTimeoutError,
  type ReportOutcome,
  type ReportOutcomes,
  type Source,
  type TrackingStatus,
} from 'chrony-wasm';
import { followsSource } from '../reports/tracking.ts';
import { parseAddress } from '../socket/address.ts';
import { type AbortSignalLike, newAborter, onAbort, reasonOf } from '../util/abort.ts';
import { clearTimeout, setTimeout } from '../util/timers.ts';
import { keptSources } from './source-rows.ts';

/** Names by the address of the source. */
export type Names = ReadonlyMap<string, string>;

export interface ClockReply {
  readonly tracking: ReportOutcome<TrackingStatus>;
  readonly sources: ReportOutcome<Source[]>;
  /** The names of the kept sources. A source without a name is left out. */
  readonly names: Names;
  /** The IP address that answered; null for a Unix socket, and if nothing answered. */
  readonly ip: string | null;
}

/** The time limit of a query, which a chronyd with very many sources may exceed. */
const LIMIT_MS = 10_000;

/**
 * Queries a clock.
 *
 * @param known - names that need not be requested
 * @throws the signal's reason
 */
export async function queryClock(
  address: string,
  known: Names,
  options: Omit<ChronyOptions, 'address' | 'signal'>,
  signal: AbortSignalLike,
): Promise<ClockReply> {
  const stopping = newAborter();
  const ignore = onAbort(signal, () => stopping.abort(reasonOf(signal)));
  const timer = setTimeout(() => stopping.abort(tooLate(address)), LIMIT_MS);
  try {
    return await ask(address, known, options, stopping);
  } catch (error) {
    if (signal.aborted || !(error instanceof ChronyError)) throw error;
    const failure = { value: null, error };
    return { tracking: failure, sources: failure, names: new Map(), ip: null };
  } finally {
    clearTimeout(timer);
    ignore();
  }
}

async function ask(
  address: string,
  known: Names,
  options: Omit<ChronyOptions, 'address' | 'signal'>,
  signal: AbortSignalLike,
): Promise<ClockReply> {
  const chrony = await ChronyConnection.open({ ...options, address, signal });
  try {
    const first = await askBoth(chrony);
    // chronyd may have selected another source between the two replies
    const { tracking, sources } = isConsistent(first) ? first : await askBoth(chrony);
    const names = sources.error === null ? await namesOf(chrony, sources.value, known) : new Map();
    return { tracking, sources, names, ip: ipOf(chrony.address) };
  } finally {
    await chrony.close();
  }
}

type Both = ReportOutcomes<'tracking' | 'sources'>;

/** Requests both reports in turn, so that a chronyd that does not answer the first is not asked for the second. */
async function askBoth(chrony: ChronyConnection): Promise<Both> {
  const { tracking } = await chrony.getReports(['tracking']);
  if (tracking.error !== null) return { tracking, sources: tracking };
  return { tracking, ...(await chrony.getReports(['sources'])) };
}

function isConsistent({ tracking, sources }: Both): boolean {
  if (tracking.error !== null || sources.error !== null) return true;
  return followsSource(tracking.value) === sources.value.some((source) => source.isSelected());
}

/** Requests each unknown name, one after the other. */
async function namesOf(chrony: ChronyConnection, sources: readonly Source[], known: Names): Promise<Names> {
  const names = new Map<string, string>();
  let isGiven = true;
  for (const { address, mode } of keptSources(sources)) {
    if (mode === 'reference clock') continue;
    let name = known.get(address) ?? null;
    try {
      if (name === null && isGiven) name = await chrony.getSourceName(address);
    } catch (error) {
      // a missing source is skipped; any other error means that names are not available now
      if (!(error instanceof ChronyError)) throw error;
      isGiven = error.errorCode === NO_SUCH_SOURCE;
    }
    if (name !== null) names.set(address, name);
  }
  return names;
}

/** A value of `ChronyError.errorCode`. */
const NO_SUCH_SOURCE = 11;

/** True if chronyd answered without the report. */
export function isRefusal(error: ChronyError): boolean {
  return !(error instanceof ChronyConnectionError);
}

/** The IP address in the address of a chronyd; null for a name, a Unix socket or an invalid address. */
export function ipOf(address: string): string | null {
  try {
    const parsed = parseAddress(address);
    return parsed.kind === 'udp' ? parsed.host : null;
  } catch {
    return null;
  }
}

function tooLate(address: string): ChronyTimeoutError {
  return new ChronyTimeoutError(`${address}: not all reports arrived within ${LIMIT_MS} ms`);
}
