/** Reads and checks the options of the server: its addresses, its host names, and the chronyds that it may query. */
import { isIP } from 'node:net';
import { ChronyError, type ChronyOptions, type HealthThresholds, type ReportName } from 'chrony-wasm';
import { REPORTS, type SnapshotExtension } from '#metrics';
import { DEFAULT_PORT, parseAddress } from '../socket/address.ts';
import { mappedIpv4 } from '../socket/canonical-address.ts';
import { isNamePattern } from './host-names.ts';
import { LOG_FORMATS, LOG_LEVELS, type LogOptions } from './log.ts';
import { NAMINGS, type Naming } from './source-names.ts';
import { matcherOfNetwork, parsePattern, Targets } from './targets.ts';

/** The server cannot start. */
export class ServerError extends Error {
  /** True if the arguments are invalid. */
  readonly isUsage: boolean;

  constructor(message: string, { isUsage = false, ...options }: ErrorOptions & { isUsage?: boolean } = {}) {
    super(message, options);
    this.isUsage = isUsage;
  }
}

/** Makes the error for a file that cannot be read. */
export function fileError(where: string, problem: string, options: ErrorOptions): ServerError {
  return new ServerError(`${where}: ${problem}`, options);
}

function usageError(message: string): ServerError {
  return new ServerError(message, { isUsage: true });
}

/** The options of the command line, as written. */
export interface ServerArguments {
  readonly listen?: readonly string[] | undefined;
  /** Seconds. */
  readonly interval?: number | undefined;
  readonly reports?: string | undefined;
  readonly probe?: readonly string[] | undefined;
  readonly 'allow-host'?: readonly string[] | undefined;
  readonly proxy?: readonly string[] | undefined;
  readonly 'tls-cert'?: string | undefined;
  readonly 'tls-key'?: string | undefined;
  readonly 'basic-auth'?: string | undefined;
  readonly 'bearer-token'?: string | undefined;
  readonly 'web-config'?: string | undefined;
  readonly 'systemd-socket'?: boolean | undefined;
  readonly 'metrics-path'?: string | undefined;
  readonly names?: string | undefined;
  readonly 'process-metrics'?: boolean | undefined;
  readonly 'log-format'?: string | undefined;
  readonly 'log-level'?: string | undefined;
}

/** Paths. */
export interface TlsFiles {
  readonly cert: string;
  readonly key: string;
}

/** Paths. */
export interface SecretFiles {
  readonly basicAuth: string | undefined;
  readonly bearerToken: string | undefined;
}

/** The files of TLS, passwords, tokens, headers and limits, as paths. */
export interface WebSources {
  /** The YAML file of the exporter-toolkit. */
  readonly webConfig: string | undefined;
  readonly tls: TlsFiles | null;
  readonly secrets: SecretFiles;
}

/** The options of every server: addresses, access, process metrics and log. */
export interface AccessOptions {
  /** Null to use the sockets that systemd passes. */
  readonly listen: readonly Listening[] | null;
  /** The names, or patterns of names, by which requests may address the server. */
  readonly hosts: readonly string[];
  /** Predicates that are true for the addresses of trusted proxies. */
  readonly proxies: readonly ((host: string) => boolean)[];
  readonly web: WebSources;
  /** The path of the metrics. */
  readonly metricsPath: string;
  /** True to include metrics of this process. */
  readonly processMetrics: boolean;
  readonly log: LogOptions;
}

export interface ServerOptions extends AccessOptions {
  /** The time from one snapshot to the next, in seconds. */
  readonly interval: number;
  /** The reports of every snapshot. */
  readonly reports: readonly ReportName[];
  /** The extension reports that are requested on demand. */
  readonly extensions: readonly SnapshotExtension[];
  readonly targets: Targets;
  /** The kind of source names in the metrics. */
  readonly names: Naming;
  readonly chronyd: ChronyOptions;
  readonly thresholds: HealthThresholds;
}

/** The options whose values are paths of secret files, which other users must not read. */
export const SECRET_OPTIONS = ['tls-cert', 'tls-key', 'basic-auth', 'bearer-token', 'web-config'] as const;

/** The default time between two snapshots of a clock with viewers. */
export const DEFAULT_INTERVAL_S = 2;
const SHORTEST_S = 0.5;
const LONGEST_S = 60;

/** @throws ServerError */
export function readAccessOptions(given: Omit<ServerArguments, 'interval'>): AccessOptions {
  const { listen, 'allow-host': hosts = [], proxy = [] } = given;
  for (const host of hosts) {
    if (!isNamePattern(host)) throw usageError(`--allow-host needs a name, or *.domain, not '${host}'`);
  }
  return {
    listen: readListen(listen, given['systemd-socket'] === true),
    hosts,
    proxies: proxy.map(readProxy),
    web: {
      webConfig: given['web-config'],
      tls: readTls(given['tls-cert'], given['tls-key']),
      secrets: { basicAuth: given['basic-auth'], bearerToken: given['bearer-token'] },
    },
    metricsPath: readMetricsPath(given['metrics-path']),
    processMetrics: given['process-metrics'] === true,
    log: {
      level: readChoice('log-level', given['log-level'], LOG_LEVELS) ?? 'info',
      format: readChoice('log-format', given['log-format'], LOG_FORMATS) ?? 'text',
    },
  };
}

/** @throws ServerError */
export function readServerOptions(
  given: ServerArguments,
  chronyd: ChronyOptions,
  thresholds: HealthThresholds,
): ServerOptions {
  const access = readAccessOptions(given);
  checkAddress(chronyd.address);
  return {
    ...access,
    interval: readInterval(given.interval),
    ...readReports(given.reports),
    targets: readTargets(given.probe ?? []),
    names: readChoice('names', given.names, NAMINGS) ?? 'configured',
    chronyd,
    thresholds,
  };
}

/** Refuses an invalid address at the start, because it would never answer. */
function checkAddress(address: string | undefined): void {
  try {
    if (address) parseAddress(address);
  } catch (error) {
    throw error instanceof ChronyError ? new ServerError(error.message, { cause: error }) : error;
  }
}

function readChoice<Word extends string>(
  option: string,
  text: string | undefined,
  words: readonly Word[],
): Word | undefined {
  const found = words.find((word) => word === text);
  if (text === undefined || found !== undefined) return found;
  throw usageError(`--${option} needs one of: ${words.join(', ')}; not '${text}'`);
}

/** Paths that are refused here. The routes refuse other paths that are in use. */
const OTHER_PATHS = ['/', '/probe', '/events', '/healthz', '/readyz', '/api'];

function readMetricsPath(path = '/metrics'): string {
  if (!/^\/[\w.~%!$&'()*+,;=:@/-]*$/.test(path)) {
    throw usageError(`--metrics-path needs a path like /metrics, not '${path}'`);
  }
  if (!OTHER_PATHS.includes(path) && !path.startsWith('/api/')) return path;
  throw pathInUse(path);
}

/** The error for a metrics path that is already in use. */
export function pathInUse(path: string): ServerError {
  return usageError(`--metrics-path needs a path of its own: something else is served at '${path}'`);
}

function readInterval(interval = DEFAULT_INTERVAL_S): number {
  if (interval >= SHORTEST_S && interval <= LONGEST_S) return interval;
  throw usageError(`--interval of serve needs seconds from ${SHORTEST_S} to ${LONGEST_S}, not '${interval}'`);
}

/** The name of all reports in `--reports`. */
const ALL = 'all';

/** The values of `--reports` in addition to the ten reports. */
const EXTENSION_OPTIONS: ReadonlyMap<string, SnapshotExtension> = new Map([
  ['manual-list', 'manual list'],
  ['clients', 'clients'],
]);

/**
 * The default does not include the clients: their addresses are personal data, which chronyd itself gives only to
 * root.
 */
const DEFAULT_REPORTS: readonly string[] = [...REPORTS, 'manual-list'];

function readReports(list = ALL): Pick<ServerOptions, 'reports' | 'extensions'> {
  const given = list.split(',').map((name) => name.trim());
  const names = given.flatMap((name) => (name === ALL ? DEFAULT_REPORTS : name));
  const known = [ALL, ...REPORTS, ...EXTENSION_OPTIONS.keys()];
  const wrong = names.find((name) => !known.includes(name));
  if (wrong !== undefined) throw usageError(`--reports needs some of: ${known.join(',')}; not '${wrong}'`);
  return {
    reports: REPORTS.filter((report) => names.includes(report)),
    extensions: [...EXTENSION_OPTIONS].flatMap(([name, extension]) =>
      names.includes(name) ? extension : [],
    ),
  };
}

function readProxy(text: string): (host: string) => boolean {
  const matches = matcherOfNetwork(text);
  if (matches !== null) return matches;
  throw usageError(`--proxy needs an address or a network, like 192.0.2.1 or 2001:db8::/64, not '${text}'`);
}

function readTargets(probe: readonly string[]): Targets {
  const patterns = probe.map((text) => {
    const pattern = parsePattern(text);
    if (pattern !== null) return pattern;
    throw usageError(
      `--probe needs a host, *.domain, an address or a network, with :PORT or :* where the port is not ${DEFAULT_PORT}, ` +
        `like ntp.example.org, 192.0.2.0/24:* or [2001:db8::/32]:323, not '${text}'`,
    );
  });
  return new Targets(patterns);
}

function readTls(cert: string | undefined, key: string | undefined): TlsFiles | null {
  if (cert !== undefined && key !== undefined) return { cert, key };
  if (cert === undefined && key === undefined) return null;
  throw usageError('--tls-cert and --tls-key need each other');
}

/** Where the server listens. */
export interface Listening {
  /** Empty for every address of this machine. */
  readonly host: string;
  readonly port: number;
}

const DEFAULT_HOST = '127.0.0.1';
const DEFAULT_LISTEN = `${DEFAULT_HOST}:9123`;

function readListen(
  listen: readonly string[] | undefined,
  isActivated: boolean,
): readonly Listening[] | null {
  if (!isActivated) return (listen ?? [DEFAULT_LISTEN]).map(parseListen);
  if (listen === undefined) return null;
  throw usageError('--listen and --systemd-socket exclude each other: the socket unit says where it listens');
}

/** @param text - `[ADDRESS:]PORT`, an IPv6 address in brackets; `:PORT` for every address */
function parseListen(text: string): Listening {
  const [, host = DEFAULT_HOST, digits = ''] = /^(?:(.*):)?(\d{1,5})$/.exec(text) ?? [];
  const port = digits === '' ? Number.NaN : Number(digits);
  const bare = /^\[(.*)\]$/.exec(host)?.[1];
  const isHost =
    bare === undefined ? host === '' || isIP(host) === 4 || isNamePattern(host) : isIP(bare) === 6;
  if (port <= 65_535 && isHost && !host.startsWith('*')) return { host: bare ?? host, port };
  throw usageError(
    `--listen needs a port, or an address and a port like ${DEFAULT_LISTEN}, :9123 for every address, 0.0.0.0:9123 or [::1]:9123, not '${text}'`,
  );
}

/** Formats a host for use before a port: an IPv6 address is put in brackets. */
export function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

/** True for an address that is reachable only from this machine. */
export function isLoopback(host: string): boolean {
  if (host === 'localhost' || host === '::1') return true;
  // the unspecified address is never a loopback address, in any spelling
  const address = isIP(host) === 6 ? (mappedIpv4(host.replace(/%.*/, '')) ?? host) : host;
  return isIP(address) === 4 && address.startsWith('127.');
}
