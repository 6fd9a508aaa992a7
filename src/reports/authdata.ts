import { AuthKeyType, AuthMode } from './enums.ts';
import {
  Bool,
  Count,
  CountUnlessNone,
  type DataOf,
  Derived,
  fieldTable,
  OneOf,
  OneOfUnlessZero,
  recordOf,
  Uint32,
} from './record.ts';

/** The fields behind the properties of {@link AuthData}. */
export const fields = fieldTable({
  address: new Derived<string>(),
  mode: new OneOf('mode', AuthMode),
  keyType: new OneOfUnlessZero('key type', AuthKeyType),
  keyId: new Uint32('key ID'),
  keyLength: new Count('key length'),
  keAttempts: new Count('key establishment attempts'),
  lastKeAgo: new CountUnlessNone('last key establishment ago'),
  cookies: new Count('cookies'),
  cookieLength: new Count('cookie length'),
  nak: new Bool('NAK'),
});

/** How the packets of an NTP source are authenticated: one record of the report `authdata`. */
export class AuthData {
  /**
   * IP address, or `ID#…` while its host name is not resolved, as in {@link Source}. This is the requested address; the
   * record does not contain it.
   */
  readonly address: string;
  /** The mechanism. Field `mode`. */
  readonly mode: AuthMode;
  /**
   * The algorithm, or null if there is no key: no authentication, NTS before the first key establishment, or an ID that
   * is not in the key file. Field `key type`.
   */
  readonly keyType: AuthKeyType | null;
  /**
   * The ID of a symmetric key in the key file; with NTS, the number of key establishments so far; 0 without
   * authentication. Field `key ID`.
   */
  readonly keyId: number;
  /** Length of the key in bits; 0 if there is no key. Field `key length`. */
  readonly keyLength: number;
  /**
   * Attempts at an NTS key establishment since the last success: more than 1 indicates a problem. Field `key
   * establishment attempts`.
   */
  readonly keAttempts: number;
  /**
   * Seconds since the last successful NTS key establishment, or null if there was none. Field `last key establishment
   * ago`.
   */
  readonly lastKeAgo: number | null;
  /** Number of NTS cookies that chronyd has: fewer than 8 indicates a problem. Field `cookies`. */
  readonly cookies: number;
  /** Length in bytes of the NTS cookie for the next request. Field `cookie length`. */
  readonly cookieLength: number;
  /**
   * True if the reply to the last request was an NTS NAK: the server did not recognize the cookie. Field `NAK`.
   */
  readonly nak: boolean;

  /** @throws ChronyDataError if a value is invalid; the message names the property and the value */
  constructor(data: DataOf<AuthData>) {
    const record = recordOf(data, fields);
    this.address = fields.address.of(record, record.requestedAddress);
    this.mode = fields.mode.of(record);
    this.keyType = fields.keyType.of(record);
    this.keyId = fields.keyId.of(record);
    this.keyLength = fields.keyLength.of(record);
    this.keAttempts = fields.keAttempts.of(record);
    this.lastKeAgo = fields.lastKeAgo.of(record);
    this.cookies = fields.cookies.of(record);
    this.cookieLength = fields.cookieLength.of(record);
    this.nak = fields.nak.of(record);
    Object.freeze(this);
  }
}
