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

/** What makes a datagram a reply, in its second byte. */
const REPLY = 2;
/** Size of a reply's header in bytes, which is a whole reply when there is nothing to say but a status. */
export const REPLY_HEADER_LENGTH = 28;
/** The reply code of an answer without a body. */
const NO_BODY = 1;

/** Why chronyd answers a request with nothing but a header. */
export const Status = {
  /** All is well. */
  SUCCESS: 0,
  /** It failed. */
  FAILED: 1,
  /** The client may not ask this, here. */
  UNAUTHORISED: 2,
  /** The server does not know the request: it is older than the client. */
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
/** One of the values of {@link Status}. */
export type Status = (typeof Status)[keyof typeof Status];

/** What of a request its reply repeats. */
export interface Asked {
  /** The request code. */
  readonly code: number;
  /** The sequence number, which the client chose at random. */
  readonly sequence: number;
}

/**
 * A successful reply.
 *
 * @param reply the reply code, which decides the layout: see {@link layouts}.
 * @param values the fields by libchrony's names, as numbers of the wire; those left out are zero.
 * @param entries what the reply's list begins with, as `values`; the rest of it is zero.
 * @throws RangeError naming the field that cannot hold its value, or for more entries than there is room for.
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
  to: Asked,
  values: Partial<ReplyValues<R>>,
  entries: readonly Partial<EntryValues<R>>[] = [],
): Uint8Array {
  const datagram = new Uint8Array(replyLength(reply));
  const view = new DataView(datagram.buffer);
  writeHeader(view, to, reply, Status.SUCCESS);
  const rows = rowsOf(reply);
  writeFields(view, REPLY_HEADER_LENGTH, rows, values);
  const { length, entry } = listOf(reply);
  if (entries.length > length)
    throw new RangeError(`reply ${reply} has ${length} entries, not ${entries.length}`);
  const start = REPLY_HEADER_LENGTH + lengthOf(rows);
  for (const [i, each] of entries.entries()) writeFields(view, start + i * lengthOf(entry), entry, each);
  return datagram;
}

/** A reply of a header alone, with the status that says why. */
export function encodeRefusal(to: Asked, status: number): Uint8Array {
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

function writeHeader(view: DataView, to: Asked, reply: number, status: number): void {
  view.setUint8(0, PROTOCOL_VERSION);
  view.setUint8(1, REPLY);
  view.setUint16(4, to.code);
  view.setUint16(6, reply);
  view.setUint16(8, status);
  view.setUint32(16, to.sequence);
}
