/** Addresses of chronyd: parses IP addresses and the addresses that users write, and resolves them to endpoints. */
import { ChronyConnectionError } from '../errors.ts';

/** The address of a socket of chronyd. */
export type Endpoint = UdpEndpoint | UnixEndpoint;

/** A UDP port; the host is an IPv4 or IPv6 address, not a name. */
export interface UdpEndpoint {
  readonly kind: 'udp';
  readonly host: string;
  readonly port: number;
}

/** A Unix datagram socket, by its path. */
export interface UnixEndpoint {
  readonly kind: 'unix';
  readonly path: string;
}

/** A UDP port of a host given by name. Its IP addresses must be looked up. */
export interface NamedHost {
  readonly kind: 'name';
  readonly host: string;
  readonly port: number;
}

/** Formats an endpoint as `/path`, `192.0.2.1:323` or `[2001:db8::1]:323`. */
export function formatEndpoint(endpoint: Endpoint): string {
  if (endpoint.kind === 'unix') return endpoint.path;
  const host = endpoint.host.includes(':') ? `[${endpoint.host}]` : endpoint.host;
  return `${host}:${endpoint.port}`;
}

// `node:net` is not used, because it would load all of Node's streams, and compiling its regular expression for IPv6
// takes more time than the rest of a first query.
/** The characters of an IPv6 address, and its zone. */
const IPV6 = /^([\da-f:.]+)(?:%[\w.:-]+)?$/i;

const DOT = 46;
const ZERO = 48;

/**
 * True for four numbers up to 255, without leading zeros. Parses digit by digit, because a regular expression takes
 * long to compile, and splitting the text takes a tenth of this package's time for a one-shot call.
 */
function isIpv4(text: string): boolean {
  let numbers = 0;
  /** The current number; null before its first digit. */
  let number: number | null = null;
  for (let i = 0; i <= text.length; i++) {
    const code = i < text.length ? text.charCodeAt(i) : DOT;
    const digit = code - ZERO;
    if (code === DOT && number !== null) {
      numbers++;
      number = null;
    } else if (digit >= 0 && digit <= 9 && number !== 0) {
      number = (number ?? 0) * 10 + digit;
      if (number > 255) return false;
    } else {
      return false;
    }
  }
  return numbers === 4;
}

/** Returns 4 or 6 for an IP address, with or without a zone (`fe80::1%eth0`); 0 for any other text. */
export function ipVersion(text: string): 0 | 4 | 6 {
  // every IPv6 address has at least two colons; a single colon precedes a port
  if (text.indexOf(':') === text.lastIndexOf(':')) return isIpv4(text) ? 4 : 0;
  const [, address] = IPV6.exec(text) ?? [];
  // the URL parser checks the rest
  return address?.includes(':') && URL.canParse(`http://[${address}]`) ? 6 : 0;
}

/** chronyd's default port for monitoring; `cmdport` changes it. */
export const DEFAULT_PORT = 323;

/** The endpoints to try if no address is given: the Unix socket of Debian and most other systems, then UDP. */
const AUTOMATIC: readonly Endpoint[] = [
  { kind: 'unix', path: '/run/chrony/chronyd.sock' },
  { kind: 'unix', path: '/var/run/chrony/chronyd.sock' },
  { kind: 'udp', host: '127.0.0.1', port: DEFAULT_PORT },
  { kind: 'udp', host: '::1', port: DEFAULT_PORT },
];

const FORMS =
  "'/path', 'unix:/path', 'host', 'host:port' or '[IPv6 address]:port', or a URL like 'udp://host:port' or 'unixgram:///path'";

function invalidAddress(address: string, why: string): ChronyConnectionError {
  return new ChronyConnectionError(`invalid address '${address}': ${why}; write ${FORMS}`, {
    code: 'ERR_CHRONY_ADDRESS',
  });
}

function parsePort(address: string, text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port >= 1 && port <= 65535) return port;
  throw invalidAddress(address, `'${text}' is not a port from 1 to 65535`);
}

/**
 * Accepts letters and digits of any script. The regular expression for Unicode compiles slowly, and few names need it.
 */
function isHostName(host: string): boolean {
  return /^[\w.-]+$/.test(host) || (/[^\0-\x7f]/.test(host) && /^[\p{L}\p{N}_.-]+$/u.test(host));
}

/** The optional scheme before the path of a Unix socket. */
const UNIX_SCHEME = /^unix(?:gram)?:(?:\/\/)?/;
const UDP_SCHEME = 'udp://';

/** True for an IP address of this machine's loopback. */
export function isLoopback(host: string): boolean {
  return /^(?:127\.|::1$)/.test(host);
}

/** Returns the path of a Unix socket, as written in the address; null for any other kind of address. */
export function socketPathOf(address: string): string | null {
  if (address.startsWith('/')) return address;
  const [scheme] = address.startsWith('unix') ? (UNIX_SCHEME.exec(address) ?? []) : [];
  return scheme === undefined ? null : address.slice(scheme.length);
}

/** Returns the address without `udp://`. */
export function withoutUdpScheme(address: string): string {
  return address.startsWith(UDP_SCHEME) ? address.slice(UDP_SCHEME.length) : address;
}

/**
 * Parses an address.
 *
 * @throws ChronyConnectionError (`ERR_CHRONY_ADDRESS`) if the address is invalid
 */
export function parseAddress(address: string): Endpoint | NamedHost {
  // most addresses are UDP: avoid a function call for them, since a one-shot call does little else
  const path = /^[/u]/.test(address) ? socketPathOf(address) : null;
  if (path !== null) {
    if (!path.startsWith('/')) throw invalidAddress(address, 'the path of a Unix socket must begin with /');
    if (path.includes('\0')) throw invalidAddress(address, 'a path cannot contain a NUL');
    return { kind: 'unix', path };
  }
  const text = address.startsWith(UDP_SCHEME) ? address.slice(UDP_SCHEME.length) : address;
  if (ipVersion(text) !== 0) return { kind: 'udp', host: text, port: DEFAULT_PORT };

  if (text.startsWith('[')) {
    const [, host, port] = /^\[([^\]]*)\](?::(.*))?$/.exec(text) ?? [];
    if (host !== undefined) {
      if (ipVersion(host) !== 6) throw invalidAddress(address, `'${host}' is not an IPv6 address`);
      return { kind: 'udp', host, port: port === undefined ? DEFAULT_PORT : parsePort(address, port) };
    }
  }

  const colon = text.indexOf(':');
  const host = colon < 0 ? text : text.slice(0, colon);
  if (text.includes(':', colon + 1))
    throw invalidAddress(address, 'it has more than one colon, but is not an IPv6 address');
  const isIp = colon >= 0 && isIpv4(host);
  if (!isIp && !isHostName(host)) throw invalidAddress(address, `'${host}' is not a host name`);
  const port = colon < 0 ? DEFAULT_PORT : parsePort(address, text.slice(colon + 1));
  return { kind: isIp ? 'udp' : 'name', host, port };
}

/**
 * Returns the endpoints to try for an address, in this order. Returns a promise only for a name.
 *
 * @param address - if undefined or empty, the default endpoints are returned
 * @param lookUp - returns the IP addresses of a name
 * @param version - the allowed version of IP addresses; default: both
 * @throws ChronyConnectionError (`ERR_CHRONY_ADDRESS`) if the address is invalid or of the other version;
 *   ChronyConnectionError (`ERR_CHRONY_RESOLVE`) if the name has no address of the version; any error of `lookUp`
 */
export function resolveAddress(
  address: string | undefined,
  lookUp: (name: string) => Promise<readonly string[]>,
  version?: 4 | 6,
): readonly Endpoint[] | Promise<readonly Endpoint[]> {
  if (address === undefined || address === '') {
    return version === undefined ? AUTOMATIC : ofVersion(AUTOMATIC, version);
  }
  const parsed = parseAddress(address);
  if (parsed.kind !== 'name') {
    if (version === undefined || ofVersion([parsed], version).length > 0) return [parsed];
    throw new ChronyConnectionError(
      `the address '${address}' is not an IPv${version} address, but only IPv${version} is allowed`,
      { code: 'ERR_CHRONY_ADDRESS' },
    );
  }
  const { host, port } = parsed;
  return lookUp(host).then((hosts) => {
    const all: Endpoint[] = hosts.map((ip) => ({ kind: 'udp', host: ip, port }));
    if (version === undefined) return all;
    const endpoints = ofVersion(all, version);
    if (endpoints.length > 0) return endpoints;
    throw new ChronyConnectionError(
      `the name '${host}' has no IPv${version} address, but only IPv${version} is allowed`,
      { code: 'ERR_CHRONY_RESOLVE' },
    );
  });
}

function ofVersion(endpoints: readonly Endpoint[], version: 4 | 6): readonly Endpoint[] {
  return endpoints.filter((endpoint) => endpoint.kind === 'unix' || ipVersion(endpoint.host) === version);
}
