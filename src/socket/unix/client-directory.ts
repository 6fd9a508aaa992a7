/**
 * The directory of the client's Unix socket. chronyd sends a reply to the path of a socket, so the client's socket
 * needs a path. The path is the file `s` in a new, randomly named directory beside chronyd's socket. chronyd's user can
 * access that directory; only the client's user can change it.
 *
 * The directory of chronyd's socket may be under the control of a compromised chronyd. That chronyd could replace our
 * directory with a symbolic link while this process, perhaps as root, changes modes or removes files. So our directory
 * is opened, its owner is checked, and its content is changed through the descriptor, not by path. Only the empty
 * directory is removed by path, which does not follow links.
 */
import { nodeFs, nodePath } from '../../util/builtins.ts';
import { monotonicMs } from '../../util/timers.ts';
import { systemCallError } from './errors.ts';
import type { Libc } from './libc.ts';
import { unixAddress } from './sockaddr.ts';

/** `/cw-XXXXXX/s` is shorter than `/chronyd.sock`: if the path of that socket is short enough, ours is, too. */
const DIRECTORY = 'cw-';
const SOCKET = 's';
const DIRECTORY_NAME = /^cw-[A-Za-z0-9]{6}$/;

/** The mode of a new directory, until its socket is bound. */
const PRIVATE = 0o700;
/** The mode afterwards: other users may access the socket, but not list the directory. */
const PASSABLE = 0o711;
/** The mode of the socket: chronyd, which may run as any user, must be able to send to it. */
const WRITABLE = 0o666;

/** More time than any process needs to bind a socket. */
const BINDING_MS = 10_000;

/** A thread that opens many sockets sweeps at most once in this interval, because a sweep takes time. */
const SWEEP_INTERVAL_MS = 1000;
/** The limits of a sweep, in bytes and in entries, so that a full directory does not delay the process. */
const LARGEST_DIRECTORY = 1 << 20;
const MAX_ENTRIES = 1000;

/** The directory and the time of this thread's last sweep. */
let lastSweep = { parent: '', atMs: Number.NEGATIVE_INFINITY };

/** Returns a path with the length of the client's path, for a given path of the server. */
export function clientPathTemplate(server: string): string {
  const { dirname, join } = nodePath();
  return join(dirname(server), `${DIRECTORY}XXXXXX`, SOCKET);
}

export class ClientDirectory {
  readonly path: string;
  readonly #libc: Libc;
  readonly #parent: string;

  /** @throws the system's error, e.g. EACCES */
  constructor(libc: Libc, server: string) {
    const { dirname, join } = nodePath();
    this.#libc = libc;
    this.#parent = dirname(server);
    this.path = nodeFs().mkdtempSync(join(this.#parent, DIRECTORY));
  }

  /**
   * Binds the socket to its path in this directory.
   *
   * @throws the system's error
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

  /** Removes the directory. If that fails, a later {@link sweep} removes it. */
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
   * Removes the directories beside this one whose process or thread has ended without removing them. Such a directory
   * belongs to this user, and is empty or contains only a socket that no process uses. Connecting to the socket shows
   * if it is used; the list of processes would not show the processes of other containers. Does nothing if this thread
   * has swept the directory within the last second.
   *
   * @param fd - a socket that is neither bound nor connected; it can be connected to another address afterwards
   */
  sweep(fd: number): void {
    const { readdirSync, statSync } = nodeFs();
    const { basename, join } = nodePath();
    const own = basename(this.path);
    const now = monotonicMs();
    if (lastSweep.parent === this.#parent && now - lastSweep.atMs < SWEEP_INTERVAL_MS) return;
    lastSweep = { parent: this.#parent, atMs: now };
    try {
      if (statSync(this.#parent).size > LARGEST_DIRECTORY) return;
      const names = readdirSync(this.#parent).filter((name) => DIRECTORY_NAME.test(name) && name !== own);
      for (const name of names.slice(0, MAX_ENTRIES)) {
        removeIfAbandoned(this.#libc, fd, join(this.#parent, name));
      }
    } catch {
      // this user cannot list the directory
    }
  }
}

function removeIfAbandoned(libc: Libc, fd: number, directory: string): void {
  const { fstatSync, lstatSync, readdirSync, rmdirSync } = nodeFs();
  const socket = nodePath().join(directory, SOCKET);
  const address = unixAddress(socket);
  const isDead = (): boolean => {
    if (libc.connect(fd, address) !== -1) return false;
    // any other error means that the socket is in use, e.g. EPERM if it is connected to chronyd
    return ['ECONNREFUSED', 'ENOENT'].includes(libc.lastError());
  };
  if (!isDead()) return;
  try {
    const held = libc.descriptors.openDirectory(directory);
    try {
      if (!isOurs(libc, held.fd)) return;
      const { mode, mtimeMs } = fstatSync(held.fd);
      const isBound = (mode & 0o7777) === PASSABLE;
      // chronyd may have set this clock in either direction
      const isOld = Math.abs(Date.now() - mtimeMs) > BINDING_MS;
      if (!isBound && !((mode & 0o7777) === PRIVATE && isOld)) return;
      // check again: a socket that was being bound also seemed dead, but now the mode shows that it is bound
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
    // another process may have removed it first
  }
}

function isOurs(libc: Libc, fd: number): boolean {
  return nodeFs().fstatSync(fd).uid === libc.geteuid();
}
