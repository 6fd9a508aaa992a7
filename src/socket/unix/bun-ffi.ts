/** The C library by `bun:ffi`. */
import { type CType, errnoLocation, Libc, mapSignatures, type NativeFunction, openFirst } from './libc.ts';

interface BunFfi {
  dlopen(
    file: string,
    symbols: Record<string, { readonly args: readonly string[]; readonly returns: string }>,
  ): { readonly symbols: Record<string, NativeFunction> };
  readonly read: { i32(pointer: number | bigint): number };
}

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
    }),
  );
  const errno = symbols[location]?.() ?? 0;
  return new Libc(
    'bun:ffi',
    mapSignatures((name) => symbols[name] as NativeFunction),
    () => ffi.read.i32(errno),
  );
}
