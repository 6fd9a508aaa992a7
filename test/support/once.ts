/** Caches slow results that all test files share. The first test file that needs a result computes it. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const VARIABLE = 'CHRONY_TESTS_SHARE';

/** Creates the folder that all test files share. Their processes find it through an environment variable. */
function share(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'chrony-wasm-shared-')));
  process.env[VARIABLE] = folder;
  return folder;
}

/** The shared folder; outside of tests, a folder of this process. */
export function shared(): string {
  const known = process.env[VARIABLE];
  if (known !== undefined) return known;
  const folder = share();
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

type Outcome<T> = { readonly value: T } | { readonly error: string };

/**
 * Computes a value once for all test files; later callers wait for it.
 *
 * @param make - computes the value, which must survive JSON serialization
 */
export async function once<T>(name: string, make: () => Promise<T>): Promise<T> {
  const file = join(shared(), `${name}.json`);
  if (isFirst(`${name}.lock`)) {
    const outcome: Outcome<T> = await make().then(
      (value) => ({ value }),
      (error) => ({ error: error instanceof Error ? error.message : String(error) }),
    );
    writeFileSync(`${file}.new`, JSON.stringify(outcome));
    renameSync(`${file}.new`, file);
  }
  while (!existsSync(file)) await sleep(50);
  const outcome: Outcome<T> = JSON.parse(readFileSync(file, 'utf8'));
  if ('error' in outcome) throw new Error(outcome.error);
  return outcome.value;
}

/** Whether this is the first call with this name, across all test files. */
export function isFirst(name: string): boolean {
  try {
    mkdirSync(join(shared(), name));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}
