/** The numbers of enumerations and flags on the wire, by name. */

import type { NtpTests } from 'chrony-wasm';
import {
  AuthKeyType,
  AuthMode,
  LeapStatus,
  NtpMode,
  SelectOption,
  SelectState,
  SourceMode,
  SourceState,
  Timestamping,
} from '../reports/enums.ts';

/** Numbers by name. */
type Codes = Readonly<Record<string, number>>;

/** Leap status. */
const leapCodes: Readonly<Record<LeapStatus, number>> = {
  normal: 0,
  'insert second': 1,
  'delete second': 2,
  'not synchronized': 3,
};

/** The selection state of a source in the report `sources`. */
const sourceStates: Readonly<Record<SourceState, number>> = {
  selected: 0,
  nonselectable: 1,
  falseticker: 2,
  jittery: 3,
  unselected: 4,
  selectable: 5,
};

/** The kind of a source. */
const sourceModes: Readonly<Record<SourceMode, number>> = { client: 0, peer: 1, 'reference clock': 2 };

/** The selection state of a source in the report `selectdata`. Each state is a letter. */
const selectStates: Readonly<Record<SelectState, number>> = {
  ignored: letter('N'),
  'not synchronized': letter('s'),
  'missing samples': letter('M'),
  'unacceptable distance': letter('d'),
  'large distance': letter('D'),
  jittery: letter('~'),
  'waiting for others': letter('w'),
  'missing selectable sources': letter('W'),
  stale: letter('S'),
  orphan: letter('O'),
  'not trusted': letter('T'),
  'not preferred': letter('P'),
  'waiting for update': letter('U'),
  falseticker: letter('x'),
  combined: letter('+'),
  best: letter('*'),
  'stratum out of range': letter('r'),
};

/** A source's options. */
const selectOptions: Readonly<Record<SelectOption, number>> = {
  noselect: 0x1,
  prefer: 0x2,
  trust: 0x4,
  require: 0x8,
};

/** How a source is authenticated. */
const authModes: Readonly<Record<AuthMode, number>> = { none: 0, 'symmetric key': 1, NTS: 2 };

/** The algorithm of a source's authentication key. */
const keyTypes: Readonly<Record<AuthKeyType, number>> = {
  MD5: 1,
  SHA1: 2,
  SHA256: 3,
  SHA384: 4,
  SHA512: 5,
  'SHA3-224': 6,
  'SHA3-256': 7,
  'SHA3-384': 8,
  'SHA3-512': 9,
  TIGER: 10,
  WHIRLPOOL: 11,
  AES128: 13,
  AES256: 14,
  'AEAD-AES-SIV-CMAC-256': 15,
  'AEAD-AES-128-GCM-SIV': 30,
};

/** The mode of the last NTP packet. */
const ntpModes: Readonly<Record<NtpMode, number>> = {
  'active symmetric': 1,
  'passive symmetric': 2,
  server: 4,
};

/** Where a timestamp was taken. Each place is a letter. */
const timestampings: Readonly<Record<Timestamping, number>> = {
  daemon: letter('D'),
  kernel: letter('K'),
  hardware: letter('H'),
};

const codes: ReadonlyMap<object, Codes> = new Map<object, Codes>([
  [LeapStatus, leapCodes],
  [SourceState, sourceStates],
  [SourceMode, sourceModes],
  [SelectState, selectStates],
  [SelectOption, selectOptions],
  [AuthMode, authModes],
  [AuthKeyType, keyTypes],
  [NtpMode, ntpModes],
  [Timestamping, timestampings],
]);

/** The numbers of an enumeration's values. */
export function codesOf(names: Readonly<Record<string, string>>): Codes {
  const known = codes.get(names);
  if (known !== undefined) return known;
  throw new TypeError(`no numbers are known of: ${Object.values(names).join(', ')}`);
}

/** The flags of ntpdata that say which tests the last packet passed. */
const ntpTests: Readonly<Record<keyof NtpTests, number>> = {
  test1: 0x200,
  test2: 0x100,
  test3: 0x80,
  test5: 0x40,
  test6: 0x20,
  test7: 0x10,
  testA: 0x8,
  testB: 0x4,
  testC: 0x2,
  testD: 0x1,
};

/** The flags of `ntpdata` and `smoothing`, each of which is a property of its own. */
export const flagBits: Codes = {
  ...ntpTests,
  interleaved: 0x4000,
  authenticated: 0x8000,
  active: 0x1,
  leaponly: 0x2,
};

/** The number of a name. @throws TypeError if the table does not have the name. */
export function codeOf(table: Codes, name: string): number {
  const code = Object.hasOwn(table, name) ? table[name] : undefined;
  if (code !== undefined) return code;
  throw new TypeError(`unknown name: ${name} (expected one of: ${Object.keys(table).join(', ')})`);
}

/** The number of a name, or 0 for null. For tables in which 0 means "not known yet". */
export function codeOrZero(table: Codes, name: string | null): number {
  return name === null ? 0 : codeOf(table, name);
}

/** The bits of all names, combined. @throws TypeError if the table does not have one of them. */
export function bitsOf(table: Codes, names: readonly string[]): number {
  return names.reduce((bits, name) => bits | codeOf(table, name), 0);
}

/** The names that are true in an object of booleans. */
export function trueNames(flags: Readonly<Record<string, boolean>>): string[] {
  return Object.keys(flags).filter((name) => flags[name]);
}

function letter(character: string): number {
  return character.charCodeAt(0);
}
