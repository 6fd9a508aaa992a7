/** Where a command's output goes: a terminal, or whatever reads it. */
import { closeSync, constants, fstatSync, openSync, writeSync } from 'node:fs';
import type { WriteStream } from 'node:tty';

/** A person's screen. */
export interface Terminal {
  /** Its size now, in characters. */
  size(): { readonly columns: number; readonly rows: number };
  /** Calls the listener whenever the size changes. Returns what stops that. */
  onResize(listener: () => void): () => void;
  /** Whether to use colours. */
  readonly colours: boolean;
  /** Whether it can move the cursor. */
  readonly movable: boolean;
  /** Whether it shows more than ASCII. */
  readonly unicode: boolean;
}

export interface Output {
  /** Null if it is no terminal. */
  readonly terminal: Terminal | null;
  /** Aborted when nobody reads the output any more. */
  readonly gone: AbortSignal;
  /** Resolves when it has been taken, or nobody is there to take it. */
  write(text: string): Promise<void>;
  /** Tells a person, in one line, what went wrong. */
  complain(message: string): void;
  /** Writes a line to the standard error as it is. @param line - without its end */
  report(line: string): void;
}

/** By the first of these that is set, as everywhere in POSIX. */
function isUnicode(env: NodeJS.ProcessEnv): boolean {
  return /utf-?8/i.test(env['LC_ALL'] || env['LC_CTYPE'] || env['LANG'] || '');
}

class ProcessTerminal implements Terminal {
  readonly movable = process.env['TERM'] !== 'dumb';
  readonly unicode = isUnicode(process.env);
  readonly colours: boolean;
  readonly #stream: WriteStream;

  constructor(stream: WriteStream) {
    this.#stream = stream;
    this.colours = stream.hasColors();
  }

  size(): { columns: number; rows: number } {
    const { columns, rows } = this.#stream;
    // some terminals tell no size
    return { columns: columns || 80, rows: rows || 24 };
  }

  onResize(listener: () => void): () => void {
    this.#stream.on('resize', listener);
    return () => this.#stream.off('resize', listener);
  }
}

/** The error of an output to a terminal that was closed. */
class HangupError extends Error {}

/** True for the reason of an output that is gone because its terminal was closed. */
export function isHangup(reason: unknown): boolean {
  return reason instanceof HangupError;
}

/** A pipe whose reader has gone. */
const NO_READER: ReadonlySet<string | undefined> = new Set(['EPIPE', 'ERR_STREAM_DESTROYED']);

/** A message of several lines as one. */
export function oneLine(message: string): string {
  return message.replaceAll(/\s*\n\s*/g, ' | ');
}

const STDOUT = 1;

/** Asked of the file: making `process.stdout`, which knows for certain, takes as long as asking chronyd. */
function mayBeTerminal(): boolean {
  try {
    return fstatSync(STDOUT).isCharacterDevice();
  } catch {
    return true;
  }
}

/**
 * Closes the descriptors of terminals that were closed. For the exit of the process: Node.js sets each terminal to its first
 * modes then, and Node.js 20 aborts if it cannot. It leaves out a descriptor that is closed.
 */
export function closeDeadTerminals(): void {
  const { O_RDONLY, O_NOCTTY, O_NONBLOCK } = constants;
  for (const fd of [0, STDOUT, 2]) {
    try {
      if (!fstatSync(fd).isCharacterDevice()) continue;
      try {
        // a terminal that was closed cannot be opened; to load `node:tty` would take longer than all the rest of an exit
        closeSync(openSync(`/dev/fd/${fd}`, O_RDONLY | O_NOCTTY | O_NONBLOCK));
      } catch {
        closeSync(fd);
      }
    } catch {
      // the descriptor was closed before
    }
  }
}

export class StandardOutput implements Output {
  readonly terminal: Terminal | null;
  readonly #gone = new AbortController();
  readonly #failure: number;
  /** Null as long as all could be written without it. */
  #stream: NodeJS.WriteStream | null = null;

  /** @param failure - the exit status if the output cannot be written */
  constructor(failure: number) {
    this.#failure = failure;
    const stream = mayBeTerminal() ? this.#useStream() : null;
    this.terminal = stream?.isTTY ? new ProcessTerminal(stream) : null;
  }

  get gone(): AbortSignal {
    return this.#gone.signal;
  }

  write(text: string): Promise<void> {
    return new Promise((resolve) => {
      const rest = this.#stream === null ? this.#writeNow(Buffer.from(text)) : text;
      if (this.gone.aborted || rest.length === 0) resolve();
      else this.#useStream().write(rest, () => resolve());
    });
  }

  complain(message: string): void {
    this.report(`chrony-wasm: ${oneLine(message)}`);
  }

  report(line: string): void {
    // not before it is needed, as a stream takes a while to make; if it fails, there is nobody left to tell
    if (process.stderr.listenerCount('error') === 0) process.stderr.on('error', () => {});
    process.stderr.write(`${line}\n`);
  }

  #useStream(): NodeJS.WriteStream {
    if (this.#stream === null) {
      this.#stream = process.stdout;
      this.#stream.on('error', (error) => this.#failed(error));
    }
    return this.#stream;
  }

  /** Blocks, as Node.js does when it writes to a file or a pipe. @returns what a pipe that does not block has no room for */
  #writeNow(bytes: Uint8Array): Uint8Array {
    let rest = bytes;
    try {
      while (rest.length > 0) rest = rest.subarray(writeSync(STDOUT, rest));
    } catch (error) {
      const failure = error as NodeJS.ErrnoException;
      if (failure.code !== 'EAGAIN') this.#failed(failure);
    }
    return rest;
  }

  #failed(error: NodeJS.ErrnoException): void {
    if (this.gone.aborted) return;
    if (error.code === 'EIO' && this.terminal !== null) {
      this.#gone.abort(new HangupError('the terminal was closed', { cause: error }));
      return;
    }
    if (!NO_READER.has(error.code)) {
      this.complain(`cannot write the output: ${error.message}`);
      process.exitCode = this.#failure;
    }
    this.#gone.abort(error);
  }
}
