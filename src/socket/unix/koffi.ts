/**
 * The C library by the npm package koffi, an optional peer: for Node.js 20 to 24, which have nothing of their
 * own.
 */

import { nodeFs } from '../../util/builtins.ts';
import { isExhaustion } from '../system-error.ts';
import { type CType, Libc, mapSignatures, type NativeFunction } from './libc.ts';

interface Koffi {
  load(path: string | null): { func(name: string, result: string, args: readonly string[]): NativeFunction };
  errno(): number;
}

const TYPES: Readonly<Record<CType, string>> = {
  int: 'int',
  unsigned: 'unsigned int',
  size: 'size_t',
  // of the same size wherever there are Unix sockets
  ssize: 'long',
  bytes: 'void *',
};

/** More than loading it has open at any moment. */
const DESCRIPTORS = 4;

/** Null where it is not installed. @throws Error if it is, and broken. */
export async function koffi(): Promise<Libc | null> {
  checkDescriptors();
  const found = await find('koffi');
  if (found === null) return null;
  // null: the process itself, which has the C library in it
  const c = found.load(null);
  return new Libc(
    'koffi',
    mapSignatures((name, result, args) =>
      c.func(
        name,
        TYPES[result],
        args.map((type) => TYPES[type]),
      ),
    ),
    () => found.errno(),
  );
}

/**
 * Node.js remembers for good that an import failed, or that a package was not found, even if only because there
 * was no descriptor left at that moment. So it is not tried then.
 *
 * @throws Error `EMFILE`, `ENFILE`
 */
function checkDescriptors(): void {
  const { closeSync, openSync } = nodeFs();
  const open: number[] = [];
  try {
    while (open.length < DESCRIPTORS) open.push(openSync('/dev/null', 'r'));
  } catch (error) {
    // a runtime's permissions do not matter here
    if (isExhaustion(error as Error)) throw error;
  } finally {
    for (const fd of open) closeSync(fd);
  }
}

/**
 * Beside this package, where its peers are; or, where this package was bundled into a program, beside the
 * program.
 */
async function find(name: string): Promise<Koffi | null> {
  try {
    // the name is not written out, so that no bundler looks for a package that may not be there
    const module: { default: Koffi } = await import(/* webpackIgnore: true */ /* @vite-ignore */ name);
    return module.default;
  } catch (error) {
    // Jest runs code where import() is not allowed; there the program's require() finds the package
    if (!isMissing(error, name) && !isWithoutImport(error)) throw error;
  }
  const [, program] = process.argv;
  const { existsSync, realpathSync } = nodeFs();
  if (program === undefined || !existsSync(program)) return null;
  const { createRequire } = process.getBuiltinModule('node:module');
  try {
    return createRequire(realpathSync(program))(name);
  } catch (error) {
    if (!isMissing(error, name)) throw error;
    return null;
  }
}

/** True if the code runs in a context of `node:vm` that has no import(). */
function isWithoutImport(error: unknown): boolean {
  return String((error as NodeJS.ErrnoException).code).startsWith('ERR_VM_DYNAMIC_IMPORT_CALLBACK_MISSING');
}

/** True if it is the package that is missing, and not something that it wants to load. */
function isMissing(error: unknown, name: string): boolean {
  return /^Cannot find (?:package|module) '([^']+)'/.exec((error as Error).message)?.[1] === name;
}
