/** Replies in chronyd's control protocol: a header of 28 bytes, then the body. */
import {
  bodyLength,
  type EntryValues,
  lengthOf,
  listOf,
  type ReplyCode,
  type ReplyValues,
  type Row,
  rowsOf,
} from './layouts.ts';
import { sizeOf, type WireType, type WireValues, write } from './wire.ts';

/** The version of the control protocol. */
export const PROTOCOL_VERSION = 6;

/** The second byte of a reply: its packet type. */
const REPLY = 2;
/** Size of a reply's header in bytes. A reply that has only a status is just a header. */
export const REPLY_HEADER_LENGTH = 28;
/** The reply code of a reply without a body. */
const NO_BODY = 1;

/** The status of a reply. A reply that is not successful has only a header. */
export const ReplyStatus = {
  /** Success. */
  SUCCESS: 0,
  /** The request failed. */
  FAILED: 1,
  /** The client is not allowed to make this request over this transport. */
  UNAUTHORIZED: 2,
  /** The server does not know the request, because it is older than the client. */
  INVALID: 3,
  /** No source has that index or address. */
  NO_SUCH_SOURCE: 4,
  /** The feature is not configured. */
  NOT_ENABLED: 6,
  /** No real-time clock is tracked. */
  NO_RTC: 13,
  /** chronyd keeps no clients (`noclientlog`). */
  INACTIVE: 15,
  /** The request is of another protocol version. */
  BAD_VERSION: 18,
  /** The request is shorter than the reply to it would be. */
  BAD_LENGTH: 19,
} as const;
/** One of the values of {@link ReplyStatus}. */
export type ReplyStatus = (typeof ReplyStatus)[keyof typeof ReplyStatus];

/** The fields of a request that its reply repeats. */
export interface RequestHeader {
  /** The request code. */
  readonly code: number;
  /** The sequence number, which the client chose at random. */
  readonly sequence: number;
}

/**
 * Encodes a successful reply.
 *
 * @param reply the reply code, which determines the layout: see {@link layouts}.
 * @param values the fields by libchrony's names, as wire values; fields left out are zero.
 * @param entries the first entries of the reply's list, in the form of `values`; the other entries are zero.
 * @throws RangeError naming the field that cannot hold its value, or for more entries than fit.
 *
 * @example A reply that chronyd would never send, in place of the real one:
 * ```ts
 * const mock = await startMockChronyd('synchronized', {
 *   intercept: (request) => [encodeReply(5, request, { 'leap status': 9 })],
 * });
 * ```
 */
export function encodeReply<R extends ReplyCode>(
  reply: R,
  to: RequestHeader,
  values: Partial<ReplyValues<R>>,
  entries: readonly Partial<EntryValues<R>>[] = [],
): Uint8Array {
  const datagram = new Uint8Array(replyLength(reply));
  const view = new DataView(datagram.buffer);
  writeHeader(view, to, reply, ReplyStatus.SUCCESS);
  const rows = rowsOf(reply);
  writeFields(view, REPLY_HEADER_LENGTH, rows, values);
  const { length, entry } = listOf(reply);
  if (entries.length > length)
    throw new RangeError(`reply ${reply} has ${length} entries, not ${entries.length}`);
  const start = REPLY_HEADER_LENGTH + lengthOf(rows);
  for (const [i, each] of entries.entries()) writeFields(view, start + i * lengthOf(entry), entry, each);
  return datagram;
}

/** Encodes a reply that is only a header, with the status of the refusal. */
export function encodeRefusal(to: RequestHeader, status: number): Uint8Array {
  const datagram = new Uint8Array(REPLY_HEADER_LENGTH);
  writeHeader(new DataView(datagram.buffer), to, NO_BODY, status);
  return datagram;
}

/** The length of a reply with its header, in bytes. */
export function replyLength(reply: ReplyCode): number {
  return REPLY_HEADER_LENGTH + bodyLength(reply);
}

function writeFields(view: DataView, start: number, rows: readonly Row[], values: object): void {
  const byName = values as Readonly<Record<string, WireValues[WireType] | undefined>>;
  let offset = start;
  for (const [name, type] of rows) {
    const value = byName[name];
    if (value !== undefined) writeField(view, offset, [name, type], value);
    offset += sizeOf(type);
  }
}

function writeField(view: DataView, offset: number, [name, type]: Row, value: WireValues[WireType]): void {
  try {
    write(view, offset, type, value);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new RangeError(`field '${name}': ${why}`, { cause });
  }
}

function writeHeader(view: DataView, to: RequestHeader, reply: number, status: number): void {
  view.setUint8(0, PROTOCOL_VERSION);
  view.setUint8(1, REPLY);
  view.setUint16(4, to.code);
  view.setUint16(6, reply);
  view.setUint16(8, status);
  view.setUint32(16, to.sequence);
}
