/**
 * The C library through Deno's foreign function interface. `Deno.listenDatagram({ transport: 'unixpacket' })` is not
 * used. It needs `--unstable-net` and `--allow-net` instead of `--allow-ffi`, cannot send while it waits to receive,
 * and is not connected.
 */
import { type CType, errnoLocation, Libc, mapSignatures, type NativeFunction, openFirst } from './libc.ts';

interface Deno {
  dlopen(
    file: string,
    symbols: Record<string, { readonly parameters: readonly string[]; readonly result: string }>,
  ): { readonly symbols: Record<string, NativeFunction> };
  readonly UnsafePointerView: new (pointer: unknown) => { getInt32(): number };
  readonly permissions: { querySync(permission: { name: string }): { readonly state: string } };
}

const TYPES: Readonly<Record<CType, string>> = {
  int: 'i32',
  unsigned: 'u32',
  size: 'usize',
  ssize: 'isize',
  bytes: 'buffer',
};

function runtime(): Deno {
  return (globalThis as unknown as { Deno: Deno }).Deno;
}

/** True if the permission is granted. Only queries it: using the interface could prompt the user for permission. */
export function denoAllowsFfi(): boolean {
  return runtime().permissions.querySync({ name: 'ffi' }).state === 'granted';
}

export function denoFfi(): Libc {
  const { dlopen, UnsafePointerView } = runtime();
  const location = errnoLocation();
  const { symbols } = openFirst((file) =>
    dlopen(file, {
      ...mapSignatures((_, result, args) => ({
        parameters: args.map((type) => TYPES[type]),
        result: TYPES[result],
      })),
      [location]: { parameters: [], result: 'pointer' },
    }),
  );
  const errno = new UnsafePointerView(symbols[location]?.());
  return new Libc(
    'Deno.dlopen',
    mapSignatures((name) => symbols[name] as NativeFunction),
    () => errno.getInt32(),
  );
}
