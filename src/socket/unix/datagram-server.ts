/**
 * A Unix datagram socket that others send to and that replies to each sender, as chronyd's does: for the mock chronyd of
 * `chrony-wasm/testing`. The library itself does not hold it.
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

/** Called with the bytes of a datagram, which are the receiver's, and the path of the sender's socket. */
export type ReceiveFrom = (datagram: Uint8Array, sender: string) => void;

/** It always waits for requests: seldom enough to cost next to nothing, and soon enough for a short timeout. */
const PACE: Pace = { eagerMs: 2, longestPauseMs: 4 };
/** So that a flood of datagrams does not keep the event loop: the rest has its turn. */
const DATAGRAMS_A_TURN = 16;
/** Longer than any request, padding included, and than a datagram that a test sends. */
const buffer = new Uint8Array(1 << 16);

const INSTEAD = 'leave out path, for a mock over UDP';

const ADVICE: Readonly<Record<string, string>> = {
  EADDRINUSE: 'something is there already; remove it, or choose another path',
  ENOENT: 'its directory does not exist; create that first',
  ENOTDIR: 'its directory is not one; choose another path',
  EACCES: 'this user may not create files in its directory; choose another one',
  EPERM: 'this user may not create files in its directory; choose another one',
  EROFS: 'its file system is read-only; choose another directory',
  ERR_ACCESS_DENIED: "the runtime's permissions deny it; run it with --allow-ffi (--allow-addons for koffi)",
  ERR_DLOPEN_DISABLED: "the runtime's permissions deny it; run it with --allow-addons",
  NotCapable: "the runtime's permissions deny it; run it with --allow-ffi --allow-read --allow-write",
};

/** A socket at a path. It is open when its constructor returns. */
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

  /** @throws Error of the system */
  constructor(libc: Libc, path: string) {
    this.#libc = libc;
    this.#path = path;
    this.#descriptor = libc.descriptors.openSocket(AF_UNIX, SOCK_DGRAM, nodePath().dirname(path));
    this.#poller = new Poller(() => this.#look(), PACE);
    try {
      this.#bind();
    } catch (error) {
      this.#descriptor.close();
      throw error;
    }
  }

  /** Hands over each datagram from now on, and keeps the process alive. */
  receive(receiver: ReceiveFrom): void {
    this.#receiver = receiver;
    this.#poller.start();
  }

  /** Sends a datagram to another socket. One that cannot be sent is lost, as chronyd's would be. */
  send(datagram: Uint8Array, path: string): void {
    if (this.#open) this.#libc.sendTo(this.#descriptor.fd, datagram, MSG_DONTWAIT, unixAddress(path));
  }

  /** Closes the socket and removes it. A second time does nothing. */
  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#poller.stop();
    this.#descriptor.close();
    nodeFs().rmSync(this.#path, { force: true });
  }

  /** A socket that a process left behind, which has ended, is replaced. */
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

  #look(): void {
    for (let count = 0; count < DATAGRAMS_A_TURN && this.#open; count++) {
      this.#length[0] = ADDRESS_BYTES;
      const { fd } = this.#descriptor;
      const size = this.#libc.receiveFrom(fd, buffer, MSG_DONTWAIT, this.#address, this.#length);
      // nothing there: any other error is one of a client, which is gone
      if (size === -1) return;
      this.#poller.beEager();
      const sender = unixPath(this.#address, this.#length[0]);
      // nobody can reply to a socket without a path
      if (sender !== null) this.#receiver(buffer.slice(0, size), sender);
    }
  }
}

/**
 * Opens a socket for others to send to.
 *
 * @param path - absolute
 * @throws ChronyConnectionError: `ERR_CHRONY_NO_UNIX_SOCKET` where the runtime has no way to open one.
 */
export async function listenUnix(path: string): Promise<UnixDatagramServer> {
  checkRuntime(path, INSTEAD);
  if (pathLength(path) > maxPathLength()) {
    throw new ChronyConnectionError(
      `${path}: the path takes ${pathLength(path)} bytes, and this system's Unix sockets have room for ${maxPathLength()}; ` +
        'use a shorter one',
      { code: 'ERR_CHRONY_ADDRESS' },
    );
  }
  try {
    return new UnixDatagramServer(await loadLibc(path, INSTEAD), path);
  } catch (cause) {
    if (cause instanceof ChronyError) throw cause;
    const { code = 'unknown error' } = cause as NodeJS.ErrnoException;
    throw new ChronyConnectionError(`${path}: ${code}; ${ADVICE[code] ?? 'choose another path'}`, { cause });
  }
}
