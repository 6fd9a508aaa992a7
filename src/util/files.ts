/** Files of the operator: read at the start, and again whenever they have changed. */
import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';

/** The permissions of other users. */
const OTHERS = 0o007;

/** The mark that some editors put before text in UTF-8. */
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

/** No file of the operator is larger, and what is read stays in memory. */
const MAX_MB = 16;
const MAX_BYTES = MAX_MB * 2 ** 20;
const CHUNK_BYTES = 2 ** 16;

/** A file system may not notice a second change within this time. */
const SAME_TIME_MS = 50;

/** Why a file cannot be read, for a person. */
function reasonOf({ code, message }: NodeJS.ErrnoException): string {
  switch (code) {
    case 'ENOENT':
      return 'there is no such file';
    case 'EACCES':
      return 'this user may not read it';
    case 'EISDIR':
      return 'it is a directory';
    default:
      return message;
  }
}

/** A file by its path, or inline text from the configuration. */
export interface Source {
  /** The name in messages. */
  readonly name: string;
  /** Null for inline text. */
  readonly path: string | null;
  /** True if the configuration names the file without a folder: it is looked for beside the configuration. */
  readonly isBeside: boolean;
  readonly text: string;
}

/** A file that was read. */
interface Reading {
  /** Changes with each change of the file. */
  readonly signature: string;
  /** Without a byte order mark; or why it cannot be read. */
  readonly content: Buffer | NodeJS.ErrnoException;
  /** True if other users may read or change it. */
  readonly isOpenToOthers: boolean;
  /** False for a pipe, say: it cannot be read twice. */
  readonly isRegular: boolean;
}

/** Of the path, without opening it: a pipe would block. */
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

/** Not by the size that the system gives: a device has none, and no end. */
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
  // before the content: a change in between is noticed the next time
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
 * Makes the error for a file that cannot be read.
 *
 * @param where - the name and the path of the file
 * @param options - the cause is the system's error
 */
type ErrorOf = (where: string, problem: string, options: ErrorOptions) => Error;

export class Files {
  readonly #errorOf: ErrorOf;
  #readings = new Map<string, Reading>();
  /** The files of the settings in force. */
  #used: ReadonlySet<string> = new Set();
  /** The files of the settings that were read last, which may have been wrong. */
  #tried = new Set<string>();

  constructor(errorOf: ErrorOf) {
    this.#errorOf = errorOf;
  }

  /** From now on, files are read for new settings. */
  begin(): void {
    this.#tried = new Set();
  }

  /** The new settings are in force: only the files that were read for them are used. */
  commit(): void {
    this.#used = this.#tried;
  }

  /**
   * The content of a file, as it was when the file was looked at last.
   *
   * @param name - what the file is, for a person
   * @throws the error of the constructor
   */
  read(name: string, path: string): Buffer {
    const { content } = this.#reading(path);
    if (content instanceof Error) {
      throw this.#errorOf(`${name} ${path}`, reasonOf(content), { cause: content });
    }
    return content;
  }

  /** The content of a file as text. @throws the error of the constructor, also if it is not UTF-8 */
  readText(name: string, path: string): string {
    const content = this.read(name, path);
    try {
      return new TextDecoder('utf-8', { fatal: true }).decode(content);
    } catch (cause) {
      throw this.#errorOf(`${name} ${path}`, 'it is not UTF-8; save the file as UTF-8', { cause });
    }
  }

  /** The content of a source. @throws the error of the constructor */
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

  /** Looks at the files of the settings in force, and of those that were read last. @returns true if any has changed */
  haveChanged(): boolean {
    let changed = false;
    for (const [path, last] of this.#readings) {
      // a pipe gives its content once, so the reading is kept
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
