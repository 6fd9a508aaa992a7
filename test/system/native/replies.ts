/** Replies for scripts: replies as chronyd sends them, byte by byte, and fast-check arbitraries of valid and invalid ones. */
import fc from 'fast-check';
import { bodyLength, listOf, type ReplyCode, rowsOf } from '../../../src/testing/layouts.ts';
import { REPLY_HEADER_LENGTH } from '../../../src/testing/reply.ts';
import { requestKinds } from '../../../src/testing/requests.ts';
import type { WireType } from '../../../src/testing/wire.ts';
import type { Name } from './script.ts';

/** A request that a script may make, and the codes of its replies. */
export interface RequestKind {
  readonly code: number;
  readonly replies: readonly ReplyCode[];
}

/** The request for a source's address, which comes before requests by address. */
export const lookup = askedBy(34);
/** The request for the number of sources. */
export const count = askedBy(14);

export function askedBy(code: number): RequestKind {
  const kind = requestKinds.find((each) => each.code === code);
  if (kind === undefined) throw new Error(`no request ${code}`);
  return kind;
}

/** The requests for a record of each report, in order. */
export const requestsFor: Readonly<Record<Name, readonly RequestKind[]>> = {
  tracking: [askedBy(33)],
  sources: [askedBy(15)],
  sourcestats: [lookup],
  selectdata: [askedBy(69)],
  activity: [askedBy(44)],
  authdata: [lookup, askedBy(67)],
  ntpdata: [lookup, askedBy(57)],
  serverstats: [askedBy(54)],
  rtcdata: [askedBy(35)],
  smoothing: [askedBy(51)],
  sourcename: [lookup, askedBy(65)],
  clients: [askedBy(68)],
  'manual list': [askedBy(41)],
};

/** The reports that are requested by address. */
export const byAddress = (Object.keys(requestsFor) as Name[]).filter(
  (report) => requestsFor[report].length === 2,
);

/** Every pair of a request and a possible reply, with the report and the kind of the script's request. */
export const exchanges = [
  { report: 'sources' as Name, count: true, request: count, code: 2 as ReplyCode },
  { report: 'clients' as Name, count: true, request: askedBy(68), code: 21 as ReplyCode },
  ...(Object.keys(requestsFor) as Name[]).flatMap((report) =>
    requestsFor[report]
      .slice(-1)
      .flatMap((request) => request.replies.map((code) => ({ report, count: false, request, code }))),
  ),
];

/** A reply to the last request of a script. */
export function reply(request: RequestKind, code: number, body: Uint8Array, status = 0): Uint8Array {
  const datagram = new Uint8Array(REPLY_HEADER_LENGTH + body.length);
  const view = new DataView(datagram.buffer);
  view.setUint8(0, 6);
  view.setUint8(1, 2);
  view.setUint16(4, request.code);
  view.setUint16(6, code);
  view.setUint16(8, status);
  datagram.set(body, REPLY_HEADER_LENGTH);
  return datagram;
}

/** An address in the format of the wire. */
export function address(family: number, ...bytes: readonly number[]): Uint8Array {
  const result = new Uint8Array(20);
  result.set(bytes);
  new DataView(result.buffer).setUint16(16, family);
  return result;
}

/** A reply to {@link lookup} with this address. */
export function lookupReply(source: Uint8Array): Uint8Array {
  const body = new Uint8Array(bodyLength(6));
  body.set(source, 4);
  return reply(lookup, 6, body);
}

function words(...values: readonly number[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(4 * values.length));
  values.forEach((value, i) => {
    view.setUint32(4 * i, value);
  });
  return new Uint8Array(view.buffer);
}

/** Edge cases of both halves of the seconds, and of the nanoseconds. */
export const times = {
  high: [0, 1, 0x7fffffff, 0x80000000, 0xffffffff],
  low: [0, 1, 0x7fffffff, 0x80000000, 0xffffffff],
  nanoseconds: [0, 1, 999999999, 1000000000, 0x7fffffff, 0x80000000, 0xffffffff],
} as const;

function bytes(length: number): fc.Arbitrary<Uint8Array> {
  return fc.uint8Array({ minLength: length, maxLength: length });
}

const wordOf = (edges: readonly number[]): fc.Arbitrary<number> =>
  fc.oneof(fc.constantFrom(...edges), fc.nat({ max: 0xffffffff }));

const smallOr = (length: number, max: number): fc.Arbitrary<Uint8Array> =>
  fc.oneof(
    bytes(length),
    fc.nat({ max }).map((value) => new Uint8Array(length).fill(value, length - 1)),
  );

const anyAddress = fc
  .tuple(
    fc.oneof(
      bytes(16),
      fc.array(fc.constantFrom(0, 0, 0, 1, 0xff), { minLength: 16, maxLength: 16 }),
      fc.constant([]),
    ),
    fc.oneof(fc.nat({ max: 4 }), fc.nat({ max: 0xffff })),
  )
  .map(([value, family]) => address(family, ...value));

const anyValue: Readonly<Record<WireType, fc.Arbitrary<Uint8Array>>> = {
  // Values with names are letters or small numbers.
  u8: smallOr(1, 127),
  u16: smallOr(2, 31),
  u32: smallOr(4, 3),
  u64: smallOr(8, 3),
  i8: bytes(1),
  i16: bytes(2),
  f32: bytes(4),
  addr: anyAddress,
  ts: fc.tuple(wordOf(times.high), wordOf(times.low), wordOf(times.nanoseconds)).map((of) => words(...of)),
  text: bytes(256),
};

/** A body for a reply: plausible values, or random bytes. */
function anyBody(code: ReplyCode): fc.Arbitrary<Uint8Array> {
  const { length, entry } = listOf(code);
  const rows = [...rowsOf(code), ...Array.from({ length }, () => entry).flat()];
  const values = fc
    .tuple(...rows.map(([, type]) => anyValue[type]))
    .map((parts) => new Uint8Array(Buffer.concat(parts)));
  return fc.oneof({ weight: 3, arbitrary: values }, { weight: 1, arbitrary: bytes(bodyLength(code)) });
}

/** A valid answer to a request. */
export function anyGoodReply(request: RequestKind): fc.Arbitrary<Uint8Array> {
  return fc
    .constantFrom(...request.replies)
    .chain((code) => anyBody(code).map((body) => reply(request, code, body)));
}

const anyStatus = fc.oneof(fc.nat({ max: 21 }), fc.nat({ max: 0xffff }));

/** An answer with an error status, with or without a body, or one with an unknown code. */
function anyRefusal(request: RequestKind): fc.Arbitrary<Uint8Array> {
  return fc
    .tuple(
      fc.oneof(fc.constantFrom(...request.replies), fc.nat({ max: 30 }), fc.nat({ max: 0xffff })),
      anyStatus,
      fc.uint8Array({ maxLength: 200 }),
    )
    .map(([code, status, body]) => reply(request, code, body, status));
}

/** The offsets of the checked bytes of a header: version, type, reserved, code, sequence. */
const CHECKED = [0, 1, 2, 3, 4, 5, 16, 17, 18, 19];

/** The maximum length of a UDP datagram, in bytes. */
export const MAX_DATAGRAM = 65_507;

/** A damaged copy of a datagram. */
export function damaged(datagram: Uint8Array): fc.Arbitrary<Uint8Array> {
  const flip = (at: fc.Arbitrary<number>): fc.Arbitrary<Uint8Array> =>
    fc.array(fc.tuple(at, fc.integer({ min: 1, max: 255 })), { minLength: 1, maxLength: 4 }).map((flips) => {
      const changed = datagram.slice();
      for (const [i, bits] of flips) changed[i] = (changed[i] ?? 0) ^ bits;
      return changed;
    });
  const extend = (maxLength: number): fc.Arbitrary<Uint8Array> =>
    fc
      .tuple(fc.integer({ min: 1, max: maxLength }), fc.nat({ max: 255 }))
      .map(([length, byte]) =>
        new Uint8Array(datagram.length + length).fill(byte).map((each, i) => datagram[i] ?? each),
      );
  const cut = fc.nat({ max: datagram.length }).map((length) => datagram.slice(0, length));
  return fc.oneof(
    { weight: 40, arbitrary: flip(fc.nat({ max: datagram.length - 1 })) },
    { weight: 20, arbitrary: flip(fc.constantFrom(...CHECKED)) },
    { weight: 30, arbitrary: cut },
    { weight: 30, arbitrary: extend(200) },
    { weight: 1, arbitrary: extend(MAX_DATAGRAM - datagram.length) },
  );
}

/** Any datagram that may arrive after a request. */
export function anyReply(request: RequestKind): fc.Arbitrary<Uint8Array> {
  return fc.oneof(
    { weight: 6, arbitrary: anyGoodReply(request) },
    { weight: 2, arbitrary: anyGoodReply(request).chain(damaged) },
    { weight: 2, arbitrary: anyRefusal(request) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 300 }) },
  );
}
