/** The functions of the system's C library that a Unix datagram socket needs, for all foreign function interfaces. */
import { nodeOs } from '../../util/builtins.ts';
import { type Descriptors, fileDescriptors, type LastError } from './descriptors.ts';
import { systemCallError } from './errors.ts';

/** The C types that are used. `bytes` is a pointer to the bytes of a `Uint8Array`. */
export type CType = 'int' | 'unsigned' | 'size' | 'ssize' | 'bytes';

/** macOS does not have dup3(); its dup2() ignores the third argument. */
const DUP3 = (process.platform === 'darwin' ? 'dup2' : 'dup3') as 'dup3';

/** The signatures of the functions: the type of the result, then the types of the arguments. */
const SIGNATURES = {
  socket: ['int', 'int', 'int', 'int'],
  bind: ['int', 'int', 'bytes', 'unsigned'],
  connect: ['int', 'int', 'bytes', 'unsigned'],
  send: ['ssize', 'int', 'bytes', 'size', 'int'],
  recv: ['ssize', 'int', 'bytes', 'size', 'int'],
  sendto: ['ssize', 'int', 'bytes', 'size', 'int', 'bytes', 'unsigned'],
  recvfrom: ['ssize', 'int', 'bytes', 'size', 'int', 'bytes', 'bytes'],
  close: ['int', 'int'],
  [DUP3]: ['int', 'int', 'int', 'int'],
  fchmod: ['int', 'int', 'unsigned'],
  fchmodat: ['int', 'int', 'bytes', 'unsigned', 'int'],
  unlinkat: ['int', 'int', 'bytes', 'int'],
  geteuid: ['unsigned'],
} as const satisfies Record<string, readonly [CType, ...CType[]]>;

export type FunctionName = keyof typeof SIGNATURES;

/** A C function, as provided by a foreign function interface. A `size` is passed as a bigint. */
export type NativeFunction = (...args: (number | bigint | Uint8Array)[]) => number | bigint;

type NativeFunctions = Readonly<Record<FunctionName, NativeFunction>>;

/** Maps the signature of each function to a value, e.g. to its declaration for a foreign function interface. */
export function mapSignatures<T>(
  make: (name: FunctionName, result: CType, args: readonly CType[]) => T,
): Record<FunctionName, T> {
  const entries = Object.entries(SIGNATURES).map(([name, [result, ...args]]) => [
    name,
    make(name as FunctionName, result, args),
  ]);
  return Object.fromEntries(entries) as Record<FunctionName, T>;
}

/** The functions of the C library, and its last error on this thread. A result of -1 is an error. */
export class Libc {
  /** The name of the foreign function interface, e.g. `node:ffi`. */
  readonly backend: string;
  readonly #c: NativeFunctions;
  readonly #errno: () => number;
  readonly descriptors: Descriptors;

  /**
   * @param functions - the C functions; their results are not checked
   * @param errno - reads `errno`, right after a call
   * @param descriptors - creates descriptors; omitted if the runtime closes the files of a thread that has ended
   */
  constructor(
    backend: string,
    functions: NativeFunctions,
    errno: () => number,
    descriptors: (lastError: LastError) => Descriptors = (lastError) =>
      fileDescriptors(functions.socket, functions[DUP3], functions.close, lastError),
  ) {
    this.backend = backend;
    this.#c = functions;
    this.#errno = errno;
    this.descriptors = descriptors((call) => this.error(call));
  }

  bind(fd: number, address: Uint8Array): number {
    return Number(this.#c.bind(fd, address, address.length));
  }

  connect(fd: number, address: Uint8Array): number {
    return Number(this.#c.connect(fd, address, address.length));
  }

  send(fd: number, bytes: Uint8Array, flags: number): number {
    return Number(this.#c.send(fd, bytes, BigInt(bytes.length), flags));
  }

  recv(fd: number, buffer: Uint8Array, flags: number): number {
    return Number(this.#c.recv(fd, buffer, BigInt(buffer.length), flags));
  }

  sendTo(fd: number, bytes: Uint8Array, flags: number, address: Uint8Array): number {
    return Number(this.#c.sendto(fd, bytes, BigInt(bytes.length), flags, address, address.length));
  }

  /**
   * @param length - the length of `address` in bytes, in native byte order; afterwards, the length of the sender's
   * address
   */
  receiveFrom(
    fd: number,
    buffer: Uint8Array,
    flags: number,
    address: Uint8Array,
    length: Uint32Array<ArrayBuffer>,
  ): number {
    const lengthBytes = new Uint8Array(length.buffer);
    return Number(this.#c.recvfrom(fd, buffer, BigInt(buffer.length), flags, address, lengthBytes));
  }

  /** Changes the mode of a descriptor. Node's permission model allows it, unlike `fs.fchmod()`. */
  fchmod(fd: number, mode: number): number {
    return Number(this.#c.fchmod(fd, mode));
  }

  /** Changes the mode of a file in an open directory. */
  fchmodat(directory: number, name: string, mode: number): number {
    return Number(this.#c.fchmodat(directory, Buffer.from(`${name}\0`), mode, 0));
  }

  /** Removes a file in an open directory. */
  unlinkat(directory: number, name: string): number {
    return Number(this.#c.unlinkat(directory, Buffer.from(`${name}\0`), 0));
  }

  /** The effective user of this process. Needs no additional permission in Deno, unlike `process.geteuid()`. */
  geteuid(): number {
    return Number(this.#c.geteuid());
  }

  /** The error of a failed call. Must be called right after it. */
  error(call: string): NodeJS.ErrnoException {
    return systemCallError(call, this.lastError());
  }

  /** The name of the last error, e.g. `EAGAIN`. Must be called right after the failed call. */
  lastError(): string {
    const number = this.#errno();
    return errorNames().get(number) ?? `errno ${number}`;
  }
}

let names: ReadonlyMap<number, string> | undefined;

function errorNames(): ReadonlyMap<number, string> {
  // EAGAIN has two names; reversing the list gives preference to the usual name, which comes first
  names ??= new Map(
    Object.entries(nodeOs().constants.errno)
      .map(([name, number]) => [number, name] as const)
      .reverse(),
  );
  return names;
}

/** The name of the system's function that returns the address of `errno`. */
export function errnoLocation(): string {
  switch (process.platform) {
    case 'linux':
      return '__errno_location';
    case 'darwin':
    case 'freebsd':
      return '__error';
    default: // OpenBSD, NetBSD, Android
      return '__errno';
  }
}

/** The possible file names of the C library, for interfaces that cannot use the process itself as a library. */
function libcFiles(): readonly string[] {
  switch (process.platform) {
    case 'darwin':
      return ['libSystem.B.dylib'];
    case 'freebsd':
      return ['libc.so.7'];
    default:
      // glibc, musl, Android
      return ['libc.so.6', `libc.musl-${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}.so.1`, 'libc.so'];
  }
}

/** Opens the first C library that exists. @throws the error for the last file, if none exists */
export function openFirst<T>(open: (file: string) => T): T {
  let failure: unknown;
  for (const file of libcFiles()) {
    try {
      return open(file);
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
}
