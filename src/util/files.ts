/** Files that the operator provides, such as certificates. They are read at the start, and again after each change. */
import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';

/** The permissions of other users. */
const OTHERS = 0o007;

/** Some editors write this at the start of a UTF-8 file. */
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

/** The largest accepted file. The content stays in memory. */
const MAX_MB = 16;
const MAX_BYTES = MAX_MB * 2 ** 20;
const CHUNK_BYTES = 2 ** 16;

/** Two changes of a file within this time may have the same timestamp. */
const SAME_TIME_MS = 50;

/** The reason why a file cannot be read, for a message. */
function reasonOf({ code, message }: NodeJS.ErrnoException): string {
  switch (code) {
    case 'ENOENT':
      return 'there is no such file';
    case 'EACCES':
      return 'this user has no permission to read it';
    case 'EISDIR':
      return 'it is a directory';
    default:
      return message;
  }
}

/** A file, or inline text in the configuration. */
export interface Source {
  /** The name in messages. */
  readonly name: string;
  /** Null for inline text. */
  readonly path: string | null;
  /** True if the configuration names the file without a folder; it is then in the folder of the configuration. */
  readonly isBeside: boolean;
  readonly text: string;
}

/** The result of reading a file. */
interface Reading {
  /** The file's {@link signatureOf} at that time; empty if it must be read again. */
  readonly signature: string;
  /** The content without a byte order mark; or the error. */
  readonly content: Buffer | NodeJS.ErrnoException;
  /** True if other users may read or change it. */
  readonly isOpenToOthers: boolean;
  /** False for a pipe, for example, which cannot be read twice. */
  readonly isRegular: boolean;
}

/** Returns a text that changes with the file. Does not open the file, because opening a pipe would block. */
export function signatureOf(path: string): string {
  try {
    const { dev, ino, mode, size, mtimeNs, ctimeNs } = statSync(path, { bigint: true });
    return [dev, ino, mode, size, mtimeNs, ctimeNs].join(' ');
  } catch (error) {
    return String((error as NodeJS.ErrnoException).code);
  }
}

function isSame(a: Reading['content'], b: Reading['content']): boolean {
  if (a instanceof Error || b instanceof Error) {
    return a instanceof Error && b instanceof Error && a.code === b.code;
  }
  return a.equals(b);
}

/** Does not rely on the size from the system: a device has no size, and may have no end. */
function readAll(descriptor: number): Buffer {
  const chunks: Buffer[] = [];
  for (let bytes = 0; bytes <= MAX_BYTES; ) {
    const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
    const length = readSync(descriptor, chunk);
    if (length === 0) return Buffer.concat(chunks, bytes);
    chunks.push(chunk.subarray(0, length));
    bytes += length;
  }
  throw Object.assign(new Error(`it is larger than ${MAX_MB} MB`), { code: 'EFBIG' });
}

function readFile(path: string): Reading {
  let descriptor: number | undefined;
  // taken before the content is read, so that a change in between is detected the next time
  let signature = signatureOf(path);
  try {
    descriptor = openSync(path, 'r');
    const stats = fstatSync(descriptor);
    const bytes = readAll(descriptor);
    const isMarked = bytes.subarray(0, BYTE_ORDER_MARK.length).equals(BYTE_ORDER_MARK);
    if (Math.abs(Date.now() - stats.mtimeMs) < SAME_TIME_MS) signature = '';
    return {
      signature,
      content: bytes.subarray(isMarked ? BYTE_ORDER_MARK.length : 0),
      isOpenToOthers: (stats.mode & OTHERS) !== 0,
      isRegular: stats.isFile(),
    };
  } catch (error) {
    const content = error as NodeJS.ErrnoException;
    return { signature, content, isOpenToOthers: false, isRegular: true };
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

/**
 * Creates the error for a file that cannot be read.
 *
 * @param where - the name and the path of the file
 * @param options - contains the system's error as `cause`
 */
type ErrorOf = (where: string, problem: string, options: ErrorOptions) => Error;

/** Reads files and detects their changes. The files of new settings replace the old ones only after {@link commit}. */
export class Files {
  readonly #errorOf: ErrorOf;
  #readings = new Map<string, Reading>();
  /** The files of the current settings. */
  #used: ReadonlySet<string> = new Set();
  /** The files of the settings that were read last, which may be invalid. */
  #tried = new Set<string>();

  constructor(errorOf: ErrorOf) {
    this.#errorOf = errorOf;
  }

  /** Begins new settings: the files that are read from now on belong to them. */
  begin(): void {
    this.#tried = new Set();
  }

  /** Makes the new settings the current ones. From now on, only their files are watched. */
  commit(): void {
    this.#used = this.#tried;
  }

  /**
   * Returns the content of a file, as of the last check for changes.
   *
   * @param name - the name of the file in messages
   * @throws the error from the constructor's `errorOf`
   */
  read(name: string, path: string): Buffer {
    const { content } = this.#reading(path);
    if (content instanceof Error) {
      throw this.#errorOf(`${name} ${path}`, reasonOf(content), { cause: content });
    }
    return content;
  }

  /** Returns the content of a file as text. @throws the error from `errorOf`, also if it is not UTF-8 */
  readText(name: string, path: string): string {
    const content = this.read(name, path);
    try {
      return new TextDecoder('utf-8', { fatal: true }).decode(content);
    } catch (cause) {
      throw this.#errorOf(`${name} ${path}`, 'it is not UTF-8; save the file as UTF-8', { cause });
    }
  }

  /** Returns the content of a source. @throws the error from `errorOf` */
  readSource({ name, path, text }: Source): Buffer | string {
    return path === null ? text : this.read(name, path);
  }

  /** True if other users may read or change the file. */
  isOpenToOthers(path: string): boolean {
    return this.#reading(path).isOpenToOthers;
  }

  #reading(path: string): Reading {
    this.#tried.add(path);
    const reading = this.#readings.get(path) ?? readFile(path);
    this.#readings.set(path, reading);
    return reading;
  }

  /** Reads the changed files of the current settings and of the last ones. @returns true if a content has changed */
  haveChanged(): boolean {
    let changed = false;
    for (const [path, last] of this.#readings) {
      // a pipe can be read only once
      if (!last.isRegular) continue;
      if (!this.#used.has(path) && !this.#tried.has(path)) {
        this.#readings.delete(path);
        continue;
      }
      if (last.signature === signatureOf(path)) continue;
      const now = readFile(path);
      this.#readings.set(path, now);
      changed ||= !isSame(last.content, now.content) || last.isOpenToOthers !== now.isOpenToOthers;
    }
    return changed;
  }
}
