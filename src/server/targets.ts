/** Which chronyd `/probe` may ask: what the operator allows, and nothing else. */
import { BlockList, isIP } from 'node:net';
import { parseAddress } from '../client/address.ts';
import { usageError } from './error.ts';
import { bracketed } from './listening.ts';
import { isNamePattern, matchesName } from './names.ts';

const DEFAULT_PORT = 323;

/** Any port, or one. */
type Ports = '*' | number;

interface Pattern {
  readonly ports: Ports;
  matches(host: string): boolean;
}

/** The patterns of `--probe`: host, `*.domain`, address, network; with `:port` or `:*` unless the port is 323. */
export class Targets {
  readonly #patterns: readonly Pattern[];

  constructor(patterns: readonly string[]) {
    this.#patterns = patterns.map(parsePattern);
  }

  /**
   * @returns the address to ask, the same for all ways to write it; null if it is not allowed
   * @throws ChronyConnectionError if it cannot be read
   */
  find(target: string): string | null {
    const endpoint = parseAddress(target);
    // sockets of this machine are never for others to choose
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
