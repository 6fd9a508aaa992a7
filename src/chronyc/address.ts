/** Converts addresses to bytes, to compare them in any notation, and for chrony's reference IDs. */

import { ipVersion } from '../socket/address.ts';

function octet(text: string): string {
  return Number(text).toString(16).padStart(2, '0');
}

function ipv4Hex(text: string): string {
  return text.split('.').map(octet).join('');
}

function groupsHex(groups: string): string {
  return groups
    .split(':')
    .filter(Boolean)
    .map((group) => group.padStart(4, '0'))
    .join('');
}

function ipv6Hex(text: string): string {
  // the last two groups may be written as an IPv4 address
  const plain = text.toLowerCase().replace(/[\d.]+\.\d+$/, (tail) => ipv4Hex(tail).replace(/.{4}/, '$&:'));
  const [head = '', tail = ''] = plain.split('::');
  const before = groupsHex(head);
  return before + groupsHex(tail).padStart(32 - before.length, '0');
}

/** Returns the bytes of an IPv4 or IPv6 address in hexadecimal; an empty string for any other text. */
function addressHex(address: string): string {
  if (address.includes('%')) return '';
  const version = ipVersion(address);
  return version === 4 ? ipv4Hex(address) : version === 6 ? ipv6Hex(address) : '';
}

export function sameAddress(a: string, b: string): boolean {
  return a === b || (addressHex(a) !== '' && addressHex(a) === addressHex(b));
}

/** Returns the MD5 hash of bytes; both are in hexadecimal. */
function md5(hex: string): string {
  // loaded on first use: few reports need it, and it takes longer to load than the rest of the program
  const { createHash } = process.getBuiltinModule('node:crypto');
  return createHash('md5').update(hex, 'hex').digest('hex');
}

/**
 * Returns the reference ID that chrony gives an address: that of IPv4 is the address itself, that of IPv6 the
 * beginning of its MD5 hash; zero for no address.
 */
export function addressReference(address: string): string {
  const hex = addressHex(address);
  const id = hex.length > 8 ? md5(hex).slice(0, 8) : hex;
  return id.toUpperCase().padStart(8, '0');
}
