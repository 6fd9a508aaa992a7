/** Random numbers for the sandbox, which wants four bytes for every request. */

/** Asking the system costs more than all the rest of a request, so it is asked for many at once. */
const POOL_SIZE = 1024;

/** Fills the bytes with random numbers good enough for cryptography. May throw. */
export type EntropySource = (bytes: Uint8Array<ArrayBuffer>) => void;

/** Whether this is Node.js, whose names and modules Bun and Deno have, too. */
const IN_NODE = process.versions['bun'] === undefined && process.versions['deno'] === undefined;

/**
 * Fills the bytes with the kernel's random numbers. Node.js loads more modules for its first `crypto.getRandomValues()`
 * than a whole query needs, so there they are read from the device, where there is one that may be read.
 */
function fill(bytes: Uint8Array<ArrayBuffer>): void {
  if (!IN_NODE || !readDevice(bytes)) crypto.getRandomValues(bytes);
}

/** @returns whether it has filled all the bytes */
function readDevice(bytes: Uint8Array): boolean {
  const { closeSync, fstatSync, openSync, readSync } = process.getBuiltinModule('node:fs');
  let device: number | undefined;
  try {
    device = openSync('/dev/urandom', 'r');
    // a file of that name would give the same numbers each time
    return fstatSync(device).isCharacterDevice() && readSync(device, bytes) === bytes.length;
  } catch {
    return false;
  } finally {
    if (device !== undefined) closeSync(device);
  }
}

/** The system's random numbers, each given out once. */
export function systemEntropy(): EntropySource {
  const pool = new Uint8Array(POOL_SIZE);
  let used = POOL_SIZE;
  return (bytes) => {
    if (bytes.length > POOL_SIZE) {
      fill(bytes);
      return;
    }
    if (used + bytes.length > POOL_SIZE) {
      fill(pool);
      used = 0;
    }
    for (let i = 0; i < bytes.length; i++, used++) {
      bytes[i] = pool[used] ?? 0;
      pool[used] = 0;
    }
  };
}
