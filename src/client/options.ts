/** What a caller may choose, checked once at the door. */
import type { OpenSocket } from '../socket/socket.ts';
import { type AbortSignalLike, isAbortSignalLike } from '../util/abort.ts';

/** How to reach chronyd. */
export interface ChronyOptions {
  /**
   * `/path` or `unix:/path` (Unix socket), `host`, `host:port` or `[IPv6 address]:port` (UDP, port 323 by
   * default). As a URL: `unix:///path`, `unixgram:///path`, `udp://host:port`. Left out or empty: `/run/chrony/chronyd.sock`, `/var/run/chrony/chronyd.sock`, `127.0.0.1:323`,
   * `[::1]:323`, the first that answers.
   */
  readonly address?: string | undefined;
  /**
   * How long to wait for the answer to a request before asking again, in milliseconds; doubled each time.
   * Default 1000. A report with a record for each source makes a request, or a few, for each of them.
   *
   * A name is given up when it is not resolved in the time that all tries of one request have together. While other names
   * keep the system busy (Node.js resolves two at once, or half of `UV_THREADPOOL_SIZE`) that time does not run, unless
   * no DNS server answers about any name for half a minute.
   */
  readonly timeoutMs?: number | undefined;
  /** How many times to ask again. Default 2, which with the default timeout makes 7 seconds in all. */
  readonly retries?: number | undefined;
  /** Ends whatever is under way, at once, with the signal's reason; a connection opened with it is closed. */
  readonly signal?: AbortSignalLike | undefined;
}

/** Choices for a single call. */
export interface CallOptions {
  /** Ends the call at once, with the signal's reason. */
  readonly signal?: AbortSignalLike | undefined;
}

/** Choices for a call that gets the sources. */
export interface SourcesOptions extends CallOptions {
  /** Whether to ask for the names in chronyd's configuration, too. Default false. */
  readonly names?: boolean | undefined;
}

/** Choices for a call that gets the clients. */
export interface ClientsOptions extends CallOptions {
  /**
   * Leaves out the clients with fewer NTP, NTS-KE and command requests than this, each counted by itself. A whole number,
   * 0 to 4 294 967 295. Default 0.
   */
  readonly minimumHits?: number | undefined;
}

/**
 * The sockets that many connections may have open at the same time beside the first socket of each. A connection without
 * one of these uses its first socket: it becomes slower, and never waits for another connection.
 */
export interface SocketBudget {
  /** How many more may be opened. */
  left: number;
}

/** What is known of the names of one chronyd's sources. */
export interface NameCache {
  /** The sources that the names are of. */
  sources: string;
  /** By address; null for a source without a name. Null if no names are known. */
  names: ReadonlyMap<string, string | null> | null;
  /** When the names were requested, by monotonicMs(). */
  time: number;
}

export function newNameCache(): NameCache {
  return { sources: '', names: null, time: 0 };
}

/** The version of the Internet Protocol. */
export type IpVersion = 4 | 6;

/** What the package's own server and command line pass beside the options of users. */
export interface SharingOptions extends ChronyOptions {
  readonly budget?: SocketBudget | undefined;
  /** For connections to the same address, one after the other. Default: each endpoint that a connection finds has its own. */
  readonly nameCache?: NameCache | undefined;
  /** Only addresses of this version are used. Unix sockets are not affected. Default: both. */
  readonly ipVersion?: IpVersion | undefined;
}

/** {@link ChronyOptions} with nothing left open. */
export interface Settings {
  readonly address: string | undefined;
  readonly timeoutMs: number;
  readonly retries: number;
  readonly signal: AbortSignalLike | undefined;
  readonly budget?: SocketBudget | undefined;
  readonly nameCache?: NameCache | undefined;
  readonly ipVersion?: IpVersion | undefined;
  /** Opens sockets in place of the usual function, e.g. sockets that are used again. */
  readonly open?: OpenSocket;
}

/** The longest that a timer can run. */
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

/** How long the given try waits: doubled each time, as chronyc does it. */
export function tryTimeout(settings: Settings, attempt: number): number {
  return Math.min(settings.timeoutMs * 2 ** attempt, MAX_TIMEOUT_MS);
}

/** How long all tries wait together. */
export function totalTimeout(settings: Settings): number {
  let total = 0;
  for (let attempt = 0; attempt <= settings.retries; attempt++) total += tryTimeout(settings, attempt);
  return Math.min(total, MAX_TIMEOUT_MS);
}
