/**
 * Descriptors that are closed when their thread ends, even one that is terminated and runs no more JavaScript: a
 * descriptor is the process's, so a thread's end alone does not close it.
 */
import { nodeFs } from '../../util/builtins.ts';

/**
 * So that child processes do not inherit the descriptor. macOS has no flags for it, and its Node.js and Bun close all
 * descriptors in a child.
 */
const CLOSE_ON_EXEC: Readonly<
  Partial<Record<NodeJS.Platform, { readonly socket: number; readonly open: number }>>
> = {
  linux: { socket: 0o2000000, open: 0o2000000 },
  android: { socket: 0o2000000, open: 0o2000000 },
  freebsd: { socket: 0x10000000, open: 0x100000 },
  netbsd: { socket: 0x10000000, open: 0x400000 },
  openbsd: { socket: 0x8000, open: 0x10000 },
};
/** For socket(), and for open() and dup3(). */
export const { socket: SOCK_CLOEXEC, open: O_CLOEXEC } = CLOSE_ON_EXEC[process.platform] ?? {
  socket: 0,
  open: 0,
};

export interface Descriptor {
  readonly fd: number;
  close(): void;
}

/** A C function of numbers. */
type NumberFunction = (...args: (number | bigint)[]) => number | bigint;

/** The C library's last error, of that call. */
export type LastError = (call: string) => Error;

/** How a runtime opens them. */
export interface Descriptors {
  /**
   * Opens a socket, and leaves nothing of it to child processes.
   *
   * @param directory - one that may be opened
   * @throws Error of the system
   */
  openSocket(domain: number, type: number, directory: string): Descriptor;
  /** Opens a directory, and no symbolic link to one. @throws Error of the system */
  openDirectory(path: string): Descriptor;
}

/**
 * In Node.js and Deno, which close the files that a thread has opened. A socket takes over the descriptor of a file.
 *
 * A thread is terminated where a JavaScript function begins. So from socket() to close() there is none, except in
 * `node:ffi`, whose functions are JavaScript: there a thread that is terminated within these microseconds leaves a
 * descriptor behind.
 */
export function fileDescriptors(
  socket: NumberFunction,
  dup3: NumberFunction,
  close: NumberFunction,
  lastError: LastError,
): Descriptors {
  const openDirectory = (path: string): Descriptor => {
    const { closeSync, constants, openSync } = nodeFs();
    const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW } = constants;
    const fd = openSync(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
    return { fd, close: () => closeSync(fd) };
  };
  const openSocket = (domain: number, type: number, directory: string): Descriptor => {
    const file = openDirectory(directory);
    const bare = socket(domain, type | SOCK_CLOEXEC, 0);
    if (bare !== -1 && dup3(bare, file.fd, O_CLOEXEC) !== -1) {
      close(bare);
      return file;
    }
    const error = lastError('socket');
    if (bare !== -1) close(bare);
    file.close();
    throw error;
  };
  return { openDirectory, openSocket };
}
