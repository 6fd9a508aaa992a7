/** The C library through `node:ffi`: Node.js 26.10 and later, 26.1 and later with `--experimental-ffi`. */
import { type CType, errnoLocation, Libc, mapSignatures, type NativeFunction } from './libc.ts';

interface NodeFfi {
  dlopen(
    path: string | null,
    definitions: Record<string, { readonly arguments: readonly string[]; readonly return: string }>,
  ): { readonly functions: Record<string, NativeFunction> };
  toArrayBuffer(pointer: number | bigint, length: number, copy: boolean): ArrayBuffer;
}

const TYPES: Readonly<Record<CType, string>> = {
  int: 'int32',
  unsigned: 'uint32',
  size: 'uint64',
  ssize: 'int64',
  bytes: 'buffer',
};

/** Returns null if there is no such module. @throws Error `ERR_ACCESS_DENIED` if the permission model denies it */
export function nodeFfi(): Libc | null {
  // koffi is used if size_t has 32 bits
  if (process.arch === 'arm' || process.arch === 'ia32') return null;
  const ffi = withoutFfiWarning(() => process.getBuiltinModule('node:ffi')) as NodeFfi | undefined;
  if (ffi === undefined) return null;

  const location = errnoLocation();
  // null: the process itself, which contains the C library
  const { functions } = ffi.dlopen(null, {
    ...mapSignatures((_, result, args) => ({
      arguments: args.map((type) => TYPES[type]),
      return: TYPES[result],
    })),
    [location]: { arguments: [], return: 'pointer' },
  });
  const errno = new Int32Array(ffi.toArrayBuffer(functions[location]?.() ?? 0n, 4, false));
  return new Libc(
    'node:ffi',
    mapSignatures((name) => functions[name] as NativeFunction),
    () => errno[0] ?? 0,
  );
}

/**
 * Suppresses Node's warning that the module is experimental, because the user of a program can do nothing about it.
 * Node.js emits the warning during this synchronous call, so no other warning is suppressed.
 */
function withoutFfiWarning<T>(load: () => T): T {
  const { emitWarning } = process;
  process.emitWarning = (...args: unknown[]) => {
    const [warning, type] = args;
    if (type === 'ExperimentalWarning' && String(warning).startsWith('FFI ')) return;
    Reflect.apply(emitWarning, process, args);
  };
  try {
    return load();
  } finally {
    process.emitWarning = emitWarning;
  }
}
