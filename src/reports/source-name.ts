/** The names of sources: the name in chronyd's configuration, the address, or a placeholder for the address. */
import { type DataOf, Derived, fieldTable, recordOf, Text } from './record.ts';

/** The fields behind the properties of {@link SourceName}. */
export const fields = fieldTable({
  address: new Derived<string>(),
  name: new Text('name'),
});

/** The name of a source in chronyd's configuration: the report `sourcename`. */
export class SourceName {
  /** The requested address, as in {@link Source}. The record does not contain it. */
  readonly address: string;
  /**
   * The name or the address in chronyd's configuration, 1 to 255 bytes of UTF-8; null for a reference clock, which has
   * none. For a server of a pool, the name of the pool. Field `name`.
   */
  readonly name: string | null;

  constructor(data: DataOf<SourceName>) {
    const record = recordOf(data, fields);
    this.address = fields.address.of(record, record.requestedAddress);
    this.name = fields.name.of(record);
    Object.freeze(this);
  }
}

/** The property with the source's address, which every class of a report on sources has. */
export type SourceData = { readonly address: string } | { readonly remoteAddress: string };

/** Returns the source's IP address, a reference clock's name, or a placeholder for the address. */
export function sourceOf(data: SourceData): string {
  return 'address' in data ? data.address : data.remoteAddress;
}

/**
 * The placeholder for an address of an unknown family; chronyc shows the same text. The C library does not report the
 * family.
 */
export const NO_ADDRESS = '[UNSPEC]';

/** True for the placeholder of a server whose host name is not resolved. */
export function isUnresolved(name: string): boolean {
  return /^ID#\d{10}$/.test(name);
}

/**
 * Returns a reference ID as text, for use if there is no address.
 *
 * Up to four printable ASCII characters, padded with NUL, are a reference clock's name (`GPS`, `PPS0`). 0 means that
 * there is no reference, and gives an empty text. Any other ID may be an IPv4 address or the hash of an IPv6 address,
 * and is shown as a dotted quad.
 */
export function referenceIdText(id: number): string {
  const [a, b, c, d] = [id >>> 24, (id >>> 16) & 0xff, (id >>> 8) & 0xff, id & 0xff] as const;
  const name = /^([\x20-\x7e]*)\0*$/.exec(String.fromCharCode(a, b, c, d));
  return name?.[1] ?? `${a}.${b}.${c}.${d}`;
}
