/** Addresses of chronyd: IP addresses as text, endpoints, and what a user writes for them. */
import { ChronyConnectionError } from '../errors.ts';

/** Where a chronyd may be. */
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

/** A UDP port of a host that has a name: its IP addresses are still to be looked up. */
export interface NamedHost {
  readonly kind: 'name';
  readonly host: string;
  readonly port: number;
}

/** The endpoint as one would write it: `/path`, `192.0.2.1:323` or `[2001:db8::1]:323`. */
export function formatEndpoint(endpoint: Endpoint): string {
  if (endpoint.kind === 'unix') return endpoint.path;
  const host = endpoint.host.includes(':') ? `[${endpoint.host}]` : endpoint.host;
  return `${host}:${endpoint.port}`;
}

// Not by `node:net`, which would load all of Node's streams for it, and whose expression for IPv6 takes longer to compile
// than all the rest of a first query.
/** What an IPv6 address consists of, and its zone. */
const IPV6 = /^([\da-f:.]+)(?:%[\w.:-]+)?$/i;

const DOT = 46;
const ZERO = 48;

/**
 * Four numbers up to 255, without leading zeros. Digit by digit: a regular expression for it takes long to compile, and
 * to split the text takes a tenth of all that this package does for a one-shot call.
 */
function isIpv4(text: string): boolean {
  let numbers = 0;
  /** The number so far; null where its first digit is still to come. */
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

/** 4 or 6 for an IP address, with or without a zone (`fe80::1%eth0`), 0 for any other text. */
export function ipVersion(text: string): 0 | 4 | 6 {
  // every IPv6 address has two colons: one alone comes before a port
  if (text.indexOf(':') === text.lastIndexOf(':')) return isIpv4(text) ? 4 : 0;
  const [, address] = IPV6.exec(text) ?? [];
  // the URL parser knows the rest
  return address?.includes(':') && URL.canParse(`http://[${address}]`) ? 6 : 0;
}

/** chronyd's port for monitoring, unless `cmdport` says otherwise. */
export const DEFAULT_PORT = 323;

/** Where chronyd is when nobody says where: Debian's and most others' Unix socket, then UDP. */
const AUTOMATIC: readonly Endpoint[] = [
  { kind: 'unix', path: '/run/chrony/chronyd.sock' },
  { kind: 'unix', path: '/var/run/chrony/chronyd.sock' },
  { kind: 'udp', host: '127.0.0.1', port: DEFAULT_PORT },
  { kind: 'udp', host: '::1', port: DEFAULT_PORT },
];

const FORMS =
  "'/path', 'unix:/path', 'host', 'host:port' or '[IPv6 address]:port', or a URL like 'udp://host:port' or 'unixgram:///path'";

function bad(address: string, why: string): ChronyConnectionError {
  return new ChronyConnectionError(`cannot read the address '${address}': ${why}; write ${FORMS}`, {
    code: 'ERR_CHRONY_ADDRESS',
  });
}

function parsePort(address: string, text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port >= 1 && port <= 65535) return port;
  throw bad(address, `'${text}' is not a port from 1 to 65535`);
}

/** Letters and digits of any script. The expression that knows them all takes long to compile, and few names need it. */
function isHostName(host: string): boolean {
  return /^[\w.-]+$/.test(host) || (/[^\0-\x7f]/.test(host) && /^[\p{L}\p{N}_.-]+$/u.test(host));
}

/** What comes before the path of a Unix socket. */
const UNIX_SCHEME = /^unix(?:gram)?:(?:\/\/)?/;
const UDP_SCHEME = 'udp://';

/** True for an IP address of this machine's loopback. */
export function isLoopback(host: string): boolean {
  return /^(?:127\.|::1$)/.test(host);
}

/** The path of a Unix socket as it is written in an address; null for an address of another kind. */
export function socketPathOf(address: string): string | null {
  if (address.startsWith('/')) return address;
  const [scheme] = address.startsWith('unix') ? (UNIX_SCHEME.exec(address) ?? []) : [];
  return scheme === undefined ? null : address.slice(scheme.length);
}

/** The address without `udp://`. */
export function withoutUdpScheme(address: string): string {
  return address.startsWith(UDP_SCHEME) ? address.slice(UDP_SCHEME.length) : address;
}

/**
 * Takes an address apart.
 *
 * @throws ChronyConnectionError (`ERR_CHRONY_ADDRESS`) if it has none of the known forms.
 */
export function parseAddress(address: string): Endpoint | NamedHost {
  // no function in between: most addresses are of UDP, and a one-shot call does little else
  const path = /^[/u]/.test(address) ? socketPathOf(address) : null;
  if (path !== null) {
    if (!path.startsWith('/')) throw bad(address, 'the path of a Unix socket must begin with /');
    if (path.includes('\0')) throw bad(address, 'a path cannot contain a NUL');
    return { kind: 'unix', path };
  }
  const text = address.startsWith(UDP_SCHEME) ? address.slice(UDP_SCHEME.length) : address;
  if (ipVersion(text) !== 0) return { kind: 'udp', host: text, port: DEFAULT_PORT };

  if (text.startsWith('[')) {
    const [, host, port] = /^\[([^\]]*)\](?::(.*))?$/.exec(text) ?? [];
    if (host !== undefined) {
      if (ipVersion(host) !== 6) throw bad(address, `'${host}' is not an IPv6 address`);
      return { kind: 'udp', host, port: port === undefined ? DEFAULT_PORT : parsePort(address, port) };
    }
  }

  const colon = text.indexOf(':');
  const host = colon < 0 ? text : text.slice(0, colon);
  if (text.includes(':', colon + 1))
    throw bad(address, 'it has more than one colon, but is not an IPv6 address');
  const isIp = colon >= 0 && isIpv4(host);
  if (!isIp && !isHostName(host)) throw bad(address, `'${host}' is not a host name`);
  const port = colon < 0 ? DEFAULT_PORT : parsePort(address, text.slice(colon + 1));
  return { kind: isIp ? 'udp' : 'name', host, port };
}

/**
 * The endpoints to try for an address, in order: a promise only for a name.
 *
 * @param address - undefined or empty: the automatic ones
 * @param lookUp - gives a name's IP addresses
 * @param version - leaves out IP addresses of the other version
 * @throws ChronyConnectionError (`ERR_CHRONY_ADDRESS`) if the address cannot be read, or is of the other version;
 *   ChronyConnectionError (`ERR_CHRONY_RESOLVE`) if the name has no address of the version; what `lookUp` throws.
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
      `the address '${address}' is no IPv${version} address, and only IPv${version} is to be used`,
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
      `the name '${host}' has no IPv${version} address, and only IPv${version} is to be used`,
      { code: 'ERR_CHRONY_RESOLVE' },
    );
  });
}

function ofVersion(endpoints: readonly Endpoint[], version: 4 | 6): readonly Endpoint[] {
  return endpoints.filter((endpoint) => endpoint.kind === 'unix' || ipVersion(endpoint.host) === version);
}
