/** Which chronyd `/probe` may ask: what the operator allows, and nothing else. */
import { BlockList, isIP } from 'node:net';
import { parseAddress } from '../address.ts';
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

function parsePattern(text: string): Pattern {
  const refuse = (): never => {
    throw usageError(
      `--probe needs a host, *.domain, an address or a network, with :PORT or :* where the port is not ${DEFAULT_PORT}, ` +
        `like ntp.example.org, 192.0.2.0/24:* or [2001:db8::/32]:323, not '${text}'`,
    );
  };
  // IPv6 without brackets has no port
  const [, inBrackets, plain = text, port] =
    (text.split(':').length > 2 && !text.startsWith('[')
      ? null
      : /^(?:\[(.*)\]|([^:]*))(?::(.*))?$/.exec(text)) ?? [];
  const ports = port === undefined ? DEFAULT_PORT : parsePorts(port);
  const host = inBrackets ?? plain;
  const [address = '', prefix] = host.split(/\/(.*)/s);
  const version = isIP(address);
  if (ports === undefined || (inBrackets !== undefined && version !== 6)) return refuse();
  if (version === 0)
    return isNamePattern(host)
      ? { ports, matches: (name) => isIP(name) === 0 && matchesName(name, host) }
      : refuse();
  const bits = version === 4 ? 32 : 128;
  const length = prefix === undefined ? bits : /^\d{1,3}$/.test(prefix) ? Number(prefix) : Number.NaN;
  if (!(length <= bits) || address.includes('%')) return refuse();
  const network = new BlockList();
  network.addSubnet(address, length, version === 4 ? 'ipv4' : 'ipv6');
  return {
    ports,
    matches: (name) => isIP(name) === version && network.check(name, version === 4 ? 'ipv4' : 'ipv6'),
  };
}

function parsePorts(text: string): Ports | undefined {
  if (text === '*') return text;
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  return port >= 1 && port <= 65_535 ? port : undefined;
}
