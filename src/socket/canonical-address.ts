/** Converts IP addresses to a canonical form, so that different spellings of an address can be compared. */
import { networkInterfaces } from 'node:os';
import { ChronyConnectionError } from '../errors.ts';

/** Returns the IPv4 address of an IPv4-mapped IPv6 address; null for any other address. */
export function mappedIpv4(address: string): string | null {
  if (!address.includes(':')) return null;
  const [, high = '', low = ''] = /^::ffff:([\da-f]+):([\da-f]+)$/.exec(plainIpv6(address)) ?? [];
  if (low === '') return null;
  const [a, b] = [Number.parseInt(high, 16), Number.parseInt(low, 16)];
  return [a >> 8, a & 255, b >> 8, b & 255].join('.');
}

/** Returns the form of RFC 5952, except that the last 32 bits are always hexadecimal. */
function plainIpv6(address: string): string {
  return new URL(`http://[${address}]`).hostname.slice(1, -1);
}

const LINK_LOCAL = /^fe[89ab][\da-f]:/;

/**
 * Returns the canonical form of an IP address, which is the same for all spellings that reach the same host. An
 * IPv4-mapped address becomes the IPv4 address. The unspecified address becomes the loopback address, because the
 * system sends its datagrams there. Only a link-local address keeps its zone.
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

/** @param zone - the name or the number of an interface */
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
