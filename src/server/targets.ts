/** The targets of `/probe` that the operator allows, with each endpoint in canonical form. */
import { BlockList, isIP } from 'node:net';
import { DEFAULT_PORT, type NamedHost, parseAddress, type UdpEndpoint } from '../socket/address.ts';
import { canonicalAddress, mappedIpv4 } from '../socket/canonical-address.ts';
import { isNamePattern, matchesName } from './host-names.ts';

/** Any port, or a single one. */
type Ports = '*' | number;

/** The targets that one `--probe` allows. */
export interface TargetPattern {
  readonly ports: Ports;
  /** @param host - a name in lower case, or a canonical address */
  matches(host: string): boolean;
}

/** The chronyds that `/probe` may query: only those on hosts that the operator allows. */
export class Targets {
  readonly advice = 'start the server with --probe and a pattern for it';
  readonly #patterns: readonly TargetPattern[];

  constructor(patterns: readonly TargetPattern[]) {
    this.#patterns = patterns;
  }

  /**
   * @returns the endpoint with a canonical address, or the name in lower case; null if it is not allowed
   * @throws ChronyConnectionError if it is invalid
   */
  find(target: string): UdpEndpoint | NamedHost | null {
    const given = parseAddress(target);
    // clients must not choose a Unix socket of this machine
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
  // a network of IPv4-mapped addresses is treated as an IPv4 network
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
