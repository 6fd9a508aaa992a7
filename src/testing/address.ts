/** chrony's 20-byte address: 16 bytes, a family, padding. */
import { isIPv4, isIPv6 } from 'node:net';

/** Size of an address on the wire, in bytes. */
export const ADDRESS_SIZE = 20;

const FAMILY_OFFSET = 16;
const Family = { UNSPECIFIED: 0, IPV4: 1, IPV6: 2, ID: 3 } as const;
/** The number of significant bytes out of the 16, by family. */
const significantBytes: Readonly<Record<number, number>> = {
  [Family.IPV4]: 4,
  [Family.IPV6]: 16,
  [Family.ID]: 4,
};

/**
 * Encodes an IPv4 or IPv6 address, `ID#` and ten digits (a source whose name is not resolved yet), or null (the
 * unspecified address).
 *
 * @throws TypeError if the text is none of these.
 */
export function addressBytes(text: string | null): Uint8Array {
  const bytes = new Uint8Array(ADDRESS_SIZE);
  const [family, content] = parse(text);
  bytes.set(content);
  bytes[FAMILY_OFFSET + 1] = family;
  return bytes;
}

/**
 * True if two encoded addresses are the same. An unspecified address equals no address, not even another
 * unspecified one.
 */
export function sameAddress(a: Uint8Array, b: Uint8Array): boolean {
  const family = familyOf(a);
  const length = significantBytes[family];
  if (length === undefined || family !== familyOf(b)) return false;
  return a.subarray(0, length).every((byte, i) => byte === b[i]);
}

/**
 * The 32-bit reference ID of a source: an IPv4 address itself, the first bytes of a hash of an IPv6 one, or up to
 * four characters of a reference clock's name.
 */
export function referenceIdOf(addressOrName: string): number {
  const bytes = isIPv6(addressOrName)
    ? fold(ipv6(addressOrName))
    : isIPv4(addressOrName)
      ? ipv4(addressOrName)
      : [...Buffer.from(addressOrName.slice(0, 4), 'latin1')];
  return [0, 1, 2, 3].reduce((id, i) => ((id << 8) | (bytes[i] ?? 0)) >>> 0, 0);
}

/** A 32-bit number as a dotted quad. */
export function dottedQuad(id: number): string {
  return [id >>> 24, (id >>> 16) & 0xff, (id >>> 8) & 0xff, id & 0xff].join('.');
}

function parse(text: string | null): [family: number, content: readonly number[]] {
  if (text === null) return [Family.UNSPECIFIED, []];
  if (isIPv4(text)) return [Family.IPV4, ipv4(text)];
  if (isIPv6(text) && !text.includes('%')) return [Family.IPV6, ipv6(text)];
  const id = /^ID#(\d{10})$/.exec(text)?.[1];
  if (id !== undefined && Number(id) <= 0xffffffff) return [Family.ID, ipv4(dottedQuad(Number(id)))];
  throw new TypeError(`not an address: ${text} (expected IPv4, IPv6, ID# and ten digits, or null)`);
}

function ipv4(text: string): number[] {
  return text.split('.').map(Number);
}

function ipv6(text: string): number[] {
  // The last 32 bits may be written as a dotted quad, which is rewritten as two hexadecimal groups.
  const plain = text.replace(/[\d.]+$/, (tail) => (tail.includes('.') ? hexGroups(ipv4(tail)) : tail));
  const [head = '', tail] = plain.split('::');
  const before = groups(head);
  const after = groups(tail ?? '');
  const zeros = Array<number>(16 - before.length - after.length).fill(0);
  return [...before, ...zeros, ...after];
}

function groups(text: string): number[] {
  if (text === '') return [];
  return text.split(':').flatMap((group) => {
    const value = Number.parseInt(group, 16);
    return [value >> 8, value & 0xff];
  });
}

function hexGroups([a = 0, b = 0, c = 0, d = 0]: number[]): string {
  return `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
}

/**
 * Stands in for chronyd's hash. Clients only compare the result, so any 32 bits will do if they are stable for an
 * address.
 */
function fold(bytes: readonly number[]): number[] {
  const hash = bytes.reduce((h, byte) => Math.imul(h ^ byte, 0x01000193), 0x811c9dc5);
  return ipv4(dottedQuad(hash >>> 0));
}

function familyOf(address: Uint8Array): number {
  return ((address[FAMILY_OFFSET] ?? 0) << 8) | (address[FAMILY_OFFSET + 1] ?? 0);
}
