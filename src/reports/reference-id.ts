/**
 * A reference ID in words, when there is no address to show for it.
 *
 * Four printable ASCII characters, NUL-filled at the end, are a reference clock's name (`GPS`, `PPS0`); all
 * zero is no reference at all, hence no name; anything else is shown as a dotted quad, since it may as
 * well be an IPv4 address or the hash of an IPv6 one.
 */
export function referenceIdText(id: number): string {
  const bytes = [id >>> 24, (id >>> 16) & 0xff, (id >>> 8) & 0xff, id & 0xff];
  const text = String.fromCharCode(...bytes).replace(/\0+$/, '');
  return /^[\x20-\x7e]*$/.test(text) ? text : bytes.join('.');
}
