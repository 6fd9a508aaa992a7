/** Names the clients, for the limits of each: by an IPv4 address, or by the network of an IPv6 address. */
import type { IncomingMessage } from 'node:http';
import { isIP, type Socket } from 'node:net';
import { canonicalAddress } from '../socket/canonical-address.ts';

/** The client of an address. One IPv6 client may have all addresses of its network, which is the first 64 bits. */
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
  /** An address or a network. Each connection of a proxy has a name of its own. */
  readonly name: string;
  /** True if it passes on the requests of others. */
  readonly isProxy: boolean;
}

/** Tells the clients apart, also behind a proxy. */
export class Clients {
  readonly #proxies: readonly ((host: string) => boolean)[];

  /** @param proxies - each is true for the address of a proxy */
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
   * The name of a request's client. For a request through a proxy, it is the last address in `X-Forwarded-For` that is not a
   * proxy's: a client can forge the beginning of the header, but not its end.
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
