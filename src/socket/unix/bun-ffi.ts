/** The C library by `bun:ffi`. */
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

/** An address in memory: null for 0. */
type Pointer = number | null;

interface BunFfi {
  dlopen(
    file: string,
    symbols: Record<string, { readonly args: readonly string[]; readonly returns: string }>,
  ): { readonly symbols: Record<string, NativeFunction> };
  readonly read: { i32(pointer: number | bigint): number };
  /** A buffer whose memory is released by calling `release(memory, context)`. */
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

/** Null where there is no such module, as in a Bun of long ago. */
export function bunFfi(): Libc | null {
  // not import(): bundlers for other runtimes would stumble over the name
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
 * When a thread ends, Bun does not close the files that it has opened, but it releases the memory of its buffers. So each
 * descriptor is made a C stream, and the stream's memory a buffer that is released by fclose().
 *
 * A thread is terminated where a JavaScript function begins: from opening to making the buffer there is none.
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
    // to another length: so the memory is not handed over, but released at once
    return { fd: Number(fd), close: () => void buffer.transfer(0) };
  };
  return {
    openSocket: (domain, type) => openEither(null, domain, type | SOCK_CLOEXEC),
    openDirectory: (path) => openEither(Buffer.from(`${path}\0`), 0, 0),
  };
}
