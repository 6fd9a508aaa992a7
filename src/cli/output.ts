/** The output of a command: a terminal, a pipe or a file. */
import { closeSync, constants, fstatSync, openSync, writeSync } from 'node:fs';
import type { WriteStream } from 'node:tty';

/** The terminal that the output is shown on. */
export interface Terminal {
  /** The current size, in characters. */
  size(): { readonly columns: number; readonly rows: number };
  /** Calls the listener when the size changes. Returns a function that removes the listener. */
  onResize(listener: () => void): () => void;
  /** Whether to use colors. */
  readonly colors: boolean;
  /** Whether it can move the cursor. */
  readonly movable: boolean;
  /** Whether it shows more than ASCII. */
  readonly unicode: boolean;
}

export interface Output {
  /** Null if the output is not a terminal. */
  readonly terminal: Terminal | null;
  /** Aborted when the reader of the output has gone. */
  readonly gone: AbortSignal;
  /** Resolves when the text is written, or the reader has gone. */
  write(text: string): Promise<void>;
  /** Prints an error or a warning to stderr, in one line. */
  complain(message: string): void;
  /** Writes a line to stderr. @param line - without a line break */
  report(line: string): void;
}

/** POSIX: the first of these variables that is set counts. */
function isUnicode(env: NodeJS.ProcessEnv): boolean {
  return /utf-?8/i.test(env['LC_ALL'] || env['LC_CTYPE'] || env['LANG'] || '');
}

class ProcessTerminal implements Terminal {
  readonly movable = process.env['TERM'] !== 'dumb';
  readonly unicode = isUnicode(process.env);
  readonly colors: boolean;
  readonly #stream: WriteStream;

  constructor(stream: WriteStream) {
    this.#stream = stream;
    this.colors = stream.hasColors();
  }

  size(): { columns: number; rows: number } {
    const { columns, rows } = this.#stream;
    // some terminals do not report their size
    return { columns: columns || 80, rows: rows || 24 };
  }

  onResize(listener: () => void): () => void {
    this.#stream.on('resize', listener);
    return () => this.#stream.off('resize', listener);
  }
}

/** The terminal was closed. */
class HangupError extends Error {}

/** Whether the abort reason of {@link Output.gone} is that the terminal was closed. */
export function isHangup(reason: unknown): boolean {
  return reason instanceof HangupError;
}

/** The error codes of a pipe whose reader has gone. */
const NO_READER: ReadonlySet<string | undefined> = new Set(['EPIPE', 'ERR_STREAM_DESTROYED']);

/** Joins the lines of a message. */
export function oneLine(message: string): string {
  return message.replaceAll(/\s*\n\s*/g, ' | ');
}

const STDOUT = 1;

/** Checks the file type: creating `process.stdout`, which would know for certain, takes as long as a request to chronyd. */
function mayBeTerminal(): boolean {
  try {
    return fstatSync(STDOUT).isCharacterDevice();
  } catch {
    return true;
  }
}

/**
 * Closes the descriptors of closed terminals before the process exits. At the exit Node.js resets the modes of each terminal,
 * and Node.js 20 aborts if that fails. It ignores closed descriptors.
 */
export function closeDeadTerminals(): void {
  const { O_RDONLY, O_NOCTTY, O_NONBLOCK } = constants;
  for (const fd of [0, STDOUT, 2]) {
    try {
      if (!fstatSync(fd).isCharacterDevice()) continue;
      try {
        // a closed terminal cannot be opened; loading `node:tty` instead would take longer than the rest of the exit
        closeSync(openSync(`/dev/fd/${fd}`, O_RDONLY | O_NOCTTY | O_NONBLOCK));
      } catch {
        closeSync(fd);
      }
    } catch {
      // the descriptor is closed already
    }
  }
}

export class StandardOutput implements Output {
  readonly terminal: Terminal | null;
  readonly #gone = new AbortController();
  readonly #failure: number;
  /** Null while the stream is not needed. */
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
    // created on demand, since creating a stream is slow; a failure of stderr cannot be reported anywhere
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

  /** Writes synchronously, as Node.js does to a file or a pipe. @returns the rest, if a non-blocking pipe is full */
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
