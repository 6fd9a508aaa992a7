/**
 * Where our own end of a Unix socket lives: chronyd answers to an address, so ours must have one. It is `s`
 * in a fresh, randomly named directory beside chronyd's socket, which chronyd's user can reach and only we
 * can change.
 *
 * chronyd's directory may belong to a hijacked chronyd. That could put a symbolic link in the place of our directory while
 * this process, perhaps as root, changes modes or removes files. So our directory is opened, its owner is checked, and its
 * content is changed by the descriptor, not by path. Only the empty directory is removed by path, which follows no link.
 */
import { nodeFs, nodePath } from '../../util/builtins.ts';
import { monotonicMs } from '../../util/timers.ts';
import { systemCallError } from './errors.ts';
import type { Libc } from './libc.ts';
import { unixAddress } from './sockaddr.ts';

/** `/cw-XXXXXX/s` is shorter than `/chronyd.sock`: where that one's path fits into an address, ours does. */
const DIRECTORY = 'cw-';
const SOCKET = 's';
const DIRECTORY_NAME = /^cw-[A-Za-z0-9]{6}$/;

/** As it is made, and until its socket is bound. */
const PRIVATE = 0o700;
/** From then on: others may pass through it, and not look. */
const PASSABLE = 0o711;
/** chronyd, whatever its user, must be able to send to the socket. */
const WRITABLE = 0o666;

/** Longer than anybody takes to bind a socket. */
const BINDING_MS = 10_000;

/** A thread that opens many sockets sweeps now and then, so that it costs them nothing. */
const SWEEP_INTERVAL_MS = 1000;
/** Limits of a sweep, in bytes and in entries, so that a full directory does not hold up the process. */
const LARGEST_DIRECTORY = 1 << 20;
const MOST_AT_A_TIME = 1000;

/** What this thread swept last, and when. */
let swept = { parent: '', atMs: Number.NEGATIVE_INFINITY };

/** A path as long as our socket's beside the given one. */
export function clientPath(server: string): string {
  const { dirname, join } = nodePath();
  return join(dirname(server), `${DIRECTORY}XXXXXX`, SOCKET);
}

export class ClientDirectory {
  readonly path: string;
  readonly #libc: Libc;
  readonly #parent: string;

  /** @throws Error of the system, e.g. EACCES */
  constructor(libc: Libc, server: string) {
    const { dirname, join } = nodePath();
    this.#libc = libc;
    this.#parent = dirname(server);
    this.path = nodeFs().mkdtempSync(join(this.#parent, DIRECTORY));
  }

  /**
   * Gives the socket its address here.
   *
   * @throws Error of the system
   */
  bind(fd: number): void {
    const libc = this.#libc;
    const held = libc.descriptors.openDirectory(this.path);
    const { fd: directory } = held;
    try {
      if (!isOurs(libc, directory)) throw systemCallError('fstat', 'EPERM');
      if (libc.bind(fd, unixAddress(nodePath().join(this.path, SOCKET))) === -1) throw libc.error('bind');
      if (libc.fchmodat(directory, SOCKET, WRITABLE) === -1) throw libc.error('fchmodat');
      if (libc.fchmod(directory, PASSABLE) === -1) throw libc.error('fchmod');
    } finally {
      held.close();
    }
  }

  /** Removes it. What cannot be removed now is left to the next {@link sweep}. */
  remove(): void {
    try {
      const held = this.#libc.descriptors.openDirectory(this.path);
      if (isOurs(this.#libc, held.fd)) this.#libc.unlinkat(held.fd, SOCKET);
      held.close();
    } catch {}
    try {
      nodeFs().rmdirSync(this.path);
    } catch {}
  }

  /**
   * Removes the directories beside this one whose process or thread has ended without removing them: ours, with nothing
   * but a socket on which nobody listens, or with nothing. Whether somebody listens is asked of the kernel: the processes
   * of other containers are not to be seen. Does nothing if this thread did it within the last second.
   *
   * @param fd - a socket, neither bound nor connected yet; it may be connected to another afterwards
   */
  sweep(fd: number): void {
    const { readdirSync, statSync } = nodeFs();
    const { basename, join } = nodePath();
    const own = basename(this.path);
    const now = monotonicMs();
    if (swept.parent === this.#parent && now - swept.atMs < SWEEP_INTERVAL_MS) return;
    swept = { parent: this.#parent, atMs: now };
    try {
      if (statSync(this.#parent).size > LARGEST_DIRECTORY) return;
      const names = readdirSync(this.#parent).filter((name) => DIRECTORY_NAME.test(name) && name !== own);
      for (const name of names.slice(0, MOST_AT_A_TIME)) {
        removeIfLeft(this.#libc, fd, join(this.#parent, name));
      }
    } catch {
      // what cannot be seen is left to somebody who can see it
    }
  }
}

function removeIfLeft(libc: Libc, fd: number, directory: string): void {
  const { fstatSync, lstatSync, readdirSync, rmdirSync } = nodeFs();
  const socket = nodePath().join(directory, SOCKET);
  const address = unixAddress(socket);
  const isDead = (): boolean => {
    if (libc.connect(fd, address) !== -1) return false;
    // anything else is a socket in use, e.g. EPERM, as it is connected to chronyd
    return ['ECONNREFUSED', 'ENOENT'].includes(libc.lastError());
  };
  if (!isDead()) return;
  try {
    const held = libc.descriptors.openDirectory(directory);
    try {
      if (!isOurs(libc, held.fd)) return;
      const { mode, mtimeMs } = fstatSync(held.fd);
      const isBound = (mode & 0o7777) === PASSABLE;
      // by a clock that chronyd sets, in either direction
      const isOld = Math.abs(Date.now() - mtimeMs) > BINDING_MS;
      if (!isBound && !((mode & 0o7777) === PRIVATE && isOld)) return;
      // a socket that is being bound seems dead, too; now it is known to be bound
      if (!isDead()) return;
      const [name, ...more] = readdirSync(directory);
      if (name !== undefined) {
        if (name !== SOCKET || more.length > 0 || !lstatSync(socket).isSocket()) return;
        libc.unlinkat(held.fd, SOCKET);
      }
    } finally {
      held.close();
    }
    rmdirSync(directory);
  } catch {
    // another process may be quicker
  }
}

function isOurs(libc: Libc, fd: number): boolean {
  return nodeFs().fstatSync(fd).uid === libc.geteuid();
}
