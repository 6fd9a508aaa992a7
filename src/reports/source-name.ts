/** How a source is called in the reports: by its address, or by what stands in for one. */

/** What every class of a report on sources says of its source. */
export type SourceData = { readonly address: string } | { readonly remoteAddress: string };

/** Its IP address, a reference clock's name, or what stands in for an address. */
export function sourceOf(data: SourceData): string {
  return 'address' in data ? data.address : data.remoteAddress;
}

/**
 * What stands in for the address of a server that is of a family not known here: chronyc's text. Which family it is, the
 * C library does not say.
 */
export const NO_ADDRESS = '[UNSPEC]';

/** True for what stands in for the address of a server whose name is not resolved. */
export function isUnresolved(name: string): boolean {
  return /^ID#\d{10}$/.test(name);
}

/**
 * A reference ID in words, when there is no address to show for it.
 *
 * Four printable ASCII characters, NUL-filled at the end, are a reference clock's name (`GPS`, `PPS0`); all
 * zero is no reference at all, hence no name; anything else is shown as a dotted quad, since it may as
 * well be an IPv4 address or the hash of an IPv6 one.
 */
export function referenceIdText(id: number): string {
  const [a, b, c, d] = [id >>> 24, (id >>> 16) & 0xff, (id >>> 8) & 0xff, id & 0xff] as const;
  const name = /^([\x20-\x7e]*)\0*$/.exec(String.fromCharCode(a, b, c, d));
  return name?.[1] ?? `${a}.${b}.${c}.${d}`;
}
