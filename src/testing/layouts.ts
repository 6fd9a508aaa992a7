/**
 * The layout of each reply of chronyd's control protocol. The fields have the names that libchrony gives them.
 */
import { sizeOf, type WireType, type WireValues } from './wire.ts';

/** A field of a reply: its name and its wire type. */
export type Row = readonly [name: string, type: WireType];

/** The fields at the start of both layouts of an NTP source's data. */
const ntpData = [
  ['remote address', 'addr'],
  ['local address', 'addr'],
  ['remote port', 'u16'],
  ['leap status', 'u8'],
  ['version', 'u8'],
  ['mode', 'u8'],
  ['stratum', 'u8'],
  ['poll', 'i8'],
  ['precision', 'i8'],
  ['root delay', 'f32'],
  ['root dispersion', 'f32'],
  ['reference ID', 'u32'],
  ['reference time', 'ts'],
  ['offset', 'f32'],
  ['peer delay', 'f32'],
  ['peer dispersion', 'f32'],
  ['response time', 'f32'],
  ['jitter asymmetry', 'f32'],
  ['flags', 'u16'],
  ['transmit timestamping', 'u8'],
  ['receive timestamping', 'u8'],
  ['transmitted messages', 'u32'],
  ['received messages', 'u32'],
  ['received valid messages', 'u32'],
  ['received good messages', 'u32'],
] as const;

/** The fields at the start of both 32-bit layouts of the server statistics. */
const serverStats = [
  ['received NTP requests', 'u32'],
  ['accepted NTS-KE connections', 'u32'],
  ['received command requests', 'u32'],
  ['dropped NTP requests', 'u32'],
  ['dropped NTS-KE connections', 'u32'],
  ['dropped command requests', 'u32'],
  ['dropped client log records', 'u32'],
  ['received authenticated NTP requests', 'u32'],
] as const;

/** The fields of every reply, by reply code, in wire order. */
export const layouts = {
  /** The number of sources. */
  2: [['sources', 'u32']],
  /** A source. For a reference clock, the address holds the reference ID as an IPv4 address. */
  3: [
    ['address', 'addr'],
    ['poll', 'i16'],
    ['stratum', 'u16'],
    ['state', 'u16'],
    ['mode', 'u16'],
    ['flags', 'u16'],
    ['reachability', 'u16'],
    ['last sample ago', 'u32'],
    ['original last sample offset', 'f32'],
    ['adjusted last sample offset', 'f32'],
    ['last sample error', 'f32'],
  ],
  /** Tracking. */
  5: [
    ['reference ID', 'u32'],
    ['address', 'addr'],
    ['stratum', 'u16'],
    ['leap status', 'u16'],
    ['reference time', 'ts'],
    ['current correction', 'f32'],
    ['last offset', 'f32'],
    ['RMS offset', 'f32'],
    ['frequency offset', 'f32'],
    ['residual frequency', 'f32'],
    ['skew', 'f32'],
    ['root delay', 'f32'],
    ['root dispersion', 'f32'],
    ['last update interval', 'f32'],
  ],
  /** A source's statistics. */
  6: [
    ['reference ID', 'u32'],
    ['address', 'addr'],
    ['samples', 'u32'],
    ['runs', 'u32'],
    ['span', 'u32'],
    ['standard deviation', 'f32'],
    ['residual frequency', 'f32'],
    ['skew', 'f32'],
    ['offset', 'f32'],
    ['offset error', 'f32'],
  ],
  /** The real-time clock. */
  7: [
    ['reference time', 'ts'],
    ['samples', 'u16'],
    ['runs', 'u16'],
    ['span', 'u32'],
    ['offset', 'f32'],
    ['frequency offset', 'f32'],
  ],
  /** The number of sources in each state of activity. */
  12: [
    ['online sources', 'u32'],
    ['offline sources', 'u32'],
    ['burst online-return sources', 'u32'],
    ['burst offline-return sources', 'u32'],
    ['unresolved sources', 'u32'],
  ],
  /** Smoothing of the served time. */
  13: [
    ['flags', 'u32'],
    ['offset', 'f32'],
    ['frequency offset', 'f32'],
    ['wander', 'f32'],
    ['last update ago', 'f32'],
    ['remaining time', 'f32'],
  ],
  /** Server statistics of the oldest servers. */
  14: [
    ['received NTP requests', 'u32'],
    ['received command requests', 'u32'],
    ['dropped NTP requests', 'u32'],
    ['dropped command requests', 'u32'],
    ['dropped client log records', 'u32'],
  ],
  /** The last exchange with an NTP source. */
  16: [...ntpData, ['reserved #1', 'u32'], ['reserved #2', 'u32'], ['reserved #3', 'u32']],
  /** Manual samples: the number of valid entries in the reply's {@link lists}. */
  18: [['samples', 'u32']],
  /** A source's name as configured. */
  19: [['name', 'text']],
  /** How an NTP source is authenticated. */
  20: [
    ['mode', 'u16'],
    ['key type', 'u16'],
    ['key ID', 'u32'],
    ['key length', 'u16'],
    ['key establishment attempts', 'u16'],
    ['last key establishment ago', 'u32'],
    ['cookies', 'u16'],
    ['cookie length', 'u16'],
    ['NAK', 'u16'],
    ['reserved #1', 'u16'],
  ],
  /** Clients; `clients` is the number of valid entries in the reply's {@link lists}. */
  21: [
    ['indices', 'u32'],
    ['next index', 'u32'],
    ['clients', 'u32'],
  ],
  /** Server statistics with NTS. */
  22: serverStats,
  /** The selection data of a source. */
  23: [
    ['reference ID', 'u32'],
    ['address', 'addr'],
    ['state', 'u8'],
    ['authentication', 'u8'],
    ['leap status', 'u8'],
    ['reserved #1', 'u8'],
    ['configured options', 'u16'],
    ['effective options', 'u16'],
    ['last sample ago', 'u32'],
    ['score', 'f32'],
    ['low limit', 'f32'],
    ['high limit', 'f32'],
  ],
  /** Server statistics with interleaved mode. */
  24: [
    ...serverStats,
    ['received interleaved NTP requests', 'u32'],
    ['held NTP timestamps', 'u32'],
    ['NTP timestamp span', 'u32'],
  ],
  /** Server statistics with timestamping, in 64 bits. */
  25: [
    ['received NTP requests', 'u64'],
    ['accepted NTS-KE connections', 'u64'],
    ['received command requests', 'u64'],
    ['dropped NTP requests', 'u64'],
    ['dropped NTS-KE connections', 'u64'],
    ['dropped command requests', 'u64'],
    ['dropped client log records', 'u64'],
    ['received authenticated NTP requests', 'u64'],
    ['received interleaved NTP requests', 'u64'],
    ['held NTP timestamps', 'u64'],
    ['NTP timestamp span', 'u64'],
    ['served daemon RX timestamps', 'u64'],
    ['served daemon TX timestamps', 'u64'],
    ['served kernel RX timestamps', 'u64'],
    ['served kernel TX timestamps', 'u64'],
    ['served hardware RX timestamps', 'u64'],
    ['served hardware TX timestamps', 'u64'],
    ['reserved #1', 'u64'],
    ['reserved #2', 'u64'],
    ['reserved #3', 'u64'],
    ['reserved #4', 'u64'],
  ],
  /** The last exchange with an NTP source, with the counts of timestamps. */
  26: [
    ...ntpData,
    ['kernel transmit timestamps', 'u32'],
    ['kernel receive timestamps', 'u32'],
    ['hardware transmit timestamps', 'u32'],
    ['hardware receive timestamps', 'u32'],
    ['reserved #1', 'u32'],
    ['reserved #2', 'u32'],
    ['reserved #3', 'u32'],
    ['reserved #4', 'u32'],
  ],
} as const satisfies Readonly<Record<number, readonly Row[]>>;

/** A reply code with a layout. */
export type ReplyCode = keyof typeof layouts;

/**
 * The list that follows the fields of some replies, by reply code: its fixed number of entries, and the fields of
 * an entry.
 */
export const lists = {
  /** Manual samples. */
  18: {
    /** The number of entries. */
    length: 16,
    /** The fields of an entry. */
    entry: [
      ['time', 'ts'],
      ['slewed offset', 'f32'],
      ['original offset', 'f32'],
      ['residual', 'f32'],
    ],
  },
  /** Clients. */
  21: {
    /** The number of entries. */
    length: 8,
    /** The fields of an entry. */
    entry: [
      ['address', 'addr'],
      ['NTP hits', 'u32'],
      ['NTS-KE hits', 'u32'],
      ['command hits', 'u32'],
      ['NTP drops', 'u32'],
      ['NTS-KE drops', 'u32'],
      ['command drops', 'u32'],
      ['NTP interval', 'i8'],
      ['NTS-KE interval', 'i8'],
      ['command interval', 'i8'],
      ['NTP timeout interval', 'i8'],
      ['last NTP hit ago', 'u32'],
      ['last NTS-KE hit ago', 'u32'],
      ['last command hit ago', 'u32'],
    ],
  },
} as const satisfies Readonly<Record<number, List>>;

/** A list of entries of one layout. All entries are sent, whether valid or not. */
interface List {
  readonly length: number;
  readonly entry: readonly Row[];
}

/** The reply code of a reply with a list. */
export type ListCode = keyof typeof lists;

/** The values of all fields of a reply, by libchrony's names. */
export type ReplyValues<R extends ReplyCode> = {
  readonly [Field in (typeof layouts)[R][number] as Field[0]]: WireValues[Field[1]];
};

/** The values of all fields of an entry, by name; `never` for a reply without a list. */
export type EntryValues<R extends ReplyCode> = R extends ListCode
  ? { readonly [Field in (typeof lists)[R]['entry'][number] as Field[0]]: WireValues[Field[1]] }
  : never;

/** The length of a reply's body in bytes. */
export function bodyLength(reply: ReplyCode): number {
  const { length, entry } = listOf(reply);
  return lengthOf(rowsOf(reply)) + length * lengthOf(entry);
}

/** The total length of the fields in bytes. */
export function lengthOf(rows: readonly Row[]): number {
  return rows.reduce((length, [, type]) => length + sizeOf(type), 0);
}

/** The list of a reply, or an empty list for a reply without one. */
export function listOf(reply: ReplyCode): List {
  return (lists as Readonly<Record<number, List>>)[reply] ?? { length: 0, entry: [] };
}

/** The rows of a reply, typed without its reply code. */
export function rowsOf(reply: ReplyCode): readonly Row[] {
  return layouts[reply];
}
