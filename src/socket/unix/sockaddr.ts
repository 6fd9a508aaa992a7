/** `struct sockaddr_un`, as each system lays it out. */

const AF_UNIX = 1;

function isLinux(platform: NodeJS.Platform): boolean {
  return platform === 'linux' || platform === 'android';
}

/** How many bytes a path may have: as many as the structure has room for, less the NUL. */
export function maxPathLength(platform: NodeJS.Platform = process.platform): number {
  return isLinux(platform) ? 107 : 103;
}

/** The length of a path as the system counts it, in bytes. */
export function pathLength(path: string): number {
  return Buffer.byteLength(path);
}

/** @param path - no longer than {@link maxPathLength} */
export function unixAddress(path: string, platform: NodeJS.Platform = process.platform): Uint8Array {
  const name = Buffer.from(`${path}\0`);
  const head = isLinux(platform)
    ? // the family: 16 bits, in the processor's own order
      new Uint8Array(Uint16Array.of(AF_UNIX).buffer)
    : // macOS and the BSDs: the length, which leaves out the NUL, and the family
      Uint8Array.of(1 + name.length, AF_UNIX);
  return Buffer.concat([head, name]);
}
