/** The options of the public functions, and their validation. */
import type { OpenSocket } from '../socket/socket.ts';
import { type AbortSignalLike, isAbortSignalLike } from '../util/abort.ts';

/** How to reach chronyd. */
export interface ChronyOptions {
  /**
   * `/path` or `unix:/path` (Unix socket), `host`, `host:port` or `[IPv6 address]:port` (UDP, port 323 by default).
   * As a URL: `unix:///path`, `unixgram:///path`, `udp://host:port`. If it is absent or empty, the first of these
   * that replies: `/run/chrony/chronyd.sock`, `/var/run/chrony/chronyd.sock`, `127.0.0.1:323`, `[::1]:323`.
   */
  readonly address?: string | undefined;
  /**
   * The timeout of the first try of a request, in milliseconds; it doubles with each retry. Default 1000. A report
   * with a record for each source makes one or more requests for each source.
   *
   * A host name must be resolved within the time that all tries of one request have together. While a name waits
   * because Node.js resolves only two at once (or half of `UV_THREADPOOL_SIZE`), this time does not run. The wait
   * fails if no DNS server answers about any name for half a minute.
   */
  readonly timeoutMs?: number | undefined;
  /** The number of retries. Default 2, which makes 7 seconds in all with the default timeout. */
  readonly retries?: number | undefined;
  /**
   * Cancels everything under way at once, with the signal's reason, and closes a connection that was opened with it.
   */
  readonly signal?: AbortSignalLike | undefined;
}

/** Options of a single call. */
export interface CallOptions {
  /** Cancels the call at once, with the signal's reason. */
  readonly signal?: AbortSignalLike | undefined;
}

/** Options of a call that gets the sources. */
export interface SourcesOptions extends CallOptions {
  /** Whether to fetch the names in chronyd's configuration, too. Default false. */
  readonly names?: boolean | undefined;
}

/** Options of a call that gets the clients. */
export interface ClientsOptions extends CallOptions {
  /**
   * Omits a client unless it made at least this many NTP, NTS-KE or command requests. Each kind is counted
   * separately. A whole number, 0 to 4 294 967 295. Default 0.
   */
  readonly minimumHits?: number | undefined;
}

/**
 * The number of sockets that many connections together may open in addition to the first socket of each. A connection
 * that gets none of them uses its first socket only: it becomes slower, but never waits for another connection.
 */
export interface SocketBudget {
  /** The number of sockets that may still be opened. */
  left: number;
}

/** The known names of one chronyd's sources. */
export interface NameCache {
  /** The sources to which the names belong. */
  sources: string;
  /** The names by address; null for a source without a name. Null if no names are known. */
  names: ReadonlyMap<string, string | null> | null;
  /** When the names were requested, by monotonicMs(). */
  time: number;
}

export function newNameCache(): NameCache {
  return { sources: '', names: null, time: 0 };
}

/** The version of the Internet Protocol. */
export type IpVersion = 4 | 6;

/** Options for the package's own server and command line, in addition to the public options. */
export interface SharingOptions extends ChronyOptions {
  readonly budget?: SocketBudget | undefined;
  /**
   * Shared by successive connections to the same address. Default: a cache for each endpoint that a connection finds.
   */
  readonly nameCache?: NameCache | undefined;
  /** Use only addresses of this version. Unix sockets are not affected. Default: both. */
  readonly ipVersion?: IpVersion | undefined;
}

/** Validated {@link ChronyOptions}, with defaults applied. */
export interface Settings {
  readonly address: string | undefined;
  readonly timeoutMs: number;
  readonly retries: number;
  readonly signal: AbortSignalLike | undefined;
  readonly budget?: SocketBudget | undefined;
  readonly nameCache?: NameCache | undefined;
  readonly ipVersion?: IpVersion | undefined;
  /** Replaces the function that opens sockets, e.g. to reuse sockets. */
  readonly open?: OpenSocket;
}

/** The longest time that a timer can run, in milliseconds. */
export const MAX_TIMEOUT_MS = 2 ** 31 - 1;
const MAX_RETRIES = 100;

/** @throws TypeError, RangeError */
export function numberInRange(
  name: string,
  value: unknown,
  low: number,
  high: number,
  whole: boolean,
): number {
  if (typeof value !== 'number') throw new TypeError(`${name} must be a number, not ${typeof value}`);
  if (value >= low && value <= high && (!whole || Number.isInteger(value))) return value;
  throw new RangeError(
    `${name} must be a ${whole ? 'whole ' : ''}number from ${low} to ${high}, not ${value}`,
  );
}

/** @throws TypeError, RangeError for a value of the wrong type or range. */
export function readOptions(given: string | ChronyOptions | undefined): Settings {
  const options: SharingOptions = typeof given === 'string' ? { address: given } : (given ?? {});
  if (typeof options !== 'object') {
    throw new TypeError(`the options must be an address or an object, not ${typeof options}`);
  }
  const { address, timeoutMs = 1000, retries = 2, signal, budget, nameCache, ipVersion } = options;
  if (address !== undefined && typeof address !== 'string') {
    throw new TypeError(`address must be a string, not ${typeof address}`);
  }
  return {
    address,
    timeoutMs: numberInRange('timeoutMs', timeoutMs, 1, MAX_TIMEOUT_MS, false),
    retries: numberInRange('retries', retries, 0, MAX_RETRIES, true),
    signal: checkSignal(signal),
    budget,
    nameCache,
    ipVersion,
  };
}

/** @throws TypeError for a value that is neither true nor false. */
export function checkNames({ names = false }: SourcesOptions = {}): boolean {
  if (typeof names === 'boolean') return names;
  throw new TypeError(`names must be true or false, not ${typeof names}`);
}

/** @throws TypeError for a value that cannot serve as a signal. */
export function checkSignal(signal: unknown): AbortSignalLike | undefined {
  if (signal === undefined || isAbortSignalLike(signal)) return signal;
  const given =
    signal === null ? 'null' : typeof signal === 'object' ? 'an object without them' : typeof signal;
  throw new TypeError(
    `signal must be an AbortSignal, or an object with its 'aborted' and 'addEventListener', not ${given}`,
  );
}

/** The timeout of a try, in milliseconds, counted from 0. It doubles with each retry, as in chronyc. */
export function tryTimeout(settings: Settings, attempt: number): number {
  return Math.min(settings.timeoutMs * 2 ** attempt, MAX_TIMEOUT_MS);
}

/** The total time that all tries wait, in milliseconds. */
export function totalTimeout(settings: Settings): number {
  let total = 0;
  for (let attempt = 0; attempt <= settings.retries; attempt++) total += tryTimeout(settings, attempt);
  return Math.min(total, MAX_TIMEOUT_MS);
}
