/** The C library through `bun:ffi`. */
import { nodeFs } from '../../util/builtins.ts';
import { type Descriptor, type Descriptors, type LastError, O_CLOEXEC, SOCK_CLOEXEC } from './descriptors.ts';
import {
  type CType,
  errnoLocation,
  type FunctionName,
  Libc,
  mapSignatures,
  type NativeFunction,
  openFirst,
} from './libc.ts';

/** A memory address; null for 0. */
type Pointer = number | null;

interface BunFfi {
  dlopen(
    file: string,
    symbols: Record<string, { readonly args: readonly string[]; readonly returns: string }>,
  ): { readonly symbols: Record<string, NativeFunction> };
  readonly read: { i32(pointer: number | bigint): number };
  /** Creates a buffer. When it is released, `release(memory, context)` is called. */
  toArrayBuffer(
    memory: Pointer,
    offset: number,
    length: number,
    context: Pointer,
    release: Pointer,
  ): ArrayBuffer & { transfer(length: number): ArrayBuffer };
}

type Symbols = Readonly<Record<FunctionName, NativeFunction>> & {
  readonly open: (path: Uint8Array, flags: number) => number;
  readonly fdopen: (fd: number | bigint, mode: Uint8Array) => Pointer;
  readonly fclose: { readonly ptr: Pointer };
};

const TYPES: Readonly<Record<CType, string>> = {
  int: 'i32',
  unsigned: 'u32',
  size: 'usize',
  ssize: 'i64_fast',
  bytes: 'buffer',
};

/** Returns null if there is no such module, as in old versions of Bun. */
export function bunFfi(): Libc | null {
  // not import(), because bundlers for other runtimes do not know this name
  const ffi = process.getBuiltinModule?.('bun:ffi') as BunFfi | undefined;
  if (ffi === undefined) return null;

  const location = errnoLocation();
  const { symbols } = openFirst((file) =>
    ffi.dlopen(file, {
      ...mapSignatures((_, result, args) => ({
        args: args.map((type) => TYPES[type]),
        returns: TYPES[result],
      })),
      [location]: { args: [], returns: 'ptr' },
      open: { args: ['buffer', 'i32'], returns: 'i32' },
      fdopen: { args: ['i32', 'buffer'], returns: 'ptr' },
      fclose: { args: ['ptr'], returns: 'i32' },
    }),
  );
  const errno = symbols[location]?.() ?? 0;
  return new Libc(
    'bun:ffi',
    mapSignatures((name) => symbols[name] as NativeFunction),
    () => ffi.read.i32(errno),
    (lastError) => streamDescriptors(ffi, symbols as unknown as Symbols, lastError),
  );
}

/**
 * When a thread ends, Bun does not close the thread's files, but it releases the memory of its buffers. So each
 * descriptor gets a C stream, and the memory of the stream becomes a buffer, which Bun releases by calling fclose().
 *
 * A thread can be terminated when a JavaScript function is called, so none is called between opening the descriptor and
 * creating the buffer.
 */
function streamDescriptors({ toArrayBuffer }: BunFfi, symbols: Symbols, lastError: LastError): Descriptors {
  const { socket, open, close, fdopen, fclose } = symbols;
  const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW } = nodeFs().constants;
  const flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
  const mode = Buffer.from('r\0');
  const release = fclose.ptr;
  const openEither = (path: Uint8Array | null, domain: number, type: number): Descriptor => {
    const fd = path === null ? socket(domain, type, 0) : open(path, flags);
    if (fd === -1) throw lastError(path === null ? 'socket' : 'open');
    const stream = fdopen(fd, mode);
    if (stream === null) {
      const error = lastError('fdopen');
      close(fd);
      throw error;
    }
    const buffer = toArrayBuffer(stream, 0, 1, stream, release);
    // another length means that the memory is not moved to a new buffer, but released at once
    return { fd: Number(fd), close: () => void buffer.transfer(0) };
  };
  return {
    openSocket: (domain, type) => openEither(null, domain, type | SOCK_CLOEXEC),
    openDirectory: (path) => openEither(Buffer.from(`${path}\0`), 0, 0),
  };
}
