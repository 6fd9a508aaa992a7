/** A C library whose socket does what a test says; the real one does the rest. */
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
  /** What comes in, in order; an error by its name. Then there is nothing. */
  readonly incoming: (Uint8Array | Failure)[] = [];
  readonly sent: Uint8Array[] = [];
  /** How many times it was looked at. */
  looks = 0;
  /** What the next sends come to, where not well. */
  readonly sendFailures: Failure[] = [];
  connectFailure: Failure | null = null;
  closed = 0;
  /** Where it is bound, and connected to. */
  readonly addresses: string[] = [];
  user = process.geteuid?.() ?? 0;
  /** Done before it is bound. */
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
        this.looks++;
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

/** What is held open, whatever its path leads to by now. */
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
