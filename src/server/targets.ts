/** The targets of `/probe`: which ones the operator allows, and each endpoint in a single form. */
import { BlockList, isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import { ChronyConnectionError } from 'chrony-wasm';
import { type NamedHost, parseAddress, type UdpEndpoint } from '../socket/address.ts';
import { isNamePattern, matchesName } from './host-names.ts';

export const DEFAULT_PORT = 323;

/** Any port, or a single one. */
type Ports = '*' | number;

/** What one `--probe` allows. */
export interface TargetPattern {
  readonly ports: Ports;
  /** @param host - a name in lower case, or a canonical address */
  matches(host: string): boolean;
}

/** Which chronyd `/probe` may query: only the hosts that the operator allows. */
export class Targets {
  readonly advice = 'start the server with --probe and a pattern for it';
  readonly #patterns: readonly TargetPattern[];

  constructor(patterns: readonly TargetPattern[]) {
    this.#patterns = patterns;
  }

  /**
   * @returns the endpoint, with a canonical address; or the name, in lower case; null if it is not allowed
   * @throws ChronyConnectionError if it is invalid
   */
  find(target: string): UdpEndpoint | NamedHost | null {
    const given = parseAddress(target);
    // clients may never choose a socket of this machine
    if (given.kind === 'unix') return null;
    const host = given.kind === 'udp' ? canonicalAddress(given.host) : given.host.toLowerCase();
    const allowed = this.#patterns.some(
      ({ ports, matches }) => (ports === '*' || ports === given.port) && matches(host),
    );
    return allowed ? { ...given, host } : null;
  }
}

/**
 * A pattern of `--probe`: a host, `*.domain`, an address or a network, with `:port` or `:*` unless the port is 323. A
 * pattern of names allows all addresses that the names resolve to.
 *
 * @returns null if it is invalid
 */
export function parsePattern(text: string): TargetPattern | null {
  // IPv6 without brackets has no port
  const isBare = text.split(':').length > 2 && !text.startsWith('[');
  const parts = isBare ? [text, undefined, text] : /^(?:\[(.*:.*)\]|([^:]*))(?::(.*))?$/.exec(text);
  const [, inBrackets, plain = '', port = String(DEFAULT_PORT)] = parts ?? [];
  const host = inBrackets ?? plain;
  const ports = parsePorts(port);
  const matches = matcherOfNetwork(host) ?? matcherOfName(host);
  return ports === null || matches === null ? null : { ports, matches };
}

function parsePorts(text: string): Ports | null {
  if (text === '*') return text;
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  return port >= 1 && port <= 65_535 ? port : null;
}

function matcherOfName(pattern: string): TargetPattern['matches'] | null {
  if (!isNamePattern(pattern)) return null;
  return (host) => isIP(host) === 0 && matchesName(host, pattern);
}

/** @param text - an address, or `address/bits` */
export function matcherOfNetwork(text: string): TargetPattern['matches'] | null {
  const [, given = '', bits] = /^([\da-f.:]+)(?:\/(\d{1,3}))?$/i.exec(text) ?? [];
  const givenVersion = isIP(given);
  const givenLength = givenVersion === 4 ? 32 : 128;
  const givenBits = bits === undefined ? givenLength : Number(bits);
  if (givenVersion === 0 || givenBits > givenLength) return null;
  // a network of IPv4-mapped addresses is one of IPv4 addresses
  const mapped = givenBits >= MAPPED_BITS ? mappedIpv4(given) : null;
  const address = bits === undefined ? canonicalAddress(given) : (mapped ?? given);
  const length = mapped === null ? givenBits : givenBits - MAPPED_BITS;
  const version = isIP(address);
  const family = `ipv${version as 4 | 6}` as const;
  const network = new BlockList();
  network.addSubnet(address, length, family);
  return (host) => isIP(host) === version && network.check(host.replace(/%.*/, ''), family);
}

/** The bits before the IPv4 address in an IPv4-mapped one, `::ffff:192.0.2.1`. */
const MAPPED_BITS = 96;

/** The IPv4 address that an IPv4-mapped IPv6 address stands for; null for any other address. */
export function mappedIpv4(address: string): string | null {
  if (!address.includes(':')) return null;
  const [, high = '', low = ''] = /^::ffff:([\da-f]+):([\da-f]+)$/.exec(plainIpv6(address)) ?? [];
  if (low === '') return null;
  const [a, b] = [Number.parseInt(high, 16), Number.parseInt(low, 16)];
  return [a >> 8, a & 255, b >> 8, b & 255].join('.');
}

/** In the form of RFC 5952, but for the last 32 bits, which are hexadecimal always. */
function plainIpv6(address: string): string {
  return new URL(`http://[${address}]`).hostname.slice(1, -1);
}

const LINK_LOCAL = /^fe[89ab][\da-f]:/;

/**
 * An IP address in its canonical form, which is the same for all spellings that reach the same host. An IPv4-mapped address
 * becomes the IPv4 address. The unspecified address becomes the loopback address, since the system sends its datagrams
 * there. Only a link-local address keeps its zone.
 *
 * @throws ChronyConnectionError if there is no interface for the zone
 */
export function canonicalAddress(text: string): string {
  const [address = '', zone] = text.split('%');
  const plain = address.includes(':') ? (mappedIpv4(address) ?? plainIpv6(address)) : address;
  if (plain === '0.0.0.0') return '127.0.0.1';
  if (plain === '::') return '::1';
  return zone !== undefined && LINK_LOCAL.test(plain) ? `${plain}%${interfaceName(zone)}` : plain;
}

/** @param zone - the name of an interface, or its number */
function interfaceName(zone: string): string {
  for (const [name, addresses = []] of Object.entries(networkInterfaces())) {
    if (name === zone || addresses.some(({ scopeid }) => !!scopeid && String(scopeid) === zone)) return name;
  }
  throw new ChronyConnectionError(
    `there is no network interface '${zone}'; check the part after % of the address`,
    {
      code: 'ERR_CHRONY_ADDRESS',
    },
  );
}
