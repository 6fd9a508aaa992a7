/** Reads a target as the operator writes it: the address of a chronyd, or a DNS name whose records are targets. */
import { ChronyError } from '../../errors.ts';
import {
  DEFAULT_PORT,
  type Endpoint,
  formatEndpoint,
  ipVersion,
  type NamedHost,
  parseAddress,
  socketPathOf,
} from '../../socket/address.ts';
import { canonicalAddress } from '../../socket/canonical-address.ts';
import { hasControl, type Place, quoted, TargetsError } from './error.ts';

/** A name whose DNS records are targets. */
export interface DnsName {
  /** `srv` for SRV records, `a` for A and AAAA records. */
  readonly kind: 'srv' | 'a';
  /** In lower case. */
  readonly name: string;
  /** The port of each target. SRV records have their own ports. */
  readonly port: number;
  /** The canonical text, which is the same for all spellings. */
  readonly text: string;
}

/** The maximum length, which is longer than any name or socket path. */
const MAX_LENGTH = 300;

/** A host named `a` or `srv` may have a port. */
const DNS_PREFIX = /^(srv|a):(?!\d+$)(.*)$/s;

/**
 * Returns the canonical form of a target's address, the same for all spellings of one endpoint. Names are in lower case, IP
 * addresses in the format of RFC 5952, and the default port of chronyd, 323, is left out. Parsing it gives the same endpoint.
 *
 * @throws ChronyConnectionError (`ERR_CHRONY_ADDRESS`) if it is invalid
 */
export function canonicalTarget(address: string): string {
  return targetOf(parseAddress(address));
}

/** The canonical address of an endpoint. */
export function targetOf(endpoint: Endpoint | NamedHost): string {
  if (endpoint.kind === 'unix') return endpoint.path.replaceAll(/\/(?:\.?\/)+/g, '/');
  const { kind, port } = endpoint;
  const host = kind === 'udp' ? canonicalAddress(endpoint.host) : endpoint.host.toLowerCase();
  if (port === DEFAULT_PORT) return host;
  const text = formatEndpoint({ kind: 'udp', host, port });
  // a host named 'unix'
  return socketPathOf(text) === null ? text : `udp://${text}`;
}

/**
 * Reads an address, `srv:NAME`, `a:NAME` or `a:NAME:PORT`.
 *
 * @returns a name in DNS, or the canonical address
 * @throws TargetsError
 */
export function readAddress(text: string, place: Place): DnsName | string {
  if (text.length > MAX_LENGTH) {
    const problem = `the address ${quoted(text)} is longer than ${MAX_LENGTH} characters; correct it`;
    throw new TargetsError('address', problem, place);
  }
  if (hasControl(text)) {
    const problem = `the address ${quoted(text)} has a control character; remove it`;
    throw new TargetsError('address', problem, place);
  }
  // an IPv6 address may begin with 'a:', too
  const [, kind, rest = ''] = (ipVersion(text) === 0 && DNS_PREFIX.exec(text)) || [];
  try {
    return kind === 'srv' || kind === 'a' ? dnsName(kind, rest) : canonicalTarget(text);
  } catch (error) {
    if (!(error instanceof ChronyError)) throw error;
    const problem = kind === undefined ? error.message : `${quoted(text)}: ${DNS_ADVICE}`;
    throw new TargetsError('address', problem, place, { cause: error });
  }
}

const DNS_ADVICE =
  'write srv:NAME, a:NAME or a:NAME:PORT with a name that DNS has; an IP address or a socket needs no prefix';

/** @throws ChronyError */
function dnsName(kind: DnsName['kind'], text: string): DnsName {
  const parsed = parseAddress(text);
  const isNamed = parsed.kind === 'name' && (kind === 'a' || !text.includes(':'));
  if (!isNamed) throw new ChronyError(DNS_ADVICE);
  const name = parsed.host.toLowerCase();
  const port = parsed.port === DEFAULT_PORT ? '' : `:${parsed.port}`;
  return { kind, name, port: parsed.port, text: `${kind}:${name}${port}` };
}
