/** Files that only the operator is to read. */
import { open } from 'node:fs/promises';
import { ServerError } from './error.ts';

const OTHERS = 0o007;

/** What went wrong with a file, for a person. */
function explain(option: string, path: string, error: unknown): ServerError {
  const { code, message } = error as NodeJS.ErrnoException;
  const reason =
    code === 'ENOENT'
      ? 'there is no such file'
      : code === 'EACCES'
        ? 'this user may not read it'
        : code === 'EISDIR'
          ? 'it is a directory'
          : message;
  return new ServerError(`--${option} ${path}: ${reason}`, { cause: error });
}

/** @throws ServerError */
export async function readFileOf(option: string, path: string, isSecret: boolean): Promise<string> {
  try {
    await using file = await open(path);
    const { mode } = await file.stat();
    if (isSecret && (mode & OTHERS) !== 0) {
      throw new ServerError(
        `--${option} ${path}: others may read or change it, and it is a secret; chmod o= ${path}`,
      );
    }
    return await file.readFile('utf8');
  } catch (error) {
    throw error instanceof ServerError ? error : explain(option, path, error);
  }
}

/** Its lines but those that are empty; at least one. @throws ServerError */
export async function readSecrets(option: string, path: string): Promise<readonly string[]> {
  const lines = (await readFileOf(option, path, true)).split(/\r?\n/).filter((line) => line.trim() !== '');
  if (lines.length > 0) return lines;
  throw new ServerError(`--${option} ${path}: it is empty; write a line for each who may ask`);
}
