import * as check from './check.ts';
import { AuthKeyType, AuthMode } from './enums.ts';
import { boolean, choiceUnlessZero, numberUnlessNone } from './read.ts';
import type { DataOf, ReportDecoder, ReportRecord } from './record.ts';

/** How the packets of an NTP source are authenticated: one record of the report `authdata`. */
export class AuthData {
  /**
   * IP address, or `ID#…` while its name is not resolved, as in {@link Source}. Not in the record: the
   * address that was asked about.
   */
  readonly address: string;
  /** The mechanism. Field `mode`. */
  readonly mode: AuthMode;
  /**
   * The algorithm, or null where there is no key: no authentication, NTS before its first key, an ID that is
   * not in the key file. Field `key type`.
   */
  readonly keyType: AuthKeyType | null;
  /**
   * A symmetric key's ID in the key file; with NTS the number of key establishments so far; 0 without
   * authentication. Field `key ID`.
   */
  readonly keyId: number;
  /** Length of the key in bits; 0 where there is none. Field `key length`. */
  readonly keyLength: number;
  /**
   * Attempts at an NTS key establishment since the last one that succeeded: more than 1 points at a problem.
   * Field `key establishment attempts`.
   */
  readonly keAttempts: number;
  /**
   * Seconds since the last NTS key establishment that succeeded, or null if there was none. Field `last key
   * establishment ago`.
   */
  readonly lastKeAgo: number | null;
  /** Number of NTS cookies in stock: fewer than 8 points at a problem. Field `cookies`. */
  readonly cookies: number;
  /** Length in bytes of the NTS cookie for the next request. Field `cookie length`. */
  readonly cookieLength: number;
  /**
   * True if the last request was answered with an NTS NAK: the server did not know the cookie. Field `NAK`.
   */
  readonly nak: boolean;

  /** @throws ChronyDataError naming the field and its value where one is out of range. */
  constructor(data: DataOf<AuthData>) {
    this.address = data.address;
    this.mode = check.oneOf('mode', data.mode, AuthMode);
    this.keyType = check.nullable(check.oneOf, 'keyType', data.keyType, AuthKeyType);
    this.keyId = check.uint32('keyId', data.keyId);
    this.keyLength = check.count('keyLength', data.keyLength);
    this.keAttempts = check.count('keAttempts', data.keAttempts);
    this.lastKeAgo = check.nullable(check.count, 'lastKeAgo', data.lastKeAgo);
    this.cookies = check.count('cookies', data.cookies);
    this.cookieLength = check.count('cookieLength', data.cookieLength);
    this.nak = data.nak;
    Object.freeze(this);
  }
}

/** Makes {@link AuthData} from the C library's record and the address of the source that was asked about. */
export const authdata: ReportDecoder<AuthData, [address: string]> = {
  report: 'authdata',
  decode(record: ReportRecord, address: string): AuthData {
    return new AuthData({
      address,
      mode: record.choice('mode') as AuthMode,
      keyType: choiceUnlessZero(record, 'key type') as AuthKeyType | null,
      keyId: record.number('key ID'),
      keyLength: record.number('key length'),
      keAttempts: record.number('key establishment attempts'),
      lastKeAgo: numberUnlessNone(record, 'last key establishment ago'),
      cookies: record.number('cookies'),
      cookieLength: record.number('cookie length'),
      nak: boolean(record, 'NAK'),
    });
  },
};
