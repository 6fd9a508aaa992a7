/** The constants of Unix datagram sockets and the layout of `struct sockaddr_un`, for each system. */

export const AF_UNIX = 1;
export const SOCK_DGRAM = 2;
export const MSG_DONTWAIT = isLinux(process.platform) ? 0x40 : 0x80;

/** The length of the family, or of the length and the family, before the path. */
const HEAD_BYTES = 2;
/** Longer than `struct sockaddr_un` on any system. */
export const ADDRESS_BYTES = 128;

function isLinux(platform: NodeJS.Platform): boolean {
  return platform === 'linux' || platform === 'android';
}

/** The maximum length of a path, in bytes: the size of the field in the structure, minus the NUL. */
export function maxPathLength(platform: NodeJS.Platform = process.platform): number {
  return isLinux(platform) ? 107 : 103;
}

/** The length of a path in bytes. */
export function pathLength(path: string): number {
  return Buffer.byteLength(path);
}

/** @param path - no longer than {@link maxPathLength} */
export function unixAddress(path: string, platform: NodeJS.Platform = process.platform): Uint8Array {
  const name = Buffer.from(`${path}\0`);
  const head = isLinux(platform)
    ? // the family: 16 bits in native byte order
      new Uint8Array(Uint16Array.of(AF_UNIX).buffer)
    : // macOS and the BSDs: the length without the NUL, and the family
      Uint8Array.of(1 + name.length, AF_UNIX);
  return Buffer.concat([head, name]);
}

/**
 * Returns the path in an address that the system has filled in; null if the socket was not bound to a path.
 *
 * @param length - the length of the address, in bytes
 */
export function unixPath(address: Uint8Array, length: number): string | null {
  const name = address.subarray(HEAD_BYTES, length);
  const end = name.indexOf(0);
  return end === 0 || name.length === 0
    ? null
    : Buffer.from(end < 0 ? name : name.subarray(0, end)).toString();
}
