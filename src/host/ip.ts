/** IP addresses as text. */
import { isIPv4, isIPv6 } from 'node:net';

/**
 * 4 or 6 for an IP address, 0 for any other text: `isIP()` of `node:net`, whose expression for IPv6 takes
 * longer to compile than all the rest of a first query. What has no two colons is spared it.
 */
export function ipVersion(text: string): 0 | 4 | 6 {
  if (isIPv4(text)) return 4;
  return text.indexOf(':') !== text.lastIndexOf(':') && isIPv6(text) ? 6 : 0;
}
