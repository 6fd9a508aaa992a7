/**
 * The few functions of the system's C library that a Unix datagram socket takes, whoever calls them for us.
 */
import { nodeOs } from '../../util/builtins.ts';
import { type Descriptors, fileDescriptors, type LastError } from './descriptors.ts';
import { systemCallError } from './errors.ts';

/** C's types, as far as they are needed. `bytes` is a pointer to the bytes of a `Uint8Array`. */
export type CType = 'int' | 'unsigned' | 'size' | 'ssize' | 'bytes';

/** macOS has dup2() only; it ignores the third argument. */
const DUP3 = (process.platform === 'darwin' ? 'dup2' : 'dup3') as 'dup3';

/** Their signatures: the result's type, then the arguments'. */
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

/** A C function as a foreign function interface lends it. All of them take a bigint for a `size`. */
export type NativeFunction = (...args: (number | bigint | Uint8Array)[]) => number | bigint;

type NativeFunctions = Readonly<Record<FunctionName, NativeFunction>>;

/** Makes a value of each function's signature, e.g. what an interface wants for its declaration. */
export function mapSignatures<T>(
  make: (name: FunctionName, result: CType, args: readonly CType[]) => T,
): Record<FunctionName, T> {
  const entries = Object.entries(SIGNATURES).map(([name, [result, ...args]]) => [
    name,
    make(name as FunctionName, result, args),
  ]);
  return Object.fromEntries(entries) as Record<FunctionName, T>;
}

/** The functions, and the number of the last error on this thread. A result of -1 is an error. */
export class Libc {
  /** What lends them, e.g. `node:ffi`. */
  readonly backend: string;
  readonly #c: NativeFunctions;
  readonly #errno: () => number;
  readonly descriptors: Descriptors;

  /**
   * @param functions - with no check of their results
   * @param errno - reads the number, right after a call
   * @param descriptors - left out where the runtime closes the files that a thread has opened
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

  /** @param length - the bytes of `address`, in the processor's own order; afterwards, those of the sender's */
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

  /** Unlike `fs.fchmod()`, Node's permission model lets us have it. */
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

  /**
   * The user that this process acts as. Unlike `process.geteuid()`, Deno has it without a permission of its
   * own.
   */
  geteuid(): number {
    return Number(this.#c.geteuid());
  }

  /** The last error, of a call that failed. To be asked right after it. */
  error(call: string): NodeJS.ErrnoException {
    return systemCallError(call, this.lastError());
  }

  /** The name of the last error, e.g. `EAGAIN`. To be asked right after the call that failed. */
  lastError(): string {
    const number = this.#errno();
    return errorNames().get(number) ?? `errno ${number}`;
  }
}

let names: ReadonlyMap<number, string> | undefined;

function errorNames(): ReadonlyMap<number, string> {
  // EAGAIN goes by two names; the one that comes first is the usual one
  names ??= new Map(
    Object.entries(nodeOs().constants.errno)
      .map(([name, number]) => [number, name] as const)
      .reverse(),
  );
  return names;
}

/** The function that tells where `errno` is, by the system's own name for it. */
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

/** The C library's file, for those that cannot look into the process itself: the first that is there. */
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

/** Opens the first C library that is there. @throws what came of the last */
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
