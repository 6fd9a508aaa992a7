/**
 * IP addresses as text. Not by `node:net`, which would load all of Node's streams for it, and whose expression for
 * IPv6 takes longer to compile than all the rest of a first query.
 */

/** What an IPv6 address consists of, and its zone. */
const IPV6 = /^([\da-f:.]+)(?:%[\w.:-]+)?$/i;

/** Four numbers up to 255, without leading zeros. No expression: one that knows so much takes long to compile. */
function isIpv4(text: string): boolean {
  const bytes = text.split('.');
  return bytes.length === 4 && bytes.every((byte) => byte === String(Number(byte) & 255));
}

/** 4 or 6 for an IP address, with or without a zone (`fe80::1%eth0`), 0 for any other text. */
export function ipVersion(text: string): 0 | 4 | 6 {
  if (isIpv4(text)) return 4;
  const [, address] = IPV6.exec(text) ?? [];
  // the URL parser knows the rest
  return address?.includes(':') && URL.canParse(`http://[${address}]`) ? 6 : 0;
}
