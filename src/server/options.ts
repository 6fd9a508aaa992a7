/** The options of the server, checked at the start: where it listens, which hosts it knows, which chronyd it may query. */
import { BlockList, isIP } from 'node:net';
import { domainToASCII } from 'node:url';
import { ChronyError, type ChronyOptions, type HealthThresholds, type ReportName } from 'chrony-wasm';
import { REPORTS } from '#metrics';
import { parseAddress } from '../socket/address.ts';

/** The server cannot start. */
export class ServerError extends Error {
  /** True if the arguments are invalid. */
  readonly isUsage: boolean;

  constructor(message: string, { isUsage = false, ...options }: ErrorOptions & { isUsage?: boolean } = {}) {
    super(message, options);
    this.isUsage = isUsage;
  }
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

export interface ServerOptions {
  readonly listen: readonly Listening[];
  /** The time from one snapshot to the next, in seconds. */
  readonly interval: number;
  readonly reports: readonly ReportName[];
  readonly targets: Targets;
  /** Names, or patterns of names, by which requests may address the server. */
  readonly hosts: readonly string[];
  /** Each is true for the address of a proxy, which passes on the requests of many clients. */
  readonly proxies: readonly ((host: string) => boolean)[];
  readonly tls: TlsFiles | null;
  readonly secrets: SecretFiles;
  readonly chronyd: ChronyOptions;
  readonly thresholds: HealthThresholds;
}

/** The options whose values are paths of files that other users must not read. */
export const SECRET_OPTIONS = ['tls-cert', 'tls-key', 'basic-auth', 'bearer-token'] as const;

const DEFAULT_INTERVAL_S = 2;
const SHORTEST_S = 0.5;
const LONGEST_S = 60;

/** @throws ServerError */
export function readServerOptions(
  given: ServerArguments,
  chronyd: ChronyOptions,
  thresholds: HealthThresholds,
): ServerOptions {
  const { listen = [DEFAULT_LISTEN], probe = [], 'allow-host': hosts = [], proxy = [] } = given;
  for (const host of hosts) {
    if (!isNamePattern(host)) throw usageError(`--allow-host needs a name, or *.domain, not '${host}'`);
  }
  checkAddress(chronyd.address);
  return {
    listen: listen.map(parseListen),
    interval: readInterval(given.interval),
    reports: readReports(given.reports),
    targets: new Targets(probe),
    hosts,
    proxies: proxy.map(readProxy),
    tls: readTls(given['tls-cert'], given['tls-key']),
    secrets: { basicAuth: given['basic-auth'], bearerToken: given['bearer-token'] },
    chronyd,
    thresholds,
  };
}

/** An invalid address is refused at the start: it would never answer. */
function checkAddress(address: string | undefined): void {
  try {
    if (address) parseAddress(address);
  } catch (error) {
    throw error instanceof ChronyError ? new ServerError(error.message, { cause: error }) : error;
  }
}

function readInterval(interval = DEFAULT_INTERVAL_S): number {
  if (interval >= SHORTEST_S && interval <= LONGEST_S) return interval;
  throw usageError(`--interval of serve needs seconds from ${SHORTEST_S} to ${LONGEST_S}, not '${interval}'`);
}

function readReports(list: string | undefined): readonly ReportName[] {
  if (list === undefined) return REPORTS;
  const names = list.split(',').map((name) => name.trim());
  const wrong = names.find((name) => !REPORTS.some((report) => report === name));
  if (wrong === undefined) return REPORTS.filter((report) => names.includes(report));
  throw usageError(`--reports needs some of: ${REPORTS.join(',')}; not '${wrong}'`);
}

function readProxy(text: string): (host: string) => boolean {
  const matches = matcherOfNetwork(text);
  if (matches !== null) return matches;
  throw usageError(`--proxy needs an address or a network, like 192.0.2.1 or 2001:db8::/64, not '${text}'`);
}

function readTls(cert: string | undefined, key: string | undefined): TlsFiles | null {
  if (cert !== undefined && key !== undefined) return { cert, key };
  if (cert === undefined && key === undefined) return null;
  throw usageError('--tls-cert and --tls-key need each other');
}

/** Where the server listens. */
export interface Listening {
  readonly host: string;
  readonly port: number;
}

const DEFAULT_HOST = '127.0.0.1';
const DEFAULT_LISTEN = `${DEFAULT_HOST}:9123`;

/** @param text - `[ADDRESS:]PORT`, an IPv6 address in brackets */
function parseListen(text: string): Listening {
  const [, host = DEFAULT_HOST, digits = ''] = /^(?:(.*):)?(\d{1,5})$/.exec(text) ?? [];
  const port = digits === '' ? Number.NaN : Number(digits);
  const bare = /^\[(.*)\]$/.exec(host)?.[1];
  const isHost = bare === undefined ? isIP(host) === 4 || isNamePattern(host) : isIP(bare) === 6;
  if (port <= 65_535 && isHost && !host.startsWith('*')) return { host: bare ?? host, port };
  throw usageError(
    `--listen needs a port, or an address and a port like ${DEFAULT_LISTEN}, 0.0.0.0:9123 or [::1]:9123, not '${text}'`,
  );
}

/** A host as it is written before a port: an IPv6 address in brackets. */
export function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

/** True for an address that only this machine can reach. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

/** A name in the form that browsers send: lower case, in ASCII, without the dot of the root. */
export function plainName(name: string): string {
  const plain = name.toLowerCase().replace(/\.$/, '');
  // only where needed: domainToASCII() takes 1 for the address 0.0.0.1, and gives '' for an invalid name
  return /[^ -~]/.test(plain) ? domainToASCII(plain) || plain : plain;
}

/** True for a name, or `*.` and a name. */
function isNamePattern(text: string): boolean {
  return /^(?:\*\.)?[\p{L}\p{N}_-]+(?:\.[\p{L}\p{N}_-]+)*\.?$/u.test(text);
}

/** @param pattern - a name, or `*.example.org`, which matches each name below it */
export function matchesName(name: string, pattern: string): boolean {
  const plain = plainName(pattern);
  return plain.startsWith('*.') ? plainName(name).endsWith(plain.slice(1)) : plainName(name) === plain;
}

const DEFAULT_PORT = 323;

/** Any port, or a single one. */
type Ports = '*' | number;

interface Pattern {
  readonly ports: Ports;
  matches(host: string): boolean;
}

/**
 * Which chronyd `/probe` may query: only the hosts that the operator allows. The patterns of `--probe` are a host,
 * `*.domain`, an address or a network, with `:port` or `:*` unless the port is 323.
 */
export class Targets {
  readonly #patterns: readonly Pattern[];

  constructor(patterns: readonly string[]) {
    this.#patterns = patterns.map(parsePattern);
  }

  /**
   * @returns the address in its normal form; null if it is not allowed
   * @throws ChronyConnectionError if it is invalid
   */
  find(target: string): string | null {
    const endpoint = parseAddress(target);
    // clients may never choose a socket of this machine
    if (endpoint.kind === 'unix') return null;
    const { host, port } = endpoint;
    const allowed = this.#patterns.some(
      ({ ports, matches }) => (ports === '*' || ports === port) && matches(host),
    );
    if (!allowed) return null;
    return `${bracketed(host.toLowerCase())}:${port}`;
  }
}

/** @throws ServerError */
function parsePattern(text: string): Pattern {
  // IPv6 without brackets has no port
  const isBare = text.split(':').length > 2 && !text.startsWith('[');
  const parts = isBare ? [text, undefined, text] : /^(?:\[(.*:.*)\]|([^:]*))(?::(.*))?$/.exec(text);
  const [, inBrackets, plain = '', port = String(DEFAULT_PORT)] = parts ?? [];
  const host = inBrackets ?? plain;
  const ports = parsePorts(port);
  const matches = matcherOfNetwork(host) ?? matcherOfName(host);
  if (ports !== null && matches !== null) return { ports, matches };
  throw usageError(
    `--probe needs a host, *.domain, an address or a network, with :PORT or :* where the port is not ${DEFAULT_PORT}, ` +
      `like ntp.example.org, 192.0.2.0/24:* or [2001:db8::/32]:323, not '${text}'`,
  );
}

function parsePorts(text: string): Ports | null {
  if (text === '*') return text;
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  return port >= 1 && port <= 65_535 ? port : null;
}

function matcherOfName(pattern: string): Pattern['matches'] | null {
  if (!isNamePattern(pattern)) return null;
  return (host) => isIP(host) === 0 && matchesName(host, pattern);
}

/** @param text - an address, or `address/bits` */
function matcherOfNetwork(text: string): Pattern['matches'] | null {
  const [, address = '', bits] = /^([\da-f.:]+)(?:\/(\d{1,3}))?$/i.exec(text) ?? [];
  const version = isIP(address);
  const all = version === 4 ? 32 : 128;
  const length = bits === undefined ? all : Number(bits);
  if (version === 0 || length > all) return null;
  const family = `ipv${version as 4 | 6}` as const;
  const network = new BlockList();
  network.addSubnet(address, length, family);
  return (host) => isIP(host) === version && network.check(host, family);
}
