/**
 * The C library through the npm package koffi, an optional peer dependency, for Node.js 20 to 24, which have no foreign
 * function interface.
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
  // has the same size on all systems with Unix sockets
  ssize: 'long',
  bytes: 'void *',
};

/** More descriptors than loading koffi needs at the same time. */
const DESCRIPTORS = 4;

/** Returns null if koffi is not installed. @throws Error if it is installed, but cannot be loaded */
export async function koffi(): Promise<Libc | null> {
  checkDescriptors();
  const found = await find('koffi');
  if (found === null) return null;
  // null: the process itself, which contains the C library
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
 * Checks that enough descriptors are available. Node.js caches a failed import forever, and also that a package was not
 * found, even if the reason was a temporary lack of descriptors. So koffi must not be imported then.
 *
 * @throws Error `EMFILE`, `ENFILE`
 */
function checkDescriptors(): void {
  const { closeSync, openSync } = nodeFs();
  const open: number[] = [];
  try {
    while (open.length < DESCRIPTORS) open.push(openSync('/dev/null', 'r'));
  } catch (error) {
    // an error because of the runtime's permissions does not matter here
    if (isExhaustion(error as Error)) throw error;
  } finally {
    for (const fd of open) closeSync(fd);
  }
}

/**
 * Imports koffi from the location of this package; or, if this package was bundled into a program, from the location of
 * the program. Returns null if it is in neither.
 */
async function find(name: string): Promise<Koffi | null> {
  try {
    // the name is a variable, so that bundlers do not look for the package, which may not be installed
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

/** True if the package itself is missing, and not one of its dependencies. */
function isMissing(error: unknown, name: string): boolean {
  const { message, pnpCode } = error as Error & { readonly pnpCode?: string };
  // Yarn's Plug and Play has messages of its own
  if (pnpCode !== undefined) return message.includes(`Required package: ${name}`);
  return /^Cannot find (?:package|module) '([^']+)'/.exec(message)?.[1] === name;
}
