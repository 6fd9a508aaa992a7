/** Programs of the tests, bundled into build/ as plain JavaScript. */
import { basename, join } from 'node:path';
import { mustRun } from '../system/package/support/run.ts';
import { once } from './once.ts';

/**
 * Builds the bundle once for all test files and returns its path.
 *
 * @param program - path from the root; no two programs may have the same base name
 */
export async function bundle(program: string): Promise<string> {
  const name = basename(program, '.ts');
  const made = await once(`bundle-${name}`, async () => {
    await mustRun(process.execPath, ['esbuild.config.mjs', program]);
    return { of: program, path: join(process.cwd(), `build/${name}.js`) };
  });
  if (made.of !== program) throw new Error(`${made.of} has the name of ${program}`);
  return made.path;
}
