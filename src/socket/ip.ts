/**
 * IP addresses as text. Not by `node:net`, which would load all of Node's streams for it, and whose expression for
 * IPv6 takes longer to compile than all the rest of a first query.
 */

const BYTE = '(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)';
const IPV4 = new RegExp(`^${BYTE}(?:\\.${BYTE}){3}$`);
/** What an IPv6 address consists of, and its zone. */
const IPV6 = /^([\da-f:.]+)(?:%[\w.:-]+)?$/i;

/** 4 or 6 for an IP address, with or without a zone (`fe80::1%eth0`), 0 for any other text. */
export function ipVersion(text: string): 0 | 4 | 6 {
  // every IPv6 address has two colons: one alone comes before a port
  if (text.indexOf(':') === text.lastIndexOf(':')) return IPV4.test(text) ? 4 : 0;
  const [, address] = IPV6.exec(text) ?? [];
  // the URL parser knows the rest
  return address?.includes(':') && URL.canParse(`http://[${address}]`) ? 6 : 0;
}
