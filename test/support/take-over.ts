/** Takes over the sandbox, as an attacker with write access to its memory could: a query becomes a command. */
import type { Libchrony } from '../../src/sandbox/instance.ts';

/** The source name query in memory (code, "by address", one reply type), and the code of the clients query. */
const SOURCENAME_QUERY = [65, 0, 2, 1];
const CLIENTS_CODE = 68;
/** The lengths of an address, a source and a text in the table of lengths. */
const LENGTHS = [20, 0, 20, 0, 0, 1];
/** The new length of a text. It makes the request as long as a request for clients. */
const LONG_TEXT = [492 & 0xff, 492 >> 8];

/**
 * The address to query after the takeover. chronyd reads its 16 bytes as: first index 0, eight clients, no minimum of
 * hits, and 1 in the word that resets the counters of these clients.
 */
export const RESETTING = '0:0:0:8:0:0:0:1';

/** Turns every request for a source name into a request for clients. */
export function takeOver({ c }: Libchrony): void {
  const memory = new Uint8Array(c.memory.buffer);
  memory[placeOf(memory, SOURCENAME_QUERY)] = CLIENTS_CODE;
  memory.set(LONG_TEXT, placeOf(memory, LENGTHS) + 4);
}

/** The offset of these bytes in memory. They must occur exactly once. */
function placeOf(memory: Uint8Array, bytes: readonly number[]): number {
  const places = [...memory.keys()].filter((at) => bytes.every((byte, i) => memory[at + i] === byte));
  const [place] = places;
  if (place === undefined || places.length > 1)
    throw new Error(`${bytes} is ${places.length} times in the memory`);
  return place;
}
