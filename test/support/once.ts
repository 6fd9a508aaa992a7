/** What takes long, and is the same for all test files: made once, by the first of them that needs it. */
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

/** Makes the folder that all test files share, and which their processes know by the environment. */
function share(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'chrony-wasm-shared-')));
  process.env[VARIABLE] = folder;
  return folder;
}

/** That folder; outside of tests, one of this process. */
export function shared(): string {
  const known = process.env[VARIABLE];
  if (known !== undefined) return known;
  const folder = share();
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

type Outcome<T> = { readonly value: T } | { readonly error: string };

/** @param make - what it gives must survive JSON, and is made for all: whoever comes later waits for it */
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

/** True for the first of all test files that asks by that name. */
export function isFirst(name: string): boolean {
  try {
    mkdirSync(join(shared(), name));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}
