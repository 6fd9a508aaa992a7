/** The names of sources, as chronyd is configured with them. */
import { ChronyDataError, ChronyPermissionError } from '../errors.ts';
import { questionDecoders, type Source, SourceMode } from '../reports/index.ts';
import { isUnresolved, NO_ADDRESS } from '../reports/source-name.ts';
import { ChronyErr, isNoSuchSource } from '../sandbox/errors.ts';
import { ipVersion } from '../socket/address.ts';
import type { AbortSignalLike } from '../util/abort.ts';
import { monotonicMs } from '../util/timers.ts';
import type { NameCache } from './options.ts';
import { type ChannelPool, MAX_CHANNELS } from './pool.ts';

const { report, decode } = questionDecoders.sourcename;

/** For how long names are kept. */
const KEPT_MS = 600_000;

/** True for an address by which chronyd can be asked about a source: IPv4, IPv6, or `ID#` of a name not resolved. */
export function isSourceAddress(text: string): boolean {
  return isUnresolved(text) || (!text.includes('%') && ipVersion(text) !== 0);
}

/** A source as far as its name depends on it. */
export type NamedSource = Pick<Source, 'address' | 'mode'>;

/** The names by the addresses of the sources; null for a source that has none. */
export type Names = ReadonlyMap<string, string | null>;

/**
 * The names of these sources. Makes no request if the cache has the names of the same sources, else one for each source that
 * is not a reference clock. Where chronyd does not give names (an old one, or one that is configured not to), no source has
 * one. Names are kept for ten minutes at most: after a restart with another configuration, sources of the same addresses may
 * have other names.
 *
 * @param cache - changed by this
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
  // a source that has gone was replaced by another: the next list will show it
  const isWhole = names !== null && sources.every(({ address }) => names.has(address));
  Object.assign(cache, { sources: key, names: isWhole ? names : null, time });
  return names ?? new Map();
}

/** Several names at the same time, after the first one. Null if chronyd does not give names. */
async function fetchNames(
  pool: ChannelPool,
  sources: readonly NamedSource[],
  signal: AbortSignalLike | undefined,
): Promise<Names | null> {
  const names = new Map<string, string | null>();
  const left: string[] = [];
  for (const { address, mode } of sources) {
    // chronyd is asked by address: a server whose address is of a family not known here has none
    if (mode === SourceMode.REFCLOCK || address === NO_ADDRESS) names.set(address, null);
    else left.push(address);
  }
  const fetchNext = async (): Promise<void> => {
    const address = left.pop();
    if (address === undefined) return;
    try {
      names.set(address, await fetchName(pool, address, signal));
    } catch (error) {
      // a source that has gone
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
    // it tells whether chronyd gives names at all
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
