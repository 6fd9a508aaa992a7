/** What the operator wants of the server, checked once at the door. */

import { ChronyError, type ChronyOptions, type HealthThresholds, type ReportName } from 'chrony-wasm';
import { REPORTS } from '#metrics';
import { parseAddress } from '../client/address.ts';
import { ServerError, usageError } from './error.ts';
import { DEFAULT_LISTEN, type Listening, parseListen } from './listening.ts';
import { isNamePattern } from './names.ts';
import { Targets } from './targets.ts';

/** The options of the command line as they were written. */
export interface ServerWords {
  readonly listen?: readonly string[] | undefined;
  /** Seconds. */
  readonly interval?: number | undefined;
  readonly reports?: string | undefined;
  readonly probe?: readonly string[] | undefined;
  readonly 'allow-host'?: readonly string[] | undefined;
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
  /** From one survey to the next, in seconds. */
  readonly interval: number;
  readonly reports: readonly ReportName[];
  readonly targets: Targets;
  /** Names, or patterns of names, that requests may call the server by. */
  readonly hosts: readonly string[];
  readonly tls: TlsFiles | null;
  readonly secrets: SecretFiles;
  readonly chronyd: ChronyOptions;
  readonly thresholds: HealthThresholds;
}

/** The options that name files, which other users are mostly not to read. */
export const SECRET_OPTIONS = ['tls-cert', 'tls-key', 'basic-auth', 'bearer-token'] as const;

const DEFAULT_INTERVAL_S = 2;
const SHORTEST_S = 0.5;
const LONGEST_S = 60;

/** @throws ServerError */
export function readServerOptions(
  words: ServerWords,
  chronyd: ChronyOptions,
  thresholds: HealthThresholds,
): ServerOptions {
  const { listen = [DEFAULT_LISTEN], probe = [], 'allow-host': hosts = [] } = words;
  for (const host of hosts) {
    if (!isNamePattern(host)) throw usageError(`--allow-host needs a name, or *.domain, not '${host}'`);
  }
  checkAddress(chronyd.address);
  return {
    listen: listen.map(parseListen),
    interval: readInterval(words.interval),
    reports: readReports(words.reports),
    targets: new Targets(probe),
    hosts,
    tls: readTls(words['tls-cert'], words['tls-key']),
    secrets: { basicAuth: words['basic-auth'], bearerToken: words['bearer-token'] },
    chronyd,
    thresholds,
  };
}

/** What cannot be read will never answer. */
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

function readTls(cert: string | undefined, key: string | undefined): TlsFiles | null {
  if (cert !== undefined && key !== undefined) return { cert, key };
  if (cert === undefined && key === undefined) return null;
  throw usageError('--tls-cert and --tls-key need each other');
}
