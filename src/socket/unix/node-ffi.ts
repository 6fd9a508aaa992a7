/** The C library by `node:ffi`: Node.js 26.10 and later, 26.1 and later with `--experimental-ffi`. */
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

/**
 * Null where there is no such module. @throws Error `ERR_ACCESS_DENIED` if the permission model denies it.
 */
export function nodeFfi(): Libc | null {
  // a size_t of 32 bits is left to koffi
  if (process.arch === 'arm' || process.arch === 'ia32') return null;
  const ffi = withoutFfiWarning(() => process.getBuiltinModule('node:ffi')) as NodeFfi | undefined;
  if (ffi === undefined) return null;

  const location = errnoLocation();
  // null: the process itself, which has the C library in it
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
 * Node.js warns once, as it loads the module, that it is experimental: whoever runs a program that reads a
 * clock can do nothing about it. Node.js emits it during this one synchronous call, so nothing else is held
 * back.
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
