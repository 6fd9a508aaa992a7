/** How a source is called: by its name in chronyd's configuration, its address, or what stands in for one. */
import { type DataOf, Derived, fieldTable, recordOf, Text } from './record.ts';

/** The fields behind the properties of {@link SourceName}. */
export const fields = fieldTable({
  address: new Derived<string>(),
  name: new Text('name'),
});

/** The name of a source in chronyd's configuration: the report `sourcename`. */
export class SourceName {
  /** As in {@link Source}. Not in the record: the address that was asked about. */
  readonly address: string;
  /**
   * The name or the address that chronyd was configured with, 1 to 255 bytes of UTF-8; null for a reference clock, which has
   * none. For a server of a pool, the name of the pool. Field `name`.
   */
  readonly name: string | null;

  constructor(data: DataOf<SourceName>) {
    const record = recordOf(data, fields);
    this.address = fields.address.of(record, record.askedAbout);
    this.name = fields.name.of(record);
    Object.freeze(this);
  }
}

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
