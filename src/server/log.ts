/** The log of the server: a line for each message, as text, logfmt or JSON. */

/** The levels, from the least to the most important. */
export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export const LOG_FORMATS = ['text', 'logfmt', 'json'] as const;

type Level = (typeof LOG_LEVELS)[number];

export interface LogOptions {
  /** Messages of a lower level are left out. */
  readonly level: Level;
  readonly format: (typeof LOG_FORMATS)[number];
}

/** The destination of the lines. */
export interface LogOutput {
  /** Writes a message in text form. The output puts the name of the program before it. */
  complain(message: string): void;
  /** Writes a complete line, given without its line break. */
  report(line: string): void;
}

export class Log {
  readonly #least: number;
  readonly #format: LogOptions['format'];
  readonly #output: LogOutput;

  constructor({ level, format }: LogOptions, output: LogOutput) {
    this.#least = LOG_LEVELS.indexOf(level);
    this.#format = format;
    this.#output = output;
  }

  /** True if messages of the level are written. */
  has(level: Level): boolean {
    return LOG_LEVELS.indexOf(level) >= this.#least;
  }

  debug(message: string): void {
    this.#write('debug', message);
  }

  info(message: string): void {
    this.#write('info', message);
  }

  warn(message: string): void {
    this.#write('warn', message);
  }

  error(message: string): void {
    this.#write('error', message);
  }

  /** The names of the keys and levels are those of Go's slog, which other exporters use, too. */
  #write(level: Level, msg: string): void {
    if (!this.has(level)) return;
    const time = new Date().toISOString();
    switch (this.#format) {
      case 'json':
        this.#output.report(JSON.stringify({ time, level: level.toUpperCase(), msg }));
        return;
      case 'logfmt':
        this.#output.report(`time=${time} level=${level.toUpperCase()} msg=${JSON.stringify(msg)}`);
        return;
      default:
        this.#output.complain(msg);
    }
  }
}
