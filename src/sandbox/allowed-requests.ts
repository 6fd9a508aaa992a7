/**
 * The last check of what leaves the sandbox. Over the Unix socket chronyd also obeys commands, and a sandbox that a reply
 * had taken over could send one: it ends here.
 */
import { Buffer } from 'node:buffer';

const VERSION = 6;
const REQUEST = 1;
const HEADER_LENGTH = 20;

/** Where the random sequence number ends. */
const SEQUENCE_END = 12;

/** The longest request; it asks for the longest reply. */
const MAX_LENGTH = 520;

/** How many clients one reply has room for. */
const MAX_CLIENTS = 8;

/** The length of the body that each request code has, zeros that pad the request not counted. None of them changes anything. */
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
 * Clients: the first index, how many, the minimum of hits. The word behind them is 0 in a question; with any other value it
 * is a command, which resets the counters of these clients.
 */
const CLIENTS = 68;
const CLIENTS_BODY_LENGTH = 12;
const RESET_LENGTH = 4;

const ZEROS = Buffer.alloc(MAX_LENGTH);

/** True if a datagram is a well-formed request that changes nothing. */
export function isAllowed(datagram: Buffer): boolean {
  const { length } = datagram;
  if (length < HEADER_LENGTH || length > MAX_LENGTH) return false;
  if (datagram[0] !== VERSION || datagram[1] !== REQUEST || wordAt(datagram, 2) !== 0) return false;
  if (wordAt(datagram, 6) !== 0 || !isZero(datagram, SEQUENCE_END, HEADER_LENGTH)) return false;
  const code = wordAt(datagram, 4);
  if (code === CLIENTS) return isAllowedForClients(datagram);
  const bodyLength = BODY_LENGTHS.get(code);
  return bodyLength !== undefined && isPadded(datagram, HEADER_LENGTH + bodyLength);
}

function isAllowedForClients(datagram: Buffer): boolean {
  const end = HEADER_LENGTH + CLIENTS_BODY_LENGTH;
  // without the word that resets, chronyd might read undefined bytes in its place
  if (datagram.length < end + RESET_LENGTH) return false;
  const isNumberAllowed =
    wordAt(datagram, HEADER_LENGTH + 4) === 0 && wordAt(datagram, HEADER_LENGTH + 6) <= MAX_CLIENTS;
  return isNumberAllowed && isPadded(datagram, end);
}

/** Two bytes as a number. */
function wordAt(bytes: Buffer, offset: number): number {
  return (bytes[offset] ?? 0) * 256 + (bytes[offset + 1] ?? 0);
}

/** True if the body is whole, and zeros follow it. One native call: a loop takes six times as long for the longest request. */
function isPadded(datagram: Buffer, bodyEnd: number): boolean {
  const { length } = datagram;
  if (length <= bodyEnd) return length === bodyEnd;
  return datagram.compare(ZEROS, 0, length - bodyEnd, bodyEnd, length) === 0;
}

function isZero(bytes: Buffer, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if (bytes[i] !== 0) return false;
  return true;
}
