/** Fetches and caches the names of sources in chronyd's configuration. */
import { ChronyDataError, ChronyPermissionError } from '../errors.ts';
import { extensionDecoders, type Source, SourceMode } from '../reports/index.ts';
import { isUnresolved, NO_ADDRESS } from '../reports/source-name.ts';
import { ChronyErr, isNoSuchSource } from '../sandbox/errors.ts';
import { ipVersion } from '../socket/address.ts';
import type { AbortSignalLike } from '../util/abort.ts';
import { monotonicMs } from '../util/timers.ts';
import type { NameCache } from './options.ts';
import { type ChannelPool, MAX_CHANNELS } from './pool.ts';

const { report, decode } = extensionDecoders.sourcename;

/** How long names are kept, in milliseconds. */
const KEPT_MS = 600_000;

/** True for an address that identifies a source in a request: IPv4, IPv6, or the `ID#` of an unresolved name. */
export function isSourceAddress(text: string): boolean {
  return isUnresolved(text) || (!text.includes('%') && ipVersion(text) !== 0);
}

/** The properties of a source that determine its name. */
export type NamedSource = Pick<Source, 'address' | 'mode'>;

/** The names of sources by address; null for a source without a name. */
export type Names = ReadonlyMap<string, string | null>;

/**
 * Returns the names of these sources. If the cache holds the names of the same sources, it makes no request;
 * otherwise one for each source that is not a reference clock. No source has a name if chronyd does not give names,
 * because it is too old or configured not to. Names are kept for at most ten minutes: after a restart with another
 * configuration, sources with the same addresses may have other names.
 *
 * @param cache - is updated
 * @throws ChronyError if chronyd does not reply; the signal's reason.
 */
export async function namesOfSources(
  cache: NameCache,
  pool: ChannelPool,
  sources: readonly NamedSource[],
  signal: AbortSignalLike | undefined,
): Promise<Names> {
  const key = sources.map(({ address, mode }) => `${mode} ${address}`).join('\n');
  const time = monotonicMs();
  if (cache.names !== null && key === cache.sources && time - cache.time < KEPT_MS) return cache.names;
  const names = await fetchNames(pool, sources, signal);
  // a name is missing if its source was replaced meanwhile: the next list contains the new one
  const isWhole = names !== null && sources.every(({ address }) => names.has(address));
  Object.assign(cache, { sources: key, names: isWhole ? names : null, time });
  return names ?? new Map();
}

/** Fetches the first name alone, then several at a time. Null if chronyd does not give names. */
async function fetchNames(
  pool: ChannelPool,
  sources: readonly NamedSource[],
  signal: AbortSignalLike | undefined,
): Promise<Names | null> {
  const names = new Map<string, string | null>();
  const left: string[] = [];
  for (const { address, mode } of sources) {
    // names are requested by address, which a source of an unknown address family does not have
    if (mode === SourceMode.REFCLOCK || address === NO_ADDRESS) names.set(address, null);
    else left.push(address);
  }
  const fetchNext = async (): Promise<void> => {
    const address = left.pop();
    if (address === undefined) return;
    try {
      names.set(address, await fetchName(pool, address, signal));
    } catch (error) {
      // ignore a source that was removed meanwhile
      if (!isNoSuchSource(error)) {
        left.length = 0;
        throw error;
      }
    }
  };
  const fetchAll = async (): Promise<void> => {
    while (left.length > 0) await fetchNext();
  };
  try {
    // the first reply shows whether chronyd gives names at all
    await fetchNext();
    await Promise.all(Array.from({ length: MAX_CHANNELS }, fetchAll));
    return names;
  } catch (error) {
    if (isRefusal(error)) return null;
    throw error;
  }
}

/**
 * Fetches the name of the source with an address.
 *
 * @throws ChronyError, with `errorCode` 11 if there is no such source; the signal's reason.
 */
export function fetchName(
  pool: ChannelPool,
  address: string,
  signal: AbortSignalLike | undefined,
): Promise<string | null> {
  return pool.ask(
    report,
    (session) => session.requestRecordOfSource(report, address),
    ({ record }) => decode(record, address).name,
    signal,
  );
}

/** True if chronyd does not give names to this client, or does not know the request. */
function isRefusal(error: unknown): boolean {
  return (
    (error instanceof ChronyPermissionError && error.errorCode === ChronyErr.UNAUTHORIZED) ||
    (error instanceof ChronyDataError && error.errorCode === ChronyErr.OLD_SERVER)
  );
}
