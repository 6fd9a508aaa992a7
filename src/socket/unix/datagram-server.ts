/**
 * A Unix datagram socket that receives requests and replies to each sender, like chronyd's socket. It is used by the
 * mock chronyd of `chrony-wasm/testing`, and is not part of the library's own bundle.
 */
import { ChronyConnectionError, ChronyError } from '../../errors.ts';
import { nodeFs, nodePath } from '../../util/builtins.ts';
import { checkRuntime, loadLibc } from './backends.ts';
import type { Descriptor } from './descriptors.ts';
import type { Libc } from './libc.ts';
import { type Pace, Poller } from './poller.ts';
import {
  ADDRESS_BYTES,
  AF_UNIX,
  MSG_DONTWAIT,
  maxPathLength,
  pathLength,
  SOCK_DGRAM,
  unixAddress,
  unixPath,
} from './sockaddr.ts';

/** Called with the bytes of a datagram, which the receiver may keep, and the path of the sender's socket. */
export type ReceiveFrom = (datagram: Uint8Array, sender: string) => void;

/**
 * The server always polls: rarely enough to need little CPU time, and often enough for clients with a short timeout.
 */
const PACE: Pace = { eagerMs: 2, longestPauseMs: 4 };
/** The limit prevents a flood of datagrams from blocking the event loop. */
const MAX_DATAGRAMS_PER_TURN = 16;
/** Longer than any request with its padding, and than any datagram that a test sends. */
const buffer = new Uint8Array(1 << 16);

const ALTERNATIVE = 'omit path to use a mock over UDP';

const ADVICE: Readonly<Record<string, string>> = {
  EADDRINUSE: 'the path already exists; remove it, or choose another path',
  ENOENT: 'its directory does not exist; create the directory first',
  ENOTDIR: 'a part of the path is not a directory; choose another path',
  EACCES: 'this user may not create files in its directory; choose another one',
  EPERM: 'this user may not create files in its directory; choose another one',
  EROFS: 'its file system is read-only; choose another directory',
  ERR_ACCESS_DENIED: "the runtime's permissions deny it; run it with --allow-ffi (--allow-addons for koffi)",
  ERR_DLOPEN_DISABLED: "the runtime's permissions deny it; run it with --allow-addons",
  NotCapable: "the runtime's permissions deny it; run it with --allow-ffi --allow-read --allow-write",
};

/** A socket bound to a path. It is open when its constructor returns. */
export class UnixDatagramServer {
  readonly #libc: Libc;
  readonly #path: string;
  readonly #descriptor: Descriptor;
  readonly #poller: Poller;
  /** The sender's address, and its length. */
  readonly #address = new Uint8Array(ADDRESS_BYTES);
  readonly #length = new Uint32Array(1);
  #receiver: ReceiveFrom = () => {};
  #open = true;

  /** @throws the system's error */
  constructor(libc: Libc, path: string) {
    this.#libc = libc;
    this.#path = path;
    this.#descriptor = libc.descriptors.openSocket(AF_UNIX, SOCK_DGRAM, nodePath().dirname(path));
    this.#poller = new Poller(() => this.#poll(), PACE);
    try {
      this.#bind();
    } catch (error) {
      this.#descriptor.close();
      throw error;
    }
  }

  /** Starts to receive: passes each datagram to the receiver, and keeps the process alive. */
  receive(receiver: ReceiveFrom): void {
    this.#receiver = receiver;
    this.#poller.start();
  }

  /** Sends a datagram to another socket. If that fails, the datagram is lost, as with chronyd. */
  send(datagram: Uint8Array, path: string): void {
    if (this.#open) this.#libc.sendTo(this.#descriptor.fd, datagram, MSG_DONTWAIT, unixAddress(path));
  }

  /** Closes the socket and removes its file. A second call does nothing. */
  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#poller.stop();
    this.#descriptor.close();
    nodeFs().rmSync(this.#path, { force: true });
  }

  /** Binds the socket. Replaces a socket file that no process uses any more. */
  #bind(): void {
    const address = unixAddress(this.#path);
    const { fd } = this.#descriptor;
    if (this.#libc.bind(fd, address) !== -1) return;
    const error = this.#libc.error('bind');
    if (error.code !== 'EADDRINUSE' || !nodeFs().lstatSync(this.#path).isSocket()) throw error;
    if (this.#libc.connect(fd, address) !== -1 || this.#libc.lastError() !== 'ECONNREFUSED') throw error;
    nodeFs().rmSync(this.#path);
    if (this.#libc.bind(fd, address) === -1) throw this.#libc.error('bind');
  }

  #poll(): void {
    for (let count = 0; count < MAX_DATAGRAMS_PER_TURN && this.#open; count++) {
      this.#length[0] = ADDRESS_BYTES;
      const { fd } = this.#descriptor;
      const size = this.#libc.receiveFrom(fd, buffer, MSG_DONTWAIT, this.#address, this.#length);
      // no datagram; any other error concerns a client that is gone
      if (size === -1) return;
      this.#poller.beEager();
      const sender = unixPath(this.#address, this.#length[0]);
      // a socket without a path cannot receive a reply
      if (sender !== null) this.#receiver(buffer.slice(0, size), sender);
    }
  }
}

/**
 * Opens a socket that receives datagrams at a path.
 *
 * @param path - an absolute path
 * @throws ChronyConnectionError: `ERR_CHRONY_NO_UNIX_SOCKET` if the runtime cannot open Unix datagram sockets
 */
export async function listenUnix(path: string): Promise<UnixDatagramServer> {
  checkRuntime(path, ALTERNATIVE);
  if (pathLength(path) > maxPathLength()) {
    throw new ChronyConnectionError(
      `${path}: the path has ${pathLength(path)} bytes, but this system's Unix sockets allow at most ${maxPathLength()}; ` +
        'use a shorter one',
      { code: 'ERR_CHRONY_ADDRESS' },
    );
  }
  try {
    return new UnixDatagramServer(await loadLibc(path, ALTERNATIVE), path);
  } catch (cause) {
    if (cause instanceof ChronyError) throw cause;
    const { code = 'unknown error' } = cause as NodeJS.ErrnoException;
    throw new ChronyConnectionError(`${path}: ${code}; ${ADVICE[code] ?? 'choose another path'}`, { cause });
  }
}
