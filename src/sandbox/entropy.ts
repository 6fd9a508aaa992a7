/** Random numbers for the sandbox, which wants four bytes for every request. */

/** Asking the system costs more than all the rest of a request, so it is asked for many at once. */
const POOL_SIZE = 1024;

/** Fills the bytes with random numbers good enough for cryptography. May throw. */
export type EntropySource = (bytes: Uint8Array<ArrayBuffer>) => void;

/** The system's random numbers, each given out once. */
export function systemEntropy(): EntropySource {
  const pool = new Uint8Array(POOL_SIZE);
  let used = POOL_SIZE;
  return (bytes) => {
    if (bytes.length > POOL_SIZE) {
      crypto.getRandomValues(bytes);
      return;
    }
    if (used + bytes.length > POOL_SIZE) {
      crypto.getRandomValues(pool);
      used = 0;
    }
    for (let i = 0; i < bytes.length; i++, used++) {
      bytes[i] = pool[used] ?? 0;
      pool[used] = 0;
    }
  };
}
