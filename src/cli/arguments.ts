/** The command line taken apart and checked. */
import { parseArgs } from 'node:util';
import type { ChronyOptions } from '../client/options.ts';
import { commandNames } from './manual/commands.ts';
import { allOptions, OPTIONS, type OptionName, type OptionValues } from './manual/options.ts';
import { suggestion } from './suggest.ts';
import { UsageError } from './usage.ts';
import { seconds, wholeNumber } from './values.ts';

/** How the result is written. */
export type Format = 'text' | 'csv' | 'json';

/** What a command is run with. */
export interface Choices {
  readonly format: Format;
  /** How to reach chronyd. */
  readonly options: ChronyOptions;
  /** Whether to include sources whose name is not resolved. */
  readonly all: boolean;
  /** Whether to explain the columns, or the figures of a check. */
  readonly verbose: boolean;
  /** Whether to go on and on. */
  readonly watch: boolean;
  /** Seconds from one request to the next; undefined if it was not said. */
  readonly interval: number | undefined;
  /** How many requests; undefined for no end. */
  readonly count: number | undefined;
  /** Whether to tell the time of each record. */
  readonly time: boolean;
  /** What was said, as it was said. */
  readonly values: OptionValues;
  /** Those options that not all commands take, as far as they were given. */
  readonly given: readonly OptionName[];
}

/** What the user wants. */
export type Request =
  | { readonly kind: 'help'; readonly command: string | undefined }
  | { readonly kind: 'version' }
  | { readonly kind: 'command'; readonly words: readonly string[]; readonly choices: Choices };

/** A hundred requests a second are more than any clock has news. */
const SHORTEST_S = 0.01;
const LONGEST_S = 86_400;

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
  const [first, second] = positionals;
  if (values.help) return { kind: 'help', command: first };
  if (values.version) return { kind: 'version' };
  if (first === undefined) throw new UsageError('a command is missing');
  if (first === 'help') return { kind: 'help', command: second };
  if (values.json && values.csv) throw new UsageError('--json and --csv exclude each other');
  return {
    kind: 'command',
    words: positionals,
    choices: {
      format: values.json ? 'json' : values.csv ? 'csv' : 'text',
      options: {
        address: joinAddress(values.host, wholeNumber('port', values.port, 1, 65535)),
        timeoutMs: wholeNumber('timeout', values.timeout, 1, 2 ** 31 - 1),
        retries: wholeNumber('retries', values.retries, 0, 100),
      },
      all: values.all === true,
      verbose: values.verbose === true,
      watch: values.watch === true,
      interval: seconds('interval', values.interval, SHORTEST_S, LONGEST_S),
      count: wholeNumber('count', values.count, 1, 9_999_999_999),
      time: values.time === true,
      values,
      given: allOptions
        .filter(({ name, some }) => some && values[name] !== undefined)
        .map(({ name }) => name),
    },
  };
}

/** Whether it is the command `check` that is meant, even where the rest makes no sense. */
export function isCheck(args: readonly string[]): boolean {
  const { positionals } = parseArgs({
    args: [...args],
    options: OPTIONS,
    allowPositionals: true,
    strict: false,
  });
  return positionals.find((word) => commandNames.includes(word)) === 'check';
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
