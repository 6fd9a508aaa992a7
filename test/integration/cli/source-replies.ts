/** Generators of any replies that a server may send for reports on sources. */
import fc from 'fast-check';
import type { ReplyCode, ReplyValues } from '../../../src/testing/layouts.ts';
import { address, byte, code, float, half, referenceId, seconds, time, word } from './arbitraries.ts';

/** The fields of a reply, by libchrony's names; omitted fields are zero. */
type Reply<Code extends ReplyCode> = Partial<ReplyValues<Code>>;

/** A source, as the five reports on sources show it. */
export interface SourceReplies {
  readonly sources: Reply<3>;
  readonly sourcestats: Reply<6>;
  readonly selectdata: Reply<23>;
  readonly authdata: Reply<20>;
  readonly ntpdata: Reply<26>;
}

/** The code of one of the letters, or of any printable ASCII character. */
const letter = (letters: string) =>
  fc.oneof(
    fc.constantFrom(...letters).map((each) => each.charCodeAt(0)),
    fc.integer({ min: 0x20, max: 0x7e }),
  );

const values: fc.Arbitrary<SourceReplies> = fc.record({
  sources: fc.record<Reply<3>>({
    mode: fc.nat(1),
    poll: fc.oneof(fc.integer({ min: -7, max: 24 }), fc.integer({ min: -(2 ** 15), max: 2 ** 15 - 1 })),
    stratum: fc.oneof(fc.nat(16), half),
    state: code(6, half),
    flags: half,
    reachability: fc.oneof(byte, half),
    'last sample ago': seconds,
    'original last sample offset': float,
    'adjusted last sample offset': float,
    'last sample error': float,
  }),
  sourcestats: fc.record<Reply<6>>({
    'reference ID': referenceId,
    samples: fc.oneof(fc.nat(64), word),
    runs: fc.oneof(fc.nat(64), word),
    span: seconds,
    'standard deviation': float,
    'residual frequency': float,
    skew: float,
    offset: float,
    'offset error': float,
  }),
  selectdata: fc.record<Reply<23>>({
    'reference ID': referenceId,
    state: letter('NsMdD~wWSOTPUx+*'),
    authentication: code(1, byte),
    'leap status': code(3, byte),
    'configured options': code(15, half),
    'effective options': code(15, half),
    'last sample ago': seconds,
    score: float,
    'low limit': float,
    'high limit': float,
  }),
  authdata: fc.record<Reply<20>>({
    mode: code(3, half),
    'key type': fc.oneof(fc.nat(30), half),
    'key ID': fc.oneof(fc.nat(99_999), word),
    'key length': half,
    'key establishment attempts': half,
    'last key establishment ago': seconds,
    cookies: fc.oneof(fc.nat(8), half),
    'cookie length': half,
    NAK: code(1, half),
  }),
  ntpdata: fc.record<Reply<26>>({
    'remote address': address,
    'local address': address,
    'remote port': half,
    'leap status': code(3, byte),
    version: byte,
    mode: code(7, byte),
    stratum: code(16, byte),
    poll: fc.integer({ min: -128, max: 127 }),
    precision: fc.oneof(fc.integer({ min: -33, max: 0 }), fc.integer({ min: -128, max: 127 })),
    'root delay': float,
    'root dispersion': float,
    'reference ID': referenceId,
    'reference time': time,
    offset: float,
    'peer delay': float,
    'peer dispersion': float,
    'response time': float,
    'jitter asymmetry': fc.oneof(fc.double({ min: -0.5, max: 0.5, noNaN: true }), float),
    flags: half,
    'transmit timestamping': letter('DKH'),
    'receive timestamping': letter('DKH'),
    'transmitted messages': word,
    'received messages': word,
    'received valid messages': word,
    'received good messages': word,
    'kernel transmit timestamps': word,
    'kernel receive timestamps': word,
    'hardware transmit timestamps': word,
    'hardware receive timestamps': word,
  }),
});

const REFERENCE_CLOCK = 2;

/** A reference clock's ID is sent in place of an IPv4 address, or next to an unspecified address. */
const clock = fc.tuple(fc.ipV4(), values).map(([id, { sources, sourcestats, selectdata, ...rest }]) => ({
  sources: { ...sources, mode: REFERENCE_CLOCK, address: id },
  sourcestats: { ...sourcestats, address: null },
  selectdata: { ...selectdata, address: null },
  ...rest,
}));

const server = fc
  .tuple(address, values)
  .filter(([at]) => at !== null)
  .map(([at, { sources, sourcestats, selectdata, ...rest }]) => ({
    sources: { ...sources, address: at },
    sourcestats: { ...sourcestats, address: at },
    selectdata: { ...selectdata, address: at },
    ...rest,
  }));

/** A list of sources; no two have the same address. */
export const sourceReplies: fc.Arbitrary<SourceReplies[]> = fc.uniqueArray(
  fc.oneof({ weight: 4, arbitrary: server }, { weight: 1, arbitrary: clock }),
  { maxLength: 12, size: 'max', selector: ({ sources }) => sources.address },
);
