/** A C library with a socket that the test controls; Node.js does the rest. */
import { chmodSync, fchmodSync, readlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { fileDescriptors } from '../../../../src/socket/unix/descriptors.ts';
import { Libc } from '../../../../src/socket/unix/libc.ts';

const unused = (): never => {
  throw new Error('the descriptor is not opened by the C library');
};

type Failure = keyof typeof constants.errno;

export class FakeSocket {
  /** The incoming datagrams and errors, in order; then recv() fails with EAGAIN. */
  readonly incoming: (Uint8Array | Failure)[] = [];
  readonly sent: Uint8Array[] = [];
  /** The number of calls of recv(). */
  polls = 0;
  /** The errors of the next calls of send(). */
  readonly sendFailures: Failure[] = [];
  connectFailure: Failure | null = null;
  closed = 0;
  /** The paths that the socket was bound and connected to. */
  readonly addresses: string[] = [];
  user = process.geteuid?.() ?? 0;
  /** Called before the socket is bound. */
  beforeBind: (path: string) => void = () => {};
  #errno = 0;

  readonly libc = new Libc(
    'fake',
    {
      socket: unused,
      bind: (_, address) => {
        const path = pathOf(address);
        this.beforeBind(path);
        this.addresses.push(path);
        writeFileSync(path, '');
        return 0;
      },
      connect: (_, address) => {
        this.addresses.push(pathOf(address));
        return this.connectFailure === null ? 0 : this.#fail(this.connectFailure);
      },
      send: (_, bytes) => {
        const failure = this.sendFailures.shift();
        if (failure !== undefined) return this.#fail(failure);
        this.sent.push(Uint8Array.from(bytes as Uint8Array));
        return BigInt((bytes as Uint8Array).length);
      },
      recv: (_, buffer) => {
        this.polls++;
        const next = this.incoming.shift() ?? 'EAGAIN';
        if (typeof next === 'string') return this.#fail(next);
        (buffer as Uint8Array).set(next);
        return BigInt(next.length);
      },
      sendto: unused,
      recvfrom: unused,
      dup3: unused,
      close: unused,
      fchmod: (fd, mode) => {
        fchmodSync(Number(fd), Number(mode));
        return 0;
      },
      fchmodat: (directory, name, mode) =>
        this.#try(() => chmodSync(join(held(directory), nameOf(name)), Number(mode))),
      unlinkat: (directory, name) => this.#try(() => unlinkSync(join(held(directory), nameOf(name)))),
      geteuid: () => this.user,
    },
    () => this.#errno,
    (lastError) => ({
      ...fileDescriptors(unused, unused, unused, lastError),
      openSocket: () => ({
        fd: 1000,
        close: () => {
          this.closed++;
        },
      }),
    }),
  );

  #try(change: () => void): number {
    try {
      change();
      return 0;
    } catch {
      return this.#fail('ENOENT');
    }
  }

  #fail(name: Failure): number {
    this.#errno = constants.errno[name];
    return -1;
  }
}

/** The current path of an open directory, even if it was moved. */
function held(directory: unknown): string {
  return readlinkSync(`/proc/self/fd/${directory}`);
}

function nameOf(name: unknown): string {
  return Buffer.from(name as Uint8Array)
    .toString()
    .slice(0, -1);
}

function pathOf(address: number | bigint | Uint8Array | undefined): string {
  return Buffer.from(address as Uint8Array)
    .subarray(2, -1)
    .toString();
}
