/** Identifies clients for the per-client limits: by IPv4 address, or by the network of an IPv6 address. */
import type { IncomingMessage } from 'node:http';
import { isIP, type Socket } from 'node:net';
import { canonicalAddress } from '../socket/canonical-address.ts';

/**
 * The client identifier for an address. An IPv6 client may use every address of its /64 network, so the network
 * identifies it.
 */
export function clientOf(address: string): string {
  const [host = '', zone] = address.split('%');
  if (isIP(host) === 0) return address;
  const plain = canonicalAddress(host);
  if (isIP(plain) === 4 || plain === '::1') return plain;
  const [head = '', tail] = plain.split('::');
  const groups = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  while (tail !== undefined && groups.length + after.length < 8) groups.push('0');
  const network = `${[...groups, ...after].slice(0, 4).join(':')}::/64`;
  return zone === undefined ? network : `${network}%${zone}`;
}

/** The client of a connection. */
export interface Client {
  /** An address or a network. For a proxy, each connection has its own name. */
  readonly name: string;
  /** True if the client is a trusted proxy. */
  readonly isProxy: boolean;
}

/** Identifies clients, also behind trusted proxies. */
export class Clients {
  readonly #proxies: readonly ((host: string) => boolean)[];

  /** @param proxies - predicates that are true for the addresses of proxies */
  constructor(proxies: readonly ((host: string) => boolean)[]) {
    this.#proxies = proxies;
  }

  #isProxy(address: string): boolean {
    const [host = ''] = address.split('%');
    if (this.#proxies.length === 0 || isIP(host) === 0) return false;
    const plain = canonicalAddress(host);
    return this.#proxies.some((matches) => matches(plain));
  }

  /** The client of a connection. Each connection of a proxy counts as a client of its own. */
  ofSocket({ remoteAddress = '', remotePort = 0 }: Socket): Client {
    const isProxy = this.#isProxy(remoteAddress);
    return { name: isProxy ? `${remoteAddress} ${remotePort}` : clientOf(remoteAddress), isProxy };
  }

  /**
   * Returns the name of a request's client. Through a proxy, this is the last address in `X-Forwarded-For` that is
   * not a proxy's, because a client can forge the beginning of the header but not its end.
   *
   * @param connection - the client of its connection
   */
  ofRequest({ headers }: IncomingMessage, connection: Client): string {
    if (!connection.isProxy) return connection.name;
    const passed = String(headers['x-forwarded-for'] ?? '').split(',');
    const client = passed.map((each) => withoutPort(each.trim())).findLast((each) => !this.#isProxy(each));
    return client !== undefined && isIP(client) !== 0 ? clientOf(client) : connection.name;
  }
}

/** Some proxies add the port to the address: `192.0.2.1:1234`, `[2001:db8::1]:1234`. */
function withoutPort(text: string): string {
  const [, bracketed, plain] = /^(?:\[(.*)\](?::\d+)?|([\d.]+):\d+)$/.exec(text) ?? [];
  return bracketed ?? plain ?? text;
}
