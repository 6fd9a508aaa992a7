/**
 * The check of every datagram that leaves the sandbox. Over the Unix socket chronyd also obeys commands, and a sandbox that
 * a reply had taken over could send one. This check rejects it.
 */
import { Buffer } from 'node:buffer';

/** The first four bytes: version 6, the mark of a request, and two reserved bytes. */
const START = 0x06010000;
/** Where the parts of the header begin, and its length. */
const CODE = 4;
const ATTEMPT = 6;
const PADDING = 12;
const HEADER_LENGTH = 20;

/** The longest request; it asks for the longest reply. */
const MAX_LENGTH = 520;

/** The length of the body by the request's code, without the zeros that pad the request. None of these requests changes anything. */
const BODY_LENGTHS: ReadonlyMap<number, number> = new Map([
  // without a body: number of sources, tracking, rtcdata, manual list, activity, smoothing, serverstats
  [14, 0],
  [33, 0],
  [35, 0],
  [41, 0],
  [44, 0],
  [51, 0],
  [54, 0],
  // a record's number: sources, sourcestats, selectdata
  [15, 4],
  [34, 4],
  [69, 4],
  // a source's address: ntpdata, sourcename, authdata
  [57, 20],
  [65, 20],
  [67, 20],
]);

/**
 * Clients: the first index, the number of clients, the minimum of hits, and a word that is 0 in a question. With any other
 * value the request is a command, which resets the counters of these clients.
 */
const CLIENTS = 68;
const CLIENTS_NUMBER = HEADER_LENGTH + 4;
const CLIENTS_RESET = HEADER_LENGTH + 12;
/** How many clients one reply has room for. */
export const CLIENTS_IN_REPLY = 8;

const ZEROS = Buffer.alloc(MAX_LENGTH);

/** True if a datagram is a well-formed request that changes nothing. */
export function isAllowed(datagram: Buffer): boolean {
  const { length } = datagram;
  if (length < HEADER_LENGTH || length > MAX_LENGTH) return false;
  if (datagram.readUInt32BE(0) !== START || datagram.readUInt16BE(ATTEMPT) !== 0) return false;
  if (datagram.readUInt32BE(PADDING) !== 0 || datagram.readUInt32BE(PADDING + 4) !== 0) return false;
  const code = datagram.readUInt16BE(CODE);
  if (code === CLIENTS) return isAllowedForClients(datagram);
  const bodyLength = BODY_LENGTHS.get(code);
  return bodyLength !== undefined && isPadded(datagram, HEADER_LENGTH + bodyLength);
}

function isAllowedForClients(datagram: Buffer): boolean {
  // without the word that resets, chronyd might read undefined bytes in its place
  if (datagram.length < CLIENTS_RESET + 4) return false;
  return datagram.readUInt32BE(CLIENTS_NUMBER) <= CLIENTS_IN_REPLY && isPadded(datagram, CLIENTS_RESET);
}

/** True if the body is whole, and zeros follow it. One native call: a loop takes six times as long for the longest request. */
function isPadded(datagram: Buffer, bodyEnd: number): boolean {
  const { length } = datagram;
  if (length <= bodyEnd) return length === bodyEnd;
  return datagram.compare(ZEROS, 0, length - bodyEnd, bodyEnd, length) === 0;
}
