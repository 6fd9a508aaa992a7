/** The command line, parsed and checked. */
import { parseArgs } from 'node:util';
import type { IpVersion, SharingOptions } from '../client/options.ts';
import { socketPathOf, withoutUdpScheme } from '../socket/address.ts';
import { adviceFor, suggestion } from '../util/suggestion.ts';
import { commandNames } from './manual/commands.ts';
import {
  allOptions,
  type DescribedOption,
  OPTIONS,
  type OptionName,
  type OptionValues,
} from './manual/options.ts';

/** The arguments are invalid: exit status 2. */
export class UsageError extends Error {}

/** The format of the output. */
export type Format = 'text' | 'csv' | 'json';

/** The options of a command, checked. */
export interface CommandOptions {
  readonly format: Format;
  /** How to reach chronyd. */
  readonly connection: SharingOptions;
  /** Whether to include sources whose name is not resolved. */
  readonly all: boolean;
  /** Whether to show sources by their names in chronyd's configuration. */
  readonly names: boolean;
  /** Whether tables have a wider column for names. */
  readonly wide: boolean;
  /** Whether to explain the columns, or the figures of a check. */
  readonly verbose: boolean;
  /** Whether to repeat the request. */
  readonly watch: boolean;
  /** Seconds from one request to the next; undefined if not given. */
  readonly interval: number | undefined;
  /** Seconds from one request for the sources of a clock of a fleet to the next; undefined if not given. */
  readonly sourcesInterval: number | undefined;
  /** How many clocks of a fleet may not be ok; undefined if not given. */
  readonly maxBad: number | undefined;
  /** The number of requests; undefined for no limit. */
  readonly count: number | undefined;
  /** The least number of packets of a client that is shown; undefined if not given. */
  readonly packets: number | undefined;
  /** The largest maximum error that ends a wait, in seconds; undefined if not given. */
  readonly maxError: number | undefined;
  /** Whether to print the time of each record. */
  readonly time: boolean;
  /** All options as they were written. */
  readonly values: OptionValues;
  /** The given options that only some commands accept. */
  readonly given: readonly OptionName[];
}

/** A request of the user. */
export type Request =
  | { readonly kind: 'help'; readonly command: string | undefined }
  | { readonly kind: 'version' }
  | { readonly kind: 'command'; readonly words: readonly string[]; readonly options: CommandOptions }
  | { readonly kind: 'commands'; readonly lines: readonly string[]; readonly options: CommandOptions };

/** The range of `--interval`: chronyd's reports do not change faster than this. */
const SHORTEST_S = 0.01;
const LONGEST_S = 86_400;

/** Joins a host and a port, given separately as to chronyc, into the library's address format. */
function joinAddress(host: string | undefined, port: number | undefined): string | undefined {
  if (port === undefined) return host;
  if (host === undefined) return `localhost:${port}`;
  if (socketPathOf(host) !== null) {
    throw new UsageError(`--port cannot be used with a Unix socket (${host})`);
  }
  const place = withoutUdpScheme(host);
  const colons = place.split(':').length - 1;
  if (place.startsWith('[') ? /\]:/.test(place) : colons === 1) {
    throw new UsageError(`the port is given twice: --host ${host} and --port ${port}`);
  }
  return colons > 1 && !place.startsWith('[') ? `[${place}]:${port}` : `${place}:${port}`;
}

/** @throws UsageError */
export function readArguments(args: readonly string[]): Request {
  const { values, positionals, ipVersion } = parse(args);
  const [first, second] = positionals;
  if (values.help) return { kind: 'help', command: first };
  if (values.version) return { kind: 'version' };
  if (first === undefined) throw new UsageError('a command is missing');
  if (first === 'help') return { kind: 'help', command: second };
  if (values.json && values.csv) throw new UsageError('--json and --csv exclude each other');
  const options = commandOptions(values, ipVersion);
  return values.multiple
    ? { kind: 'commands', lines: positionals, options }
    : { kind: 'command', words: positionals, options };
}

function commandOptions(values: OptionValues, ipVersion: IpVersion | undefined): CommandOptions {
  return {
    format: values.json ? 'json' : values.csv ? 'csv' : 'text',
    connection: {
      address: joinAddress(values.host, wholeNumber('port', values.port, 1, 65535)),
      timeoutMs: wholeNumber('timeout', values.timeout, 1, 2 ** 31 - 1),
      retries: wholeNumber('retries', values.retries, 0, 100),
      ipVersion,
    },
    all: values.all === true,
    names: values['configured-names'] === true,
    wide: values.wide === true,
    verbose: values.verbose === true,
    watch: values.watch === true,
    interval: seconds('interval', values.interval, SHORTEST_S, LONGEST_S),
    sourcesInterval: seconds('sources-interval', values['sources-interval'], 1, LONGEST_S),
    maxBad: wholeNumber('max-bad', values['max-bad'], 0, 1_000_000),
    count: wholeNumber('count', values.count, 1, 9_999_999_999),
    packets: wholeNumber('packets', values.packets, 0, 2 ** 32 - 1),
    maxError: seconds('max-error', values['max-error'], 0, LONGEST_S),
    time: values.time === true,
    values,
    given: allOptions
      .filter(({ name, isCommandSpecific }) => isCommandSpecific && values[name] !== undefined)
      .map(({ name }) => name),
  };
}

/** A command that is one argument, after `-m`. */
export interface CommandLine {
  readonly words: readonly string[];
  readonly options: CommandOptions;
}

/**
 * The words and the options of a command that is one argument.
 *
 * @param line - not empty
 * @param outer - the options for all commands
 * @throws UsageError
 */
export function readLine(line: string, outer: CommandOptions): CommandLine {
  const { values, positionals } = parse(line.split(/\s+/).filter(Boolean));
  for (const { name, isCommandSpecific } of allOptions) {
    if (values[name] === undefined || isCommandSpecific || name === 'verbose') continue;
    throw new UsageError(`--${name} in '${line}' applies to all commands; give it as a separate argument`);
  }
  const options = commandOptions({ ...outer.values, ...values }, outer.connection.ipVersion);
  return { words: positionals, options };
}

/** Whether the command is `check`, even if the other arguments are invalid. */
export function isCheck(args: readonly string[]): boolean {
  return commandIn(args) === 'check';
}

/** Whether the exit status is the health of clocks (`check`, `fleet --once`), even if the other arguments are invalid. */
export function statusIsHealth(args: readonly string[]): boolean {
  return isCheck(args) || (commandIn(args) === 'fleet' && split(args).values['once'] === true);
}

function commandIn(args: readonly string[]): string | undefined {
  return split(args).positionals.find((word) => commandNames.includes(word));
}

/** The options and the other arguments, unchecked: the messages of Node.js for invalid options depend on its version. */
function split(args: readonly string[]) {
  return parseArgs({
    args: [...args],
    options: OPTIONS,
    allowPositionals: true,
    strict: false,
    tokens: true,
  });
}

function parse(args: readonly string[]) {
  const { positionals, tokens } = split(args);
  const values: Record<string, string | boolean | string[]> = {};
  let command: string | undefined;
  let ipVersion: IpVersion | undefined;
  // with -m each argument is a whole command with its options; the other options apply to all commands
  const areLines = tokens.some((token) => token.kind === 'option' && token.name === 'multiple');
  for (const token of tokens) {
    if (token.kind === 'positional' && !areLines) command ??= token.value;
    if (token.kind !== 'option') continue;
    const { name, multiple } = checkOption(token, command);
    const value = token.value ?? true;
    if (multiple) values[name] = [...((values[name] as string[] | undefined) ?? []), String(value)];
    else values[name] = value;
    if (name === 'ipv4' || name === 'ipv6') ipVersion = name === 'ipv4' ? 4 : 6;
  }
  // checkOption has checked the type of each value
  return { values: values as OptionValues, positionals, ipVersion };
}

/** @param command - the command before the option */
function optionOf(
  { name, rawName }: Pick<WrittenOption, 'name' | 'rawName'>,
  command: string | undefined,
): DescribedOption | undefined {
  return (
    allOptions.find(({ after }) => after?.command === command && rawName === `-${after?.letter}`) ??
    allOptions.find((each) => each.name === name)
  );
}

/** An option as it was written. */
interface WrittenOption {
  readonly name: string;
  /** With its dashes. */
  readonly rawName: string;
  readonly value: string | undefined;
  /** Whether the value is part of the same argument. */
  readonly inlineValue: boolean | undefined;
}

/** Advice for the options of chronyc that are not supported. */
const OF_CHRONYC: Readonly<Record<string, string>> = {
  '-d': 'chrony-wasm prints no debugging messages; remove it',
  '-e': 'responses do not end with a dot; use --json for output that a program can parse',
  '-f': 'chronyc ignores it; remove it',
  '-u': "chrony-wasm does not change its user; run it as root or as chrony's user",
};

/**
 * @param command - the command before the option
 * @returns the option that was meant
 * @throws UsageError if the option does not exist, or its value is missing or of the wrong type
 */
function checkOption(written: WrittenOption, command: string | undefined): DescribedOption {
  const { name, rawName, value, inlineValue } = written;
  const option = optionOf(written, command);
  if (option === undefined) {
    const advice = OF_CHRONYC[rawName];
    if (advice !== undefined) throw new UsageError(`Unknown option '${rawName}': ${advice}`);
    if (command === 'clients' && rawName === '-r') {
      throw new UsageError(
        "Unknown option '-r': it would reset chronyd's counters, and chrony-wasm is read-only",
      );
    }
    const meant = rawName.startsWith('--') ? suggestion(name, Object.keys(OPTIONS)) : undefined;
    const hint = meant === undefined ? '' : `; did you mean '--${meant}'?`;
    throw new UsageError(`Unknown option '${rawName}'${hint}`);
  }
  if (option.type === 'boolean') {
    if (value !== undefined) throw new UsageError(`${rawName} takes no value; remove '${value}'`);
    return option;
  }
  const needed = `${rawName} needs a value (${option.value})`;
  if (value === undefined) throw new UsageError(needed);
  if (value === '' && option.path)
    throw new UsageError(`${needed}, not ''; remove the option to use its default`);
  // a negative number is a value, and its range is checked later
  if (!inlineValue && /^-[^\d.]/.test(value)) {
    throw new UsageError(`${needed} before '${value}'; write --${option.name}=${value} if that is the value`);
  }
  return option;
}

function refuse(option: string, what: string, text: string): never {
  throw new UsageError(`--${option} needs ${what}, not '${text}'`);
}

/** Reads the number of an option; undefined if the option is not given. */
type ReadNumber = (option: string, text: string | undefined, low: number, high: number) => number | undefined;

function readerOf(pattern: RegExp, what: string): ReadNumber {
  return (option, text, low, high) => {
    if (text === undefined) return undefined;
    const value = pattern.test(text) ? Number(text) : Number.NaN;
    return value >= low && value <= high ? value : refuse(option, `${what} from ${low} to ${high}`, text);
  };
}

export const wholeNumber = readerOf(/^\d{1,10}$/, 'a whole number');
const DECIMAL = /^\d+(?:\.\d+)?$|^\.\d+$/;
export const seconds = readerOf(DECIMAL, 'seconds');
export const decimalNumber = readerOf(DECIMAL, 'a number');

export function oneOf<Word extends string>(
  option: string,
  text: string | undefined,
  words: readonly Word[],
): Word | undefined {
  if (text === undefined) return undefined;
  return words.find((word) => word === text) ?? refuse(option, `one of: ${words.join(', ')}`, text);
}

/** Returns the word if it is in the list. @throws UsageError with a suggestion */
export function choose<Word extends string>(
  kind: 'command' | 'report' | 'shell',
  word: string,
  words: readonly Word[],
): Word {
  const found = words.find((each) => each === word);
  if (found !== undefined) return found;
  throw new UsageError(`unknown ${kind} '${word}'; ${adviceFor(word, words, `the ${kind}s are`)}`);
}
