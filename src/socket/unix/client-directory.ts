/**
 * Where our own end of a Unix socket lives: chronyd answers to an address, so ours must have one. It is `s`
 * in a fresh, randomly named directory beside chronyd's socket, which chronyd's user can reach and only we
 * can change.
 */
import { nodeFs, nodePath } from '../../util/builtins.ts';
import { lastError, systemCallError } from './errors.ts';
import type { Libc } from './libc.ts';
import { unixAddress } from './sockaddr.ts';

/** `/cw-XXXXXX/s` is shorter than `/chronyd.sock`: where that one's path fits into an address, ours does. */
const DIRECTORY = 'cw-';
const SOCKET = 's';

/** Others may pass through it, and not look. */
const PASSABLE = 0o711;
/** chronyd, whatever its user, must be able to send to the socket. */
const WRITABLE = 0o666;

/** A path as long as our socket's beside the given one. */
export function clientPath(server: string): string {
  const { dirname, join } = nodePath();
  return join(dirname(server), `${DIRECTORY}XXXXXX`, SOCKET);
}

export class ClientDirectory {
  readonly #directory: string;

  /** @throws Error of the system, e.g. EACCES */
  constructor(server: string) {
    const { dirname, join } = nodePath();
    this.#directory = nodeFs().mkdtempSync(join(dirname(server), DIRECTORY));
  }

  /**
   * Gives the socket its address here.
   *
   * Whoever owns the directory around it, which may be a hijacked chronyd, could put a symbolic link in its
   * place while we, perhaps as root, change modes. So it is held open, seen to be ours, and modes are changed
   * by what is held, not by path.
   *
   * @throws Error of the system
   */
  bind(libc: Libc, fd: number): void {
    const { closeSync, constants, fstatSync, openSync } = nodeFs();
    const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW } = constants;
    const path = nodePath().join(this.#directory, SOCKET);
    const held = openSync(this.#directory, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
    try {
      const { uid } = fstatSync(held);
      if (uid !== libc.geteuid()) throw systemCallError('fstat', 'EPERM');
      if (libc.fchmod(held, PASSABLE) === -1) throw lastError(libc, 'fchmod');
      if (libc.bind(fd, unixAddress(path)) === -1) throw lastError(libc, 'bind');
      if (libc.fchmodat(held, SOCKET, WRITABLE) === -1) throw lastError(libc, 'fchmodat');
    } finally {
      closeSync(held);
    }
  }

  /** Removes it. What cannot be removed stays, and is in nobody's way: the next one has another name. */
  remove(): void {
    const { rmdirSync, unlinkSync } = nodeFs();
    try {
      unlinkSync(nodePath().join(this.#directory, SOCKET));
    } catch {}
    try {
      rmdirSync(this.#directory);
    } catch {}
  }
}
