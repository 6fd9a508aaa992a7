/** Words and reference IDs as chronyc prints them. */

export function yesNo(value: boolean): string {
  return value ? 'Yes' : 'No';
}

/** A reference ID as a number. */
export function referenceHex(id: number): string {
  return id.toString(16).toUpperCase().padStart(8, '0');
}

/** The printable characters of a reference ID, as chronyc shows it where there is no address. */
export function referenceText(id: number): string {
  const bytes = [id >>> 24, (id >>> 16) & 0xff, (id >>> 8) & 0xff, id & 0xff];
  return String.fromCharCode(...bytes.filter((byte) => byte >= 0x20 && byte <= 0x7e));
}
