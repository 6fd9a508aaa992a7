/** The output of a command: a terminal, a pipe or a file. */
import type { WriteStream } from 'node:tty';

/** A person's terminal. */
export interface Terminal {
  /** Its current size, in characters. */
  size(): { readonly columns: number; readonly rows: number };
  /** Calls the listener whenever the size changes. Returns a function that removes the listener. */
  onResize(listener: () => void): () => void;
  /** Whether to use colours. */
  readonly colours: boolean;
  /** Whether the cursor can be moved. */
  readonly movable: boolean;
  /** Whether it shows Unicode. */
  readonly unicode: boolean;
}

export interface Output {
  /** Null if the output is no terminal. */
  readonly terminal: Terminal | null;
  /** Aborted when nobody reads the output any more. */
  readonly gone: AbortSignal;
  /** Resolves when the text is written, or when nobody reads the output any more. */
  write(text: string): Promise<void>;
  /** Writes an error to stderr, in one line. */
  complain(message: string): void;
}

/** By the first of these variables that is set, as POSIX defines. */
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
    // some terminals have no size
    return { columns: columns || 80, rows: rows || 24 };
  }

  onResize(listener: () => void): () => void {
    this.#stream.on('resize', listener);
    return () => this.#stream.off('resize', listener);
  }
}

/** The codes of a pipe whose reader has gone, and of a closed terminal. */
const GONE: ReadonlySet<string | undefined> = new Set(['EPIPE', 'EIO', 'ERR_STREAM_DESTROYED']);

/** A message of several lines as one. */
export function oneLine(message: string): string {
  return message.replaceAll(/\s*\n\s*/g, ' | ');
}

export class StandardOutput implements Output {
  readonly terminal = process.stdout.isTTY ? new ProcessTerminal(process.stdout) : null;
  readonly #gone = new AbortController();

  /** @param failure - the exit status if the output cannot be written */
  constructor(failure: number) {
    process.stdout.on('error', (error: NodeJS.ErrnoException) => {
      if (!this.gone.aborted && !GONE.has(error.code)) {
        this.complain(`cannot write the output: ${error.message}`);
        process.exitCode = failure;
      }
      this.#gone.abort(error);
    });
    process.stderr.on('error', () => {}); // nobody is left to report it to
  }

  get gone(): AbortSignal {
    return this.#gone.signal;
  }

  write(text: string): Promise<void> {
    return new Promise((resolve) => {
      if (this.gone.aborted) resolve();
      else process.stdout.write(text, () => resolve());
    });
  }

  complain(message: string): void {
    process.stderr.write(`chrony-wasm: ${oneLine(message)}\n`);
  }
}
