/** Converts the errors of Unix sockets to this package's errors. */
import { ChronyConnectionError, type ChronyError, ChronyPermissionError } from '../../errors.ts';
import { OPEN_COMMANDS } from '../../sandbox/errors.ts';
import { nodeFs, nodePath } from '../../util/builtins.ts';
import { type Advice, systemError } from '../system-error.ts';

const OVER_UDP =
  'use UDP (127.0.0.1:323), with the reports opened in chrony.conf ' +
  `(chronyd 4.7 or later): ${OPEN_COMMANDS}`;

const CLOSED = 'chronyd has closed that socket; check that chronyd is running, and try again';

const ADVICE: Advice = {
  ENOENT: 'no socket is there; check that chronyd is running, and its bindcmdaddress',
  ENOTDIR: 'no socket is there; check the path',
  ELOOP: 'symbolic links in the path lead in a circle; check the path (namei -l)',
  ENAMETOOLONG: 'a name in the path is too long; check the path',
  ECONNREFUSED: 'no process listens on that socket any more; check that chronyd is running',
  ECONNRESET: CLOSED,
  ENOTCONN: CLOSED,
  EPIPE: CLOSED,
  ENOTSOCK: 'it is not a socket; check the path',
  EPROTOTYPE: "it is another kind of socket than chronyd's; check the path",
  ENOSPC: `its file system has no room for this process's own socket; free blocks (df) or inodes (df -i), or ${OVER_UDP}`,
  EDQUOT: `this user's disk quota leaves no room for this process's own socket; free some, or ${OVER_UDP}`,
  EMLINK: `the directory of chronyd's socket cannot hold another subdirectory, which this process needs for its own socket; remove some of the subdirectories, or ${OVER_UDP}`,
  EIO: `its file system has failed; check that and its disk (dmesg), or ${OVER_UDP}`,
  EADDRINUSE: "the name of this process's own socket is taken; try again",
  EEXIST: "the name of this process's own directory is taken; try again",
  EMSGSIZE: 'a request is too long for the socket; raise net.core.wmem_max',
  EAFNOSUPPORT: `this system has no Unix sockets; ${OVER_UDP}`,
  EPROTONOSUPPORT: `this system has no Unix datagram sockets; ${OVER_UDP}`,
  other: `the system reports an unexpected error; try again, or ${OVER_UDP}`,
};

/** The system denies the access. EROFS is included because no user may create a socket on a read-only file system. */
const DENIALS: ReadonlySet<string> = new Set(['EACCES', 'EPERM', 'EROFS']);
/** The runtime's permissions deny the access: Node.js, add-ons in Node.js, Deno. */
const RUNTIME_DENIALS: ReadonlySet<string> = new Set([
  'ERR_ACCESS_DENIED',
  'ERR_DLOPEN_DISABLED',
  'NotCapable',
]);

/** True if this user is known to be root. */
export function isSuperuser(): boolean {
  try {
    // Windows does not have geteuid()
    return process.geteuid?.() === 0;
  } catch {
    // Deno requires --allow-sys
    return false;
  }
}

/**
 * Returns the message of a Unix socket's error for a client that reaches chronyd over UDP: without the advice to use UDP,
 * or to check that chronyd is running.
 *
 * @param path - the path of chronyd's socket
 */
export function problemWithoutUdp(path: string, { message, cause }: ChronyError): string {
  if ((cause as NodeJS.ErrnoException | undefined)?.code === 'ENOENT') {
    return `${path}: no socket is there; check chronyd's bindcmdaddress; in a container, mount the directory`;
  }
  const [problem = message] = message.split(OVER_UDP, 1);
  return problem.replace(/[,;] (?:or )?$/, '');
}

/** Creates an error like Node's own errors, e.g. `connect ECONNREFUSED`. */
export function systemCallError(call: string, code: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${call} ${code}`), { code, syscall: call });
}

/** True if the runtime's permissions deny the access. */
export function isRuntimeDenial(error: unknown): boolean {
  return RUNTIME_DENIALS.has((error as NodeJS.ErrnoException).code ?? '');
}

/**
 * Creates the error for a failure of a Unix socket.
 *
 * @param path - the path of chronyd's socket
 * @param cause - the error of the runtime or the C library
 * @param isRoot - true if this user is root
 */
export function unixError(path: string, cause: Error, isRoot = isSuperuser()): ChronyError {
  const { code = cause.name, syscall } = cause as NodeJS.ErrnoException;
  const directory = nodePath().dirname(path);
  if (DENIALS.has(code)) {
    return new ChronyPermissionError(
      `${path}: ${code}; ${denial(directory, code, syscall, isRoot)}, or ${OVER_UDP}`,
      {
        cause,
      },
    );
  }
  if (RUNTIME_DENIALS.has(code)) {
    return new ChronyPermissionError(
      `${path}: ${code}; the runtime's permissions deny it. ` +
        `Run it with ${permissions(directory)}, or ${OVER_UDP}`,
      { cause },
    );
  }
  return systemError(path, cause, ADVICE);
}

/** The access that the system denies, and what to do about it. */
function denial(directory: string, code: string, syscall: string | undefined, isRoot: boolean): string {
  if (code === 'EROFS') {
    return 'its file system is read-only, but this process must create a socket there. Mount it writable';
  }
  const why =
    syscall === 'connect' || syscall === 'send' ? 'this user may not write to the socket' : owner(directory);
  if (isRoot) {
    return `${why}: root lacks CAP_DAC_OVERRIDE here, or a security module denies access. Add the capability, or check SELinux and AppArmor`;
  }
  return `${why}. Run as root or as chrony's user`;
}

/** The runtime's options that a Unix socket needs. */
function permissions(directory: string): string {
  if (process.versions['deno'] !== undefined) {
    return `--allow-ffi --allow-read=${directory} --allow-write=${directory}`;
  }
  return `--allow-ffi (--allow-addons for koffi) --allow-fs-read=${directory} --allow-fs-write=${directory}`;
}

/**
 * Creates the error for a runtime that cannot open the socket.
 *
 * @param why - the reason, and what to do about it
 * @param instead - an alternative to a Unix socket
 */
export function noBackend(
  path: string,
  why: string,
  cause?: unknown,
  instead = OVER_UDP,
): ChronyConnectionError {
  return new ChronyConnectionError(`${path}: ${why}; or ${instead}`, {
    code: 'ERR_CHRONY_NO_UNIX_SOCKET',
    ...(cause === undefined ? {} : { cause }),
  });
}

/** Describes who may use the directory, if this user can read its owner and mode. */
function owner(directory: string): string {
  try {
    const { uid, gid, mode } = nodeFs().statSync(directory);
    const names = `user ${nameOf('/etc/passwd', uid)} and group ${nameOf('/etc/group', gid)}`;
    const octal = (mode & 0o7777).toString(8).padStart(4, '0');
    return `${directory} belongs to ${names}, mode ${octal}, and this user may not create a socket there`;
  } catch {
    return `this user may not enter ${directory}`;
  }
}

/** Looks up the name of a user or a group by its number, which is the third field in the system's table. */
function nameOf(table: string, id: number): string {
  // Deno would prompt the user for permission
  if (process.versions['deno'] !== undefined) return String(id);
  try {
    const line = nodeFs()
      .readFileSync(table, 'utf8')
      .split('\n')
      .find((entry) => entry.split(':')[2] === String(id));
    return line === undefined ? String(id) : line.slice(0, line.indexOf(':'));
  } catch {
    return String(id);
  }
}
