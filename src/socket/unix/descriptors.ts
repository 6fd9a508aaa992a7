/**
 * Descriptors that are closed when their thread ends, even if the thread is terminated and can no longer run
 * JavaScript. A descriptor belongs to the process, so the end of a thread does not close it by itself.
 */
import { nodeFs } from '../../util/builtins.ts';

/**
 * The flags that prevent child processes from inheriting the descriptor. macOS has no such flags, but Node.js and Bun
 * on macOS close all descriptors in a child.
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
/** The flags for socket(), and for open() and dup3(). */
export const { socket: SOCK_CLOEXEC, open: O_CLOEXEC } = CLOSE_ON_EXEC[process.platform] ?? {
  socket: 0,
  open: 0,
};

export interface Descriptor {
  readonly fd: number;
  close(): void;
}

/** A C function that takes and returns numbers. */
type NumberFunction = (...args: (number | bigint)[]) => number | bigint;

/** Returns the C library's last error, which came from this call. */
export type LastError = (call: string) => Error;

/** Opens descriptors. The implementation depends on the runtime. */
export interface Descriptors {
  /**
   * Opens a socket that child processes do not inherit.
   *
   * @param directory - a directory that this process may open
   * @throws the system's error
   */
  openSocket(domain: number, type: number, directory: string): Descriptor;
  /** Opens a directory, but not a symbolic link to one. @throws the system's error */
  openDirectory(path: string): Descriptor;
}

/**
 * The implementation for Node.js and Deno, which close the files of a thread when it ends. The socket replaces an
 * opened file, with dup3(), and so has a descriptor that the runtime closes.
 *
 * A thread can be terminated when a JavaScript function is called. So no JavaScript function is called between socket()
 * and close(). The functions of `node:ffi` are an exception, because they are JavaScript: if the thread is terminated
 * within these microseconds, a descriptor stays open.
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
