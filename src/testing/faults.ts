/** Network faults between chronyd and its client. */
import { adviceFor } from '../util/suggestion.ts';

/** Faults that affect replies. They come from a seeded random generator, so that runs are repeatable. */
export interface Faults {
  /** True to send no reply at all. Default false. */
  readonly silent: boolean;
  /** The share of replies that are lost, 0 to 1. Default 0. */
  readonly loss: number;
  /** The share of replies that arrive twice, 0 to 1. Default 0. */
  readonly duplicate: number;
  /** The delay of every reply, in milliseconds, zero or more. Default 0. */
  readonly delayMs: number;
  /**
   * The maximum random delay in addition, in milliseconds, zero or more. Replies may overtake each other. Default
   * 0.
   */
  readonly jitterMs: number;
  /**
   * Noise. `before` sends a random datagram before every reply, and `instead` sends one in place of it. `body`
   * keeps the header of every successful reply and fills the rest with random bytes. Default `none`.
   */
  readonly garbage: 'none' | 'before' | 'instead' | 'body';
  /** The number of bytes of every reply that arrive, or null for all. Default null. */
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

/** The largest allowed value of each number. */
const LARGEST = { loss: 1, duplicate: 1, delayMs: 2 ** 31 - 1, jitterMs: 2 ** 31 - 1 } as const;
const GARBAGE: readonly Faults['garbage'][] = ['none', 'before', 'instead', 'body'];

/** @throws RangeError or TypeError for an invalid value. @param where - the function that received the faults */
export function checkFaults(faults: Faults, where: string): void {
  for (const [key, most] of Object.entries(LARGEST)) {
    const value = faults[key as keyof typeof LARGEST];
    if (value >= 0 && value <= most) continue;
    throw new RangeError(`${where}: faults.${key} must be a number from 0 to ${most}, not ${String(value)}`);
  }
  const { garbage, silent, truncate } = faults;
  if (!GARBAGE.includes(garbage)) {
    const advice = adviceFor(garbage, GARBAGE, 'the values are');
    throw new TypeError(`${where}: unknown value '${garbage}' of faults.garbage; ${advice}`);
  }
  if (typeof silent !== 'boolean') {
    throw new TypeError(`${where}: faults.silent must be true or false, not ${String(silent)}`);
  }
  if (truncate !== null && !(Number.isInteger(truncate) && truncate >= 0)) {
    throw new RangeError(
      `${where}: faults.truncate must be a whole number of bytes or null, not ${String(truncate)}`,
    );
  }
}

/** A datagram on its way to the client. */
export interface Delivery {
  /** The datagram to send. */
  readonly datagram: Uint8Array;
  /** The delay in milliseconds. If absent or zero, the datagram is sent at once. */
  readonly delayMs?: number;
}

/** Returns a number from 0 up to, but not including, 1. */
export type Random = () => number;

/** The maximum length of noise, in bytes: about that of chronyd's longer replies. */
const MAX_NOISE_LENGTH = 300;

/** A deterministic random generator. It must not be used for secrets. */
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

/** Applies the faults to a reply. The result is no datagram, one, or several. */
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
