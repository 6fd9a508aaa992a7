/** Which source the data of a report is of, whatever the report. */

/** What every class of a report on sources says of its source. */
export type SourceData = { readonly address: string } | { readonly remoteAddress: string };

/** Its IP address, a reference clock's name, or what stands in for an address. */
export function sourceOf(data: SourceData): string {
  return 'address' in data ? data.address : data.remoteAddress;
}

/** True for what stands in for the address of a server whose name is not resolved. */
export function isUnresolved(name: string): boolean {
  return /^ID#\d{10}$/.test(name);
}
