/** Addresses of chronyd: from what a user writes to the endpoints to try. */
import { ChronyConnectionError } from '../errors.ts';
import { ipVersion } from '../socket/ip.ts';
import type { Endpoint } from '../socket/socket.ts';

/** chronyd's port for monitoring, unless `cmdport` says otherwise. */
const DEFAULT_PORT = 323;

/** Where chronyd is when nobody says where: Debian's and most others' Unix socket, then UDP. */
const AUTOMATIC: readonly Endpoint[] = [
  { kind: 'unix', path: '/run/chrony/chronyd.sock' },
  { kind: 'unix', path: '/var/run/chrony/chronyd.sock' },
  { kind: 'udp', host: '127.0.0.1', port: DEFAULT_PORT },
  { kind: 'udp', host: '::1', port: DEFAULT_PORT },
];

const FORMS = "'/path', 'unix:/path', 'host', 'host:port' or '[IPv6 address]:port'";

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

/**
 * Takes an address apart. The host of what it returns may still be a name.
 *
 * @throws ChronyConnectionError (`ERR_CHRONY_ADDRESS`) if it has none of the known forms.
 */
export function parseAddress(address: string): Endpoint {
  const path = address.startsWith('unix:') ? address.slice('unix:'.length) : address;
  if (path.startsWith('/')) {
    if (path.includes('\0')) throw bad(address, 'a path cannot contain a NUL');
    return { kind: 'unix', path };
  }
  if (address.startsWith('unix:')) throw bad(address, 'the path of a Unix socket must begin with /');
  if (ipVersion(address) !== 0) return { kind: 'udp', host: address, port: DEFAULT_PORT };

  const bracketed = /^\[([^\]]*)\](?::(.*))?$/.exec(address);
  if (bracketed !== null) {
    const [, host = '', port] = bracketed;
    if (ipVersion(host) !== 6) throw bad(address, `'${host}' is not an IPv6 address`);
    return { kind: 'udp', host, port: port === undefined ? DEFAULT_PORT : parsePort(address, port) };
  }

  const [host = '', port, ...rest] = address.split(':');
  if (rest.length > 0) throw bad(address, 'it has more than one colon, but is not an IPv6 address');
  if (!isHostName(host)) throw bad(address, `'${host}' is not a host name`);
  return { kind: 'udp', host, port: port === undefined ? DEFAULT_PORT : parsePort(address, port) };
}

/**
 * The endpoints to try for an address, in order: a promise only for a name.
 *
 * @param address - undefined or empty: the automatic ones
 * @param lookUp - gives a name's IP addresses
 * @throws ChronyConnectionError if it cannot be read; what `lookUp` throws.
 */
export function resolveAddress(
  address: string | undefined,
  lookUp: (name: string) => Promise<readonly string[]>,
): readonly Endpoint[] | Promise<readonly Endpoint[]> {
  if (address === undefined || address === '') return AUTOMATIC;
  const parsed = parseAddress(address);
  if (parsed.kind === 'unix' || ipVersion(parsed.host) !== 0) return [parsed];
  return lookUp(parsed.host).then((hosts) => hosts.map((host) => ({ ...parsed, host })));
}
