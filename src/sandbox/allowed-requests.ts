/**
 * Checks every datagram that leaves the sandbox. Over the Unix socket chronyd also accepts commands, and if a malicious
 * reply took over the sandbox, it could try to send one. This check rejects it.
 */
import { Buffer } from 'node:buffer';

/** The first four bytes: version 6, the packet type "request", and two reserved bytes. */
const START = 0x06010000;
/** The offsets of fields in the header, and its length. */
const CODE = 4;
const ATTEMPT = 6;
const PADDING = 12;
const HEADER_LENGTH = 20;

/** The length of the longest request, which is as long as the longest reply. */
const MAX_LENGTH = 520;

/** The length of the body, without padding, by the request's code. None of these requests changes chronyd's state. */
const BODY_LENGTHS: ReadonlyMap<number, number> = new Map([
  // no body: number of sources, tracking, rtcdata, manual list, activity, smoothing, serverstats
  [14, 0],
  [33, 0],
  [35, 0],
  [41, 0],
  [44, 0],
  [51, 0],
  [54, 0],
  // body: a record's number (sources, sourcestats, selectdata)
  [15, 4],
  [34, 4],
  [69, 4],
  // body: a source's address (ntpdata, sourcename, authdata)
  [57, 20],
  [65, 20],
  [67, 20],
]);

/**
 * The request for clients. Its body is the first index, the number of clients, the minimum number of hits, and a word
 * that must be 0: with any other value, the request resets the counters of these clients.
 */
const CLIENTS = 68;
const CLIENTS_NUMBER = HEADER_LENGTH + 4;
const CLIENTS_RESET = HEADER_LENGTH + 12;
/** The maximum number of clients in a reply. */
export const CLIENTS_IN_REPLY = 8;

const ZEROS = Buffer.alloc(MAX_LENGTH);

/** True if a datagram is a well-formed request that does not change chronyd's state. */
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
  // if the reset word were missing, chronyd might read undefined bytes instead
  if (datagram.length < CLIENTS_RESET + 4) return false;
  return datagram.readUInt32BE(CLIENTS_NUMBER) <= CLIENTS_IN_REPLY && isPadded(datagram, CLIENTS_RESET);
}

/**
 * True if the body is complete and followed only by zeros. Uses one native call: for the longest request, a loop takes
 * six times as long.
 */
function isPadded(datagram: Buffer, bodyEnd: number): boolean {
  const { length } = datagram;
  if (length <= bodyEnd) return length === bodyEnd;
  return datagram.compare(ZEROS, 0, length - bodyEnd, bodyEnd, length) === 0;
}
