/** What can go wrong between a chronyd and its client. */

/** Faults in the way of replies. They are drawn from a seeded generator, so that runs repeat. */
export interface Faults {
  /** No reply at all: the requests vanish. */
  readonly silent: boolean;
  /** The share of replies that get lost, 0 to 1. */
  readonly loss: number;
  /** The share of replies that arrive twice, 0 to 1. */
  readonly duplicate: number;
  /** How long every reply takes, in milliseconds. */
  readonly delayMs: number;
  /** How much longer, at most, in milliseconds: replies may overtake one another. */
  readonly jitterMs: number;
  /**
   * Noise: `before` sends a random datagram ahead of every reply, `instead` in place of it, and `body` leaves
   * the header of every successful reply as it is and fills the rest with random bytes.
   */
  readonly garbage: 'none' | 'before' | 'instead' | 'body';
  /** How many bytes of every reply arrive; null for all. */
  readonly truncate: number | null;
}

/** A perfect network. */
export const noFaults: Faults = {
  silent: false,
  loss: 0,
  duplicate: 0,
  delayMs: 0,
  jitterMs: 0,
  garbage: 'none',
  truncate: null,
};

/** A datagram on its way to the client. */
export interface Delivery {
  /** What is sent. */
  readonly datagram: Uint8Array;
  /** After how many milliseconds; at once if absent or zero. */
  readonly delayMs?: number;
}

/** Numbers from 0 up to, but not including, 1. */
export type Random = () => number;

/** The longest noise, in bytes: as long as chronyd's longer replies. */
const MAX_NOISE_LENGTH = 300;

/** A generator whose numbers follow from the seed: fit for faults, unfit for secrets. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    // A Weyl sequence, so that the period is full, and a multiplicative hash of it.
    state = (state + 0x9e3779b9) >>> 0;
    let hash = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
    return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
  };
}

/** What becomes of a reply: nothing, one datagram, or several. */
export function withFaults(
  reply: Uint8Array,
  faults: Faults,
  headerLength: number,
  random: Random,
): Delivery[] {
  if (faults.silent || random() < faults.loss) return [];
  const intact = faults.garbage === 'body' ? withNoise(reply, headerLength, random) : reply;
  const datagram = faults.truncate === null ? intact : intact.slice(0, Math.max(0, faults.truncate));
  const datagrams: Uint8Array[] = [];
  if (faults.garbage === 'before' || faults.garbage === 'instead') datagrams.push(noise(random));
  if (faults.garbage !== 'instead') datagrams.push(datagram);
  if (random() < faults.duplicate) datagrams.push(...datagrams);
  return datagrams.map((each) => ({ datagram: each, delayMs: faults.delayMs + random() * faults.jitterMs }));
}

function noise(random: Random): Uint8Array {
  const length = Math.floor(random() * MAX_NOISE_LENGTH);
  return Uint8Array.from({ length }, () => Math.floor(random() * 256));
}

function withNoise(reply: Uint8Array, headerLength: number, random: Random): Uint8Array {
  return reply.map((byte, i) => (i < headerLength ? byte : Math.floor(random() * 256)));
}
