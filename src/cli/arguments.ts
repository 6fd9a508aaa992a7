/** The command line taken apart and checked. */
import { parseArgs } from 'node:util';
import type { ChronyOptions } from '../options.ts';
import { suggestion } from './suggest.ts';
import { UsageError } from './usage.ts';

/** How the result is written. */
export type Format = 'text' | 'csv' | 'json';

/** What the user wants. */
export type Request =
  | { readonly kind: 'help'; readonly command: string | undefined }
  | { readonly kind: 'version' }
  | {
      readonly kind: 'command';
      readonly words: readonly string[];
      readonly format: Format;
      readonly options: ChronyOptions;
      readonly all: boolean;
      readonly verbose: boolean;
    };

const OPTIONS = {
  host: { type: 'string', short: 'h' },
  port: { type: 'string', short: 'p' },
  json: { type: 'boolean' },
  csv: { type: 'boolean', short: 'c' },
  numeric: { type: 'boolean', short: 'n' },
  all: { type: 'boolean', short: 'a' },
  verbose: { type: 'boolean', short: 'v' },
  timeout: { type: 'string' },
  retries: { type: 'string' },
  version: { type: 'boolean' },
  help: { type: 'boolean' },
} as const;

function wholeNumber(
  option: string,
  text: string | undefined,
  low: number,
  high: number,
): number | undefined {
  if (text === undefined) return undefined;
  const value = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= low && value <= high) return value;
  throw new UsageError(`--${option} needs a whole number from ${low} to ${high}, not '${text}'`);
}

/** The address of the library for what chronyc takes as host and port. */
function joinAddress(host: string | undefined, port: number | undefined): string | undefined {
  if (port === undefined) return host;
  if (host === undefined) return `localhost:${port}`;
  if (host.startsWith('/') || host.startsWith('unix:')) {
    throw new UsageError(`--port makes no sense with a Unix socket (${host})`);
  }
  const colons = host.split(':').length - 1;
  if (host.startsWith('[') ? /\]:/.test(host) : colons === 1) {
    throw new UsageError(`the port is given twice: --host ${host} and --port ${port}`);
  }
  return colons > 1 && !host.startsWith('[') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** @throws UsageError */
export function readArguments(args: readonly string[]): Request {
  const { values, positionals } = parse(args);
  if (values.help) return { kind: 'help', command: positionals[0] };
  if (values.version) return { kind: 'version' };
  if (values.json && values.csv) throw new UsageError('--json and --csv exclude each other');
  if (positionals.length === 0) throw new UsageError('a command is missing');
  return {
    kind: 'command',
    words: positionals,
    format: values.json ? 'json' : values.csv ? 'csv' : 'text',
    options: {
      address: joinAddress(values.host, wholeNumber('port', values.port, 1, 65535)),
      timeoutMs: wholeNumber('timeout', values.timeout, 1, 2 ** 31 - 1),
      retries: wholeNumber('retries', values.retries, 0, 100),
    },
    all: values.all === true,
    verbose: values.verbose === true,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
  } catch (error) {
    // what follows the first sentence is advice about rarer ways to write it
    if (!(error instanceof TypeError)) throw error;
    const message = error.message.replace(/\.\s.*/s, '');
    const unknown = /^Unknown option '--([^']+)'/.exec(message)?.[1];
    const meant = unknown === undefined ? undefined : suggestion(unknown, Object.keys(OPTIONS));
    throw new UsageError(meant === undefined ? message : `${message}; did you mean '--${meant}'?`);
  }
}
