/** Where the server listens. */
import { isIP } from 'node:net';
import { usageError } from './error.ts';
import { isNamePattern } from './names.ts';

export interface Listening {
  readonly host: string;
  readonly port: number;
}

const DEFAULT_HOST = '127.0.0.1';
export const DEFAULT_LISTEN = `${DEFAULT_HOST}:9123`;

/** @param text - `[ADDRESS:]PORT`, an IPv6 address in brackets */
export function parseListen(text: string): Listening {
  const [, host = DEFAULT_HOST, digits = ''] = /^(?:(.*):)?(\d{1,5})$/.exec(text) ?? [];
  const port = digits === '' ? Number.NaN : Number(digits);
  const bare = /^\[(.*)\]$/.exec(host)?.[1];
  const isHost = bare === undefined ? isIP(host) === 4 || isNamePattern(host) : isIP(bare) === 6;
  if (port <= 65_535 && isHost && !host.startsWith('*')) return { host: bare ?? host, port };
  throw usageError(
    `--listen needs a port, or an address and a port like ${DEFAULT_LISTEN}, 0.0.0.0:9123 or [::1]:9123, not '${text}'`,
  );
}

/** An address as it stands before a port. */
export function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

/** True for what only this machine reaches. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}
