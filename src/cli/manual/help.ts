/** The output of `--help`, and the texts that it shares with the manual page. */
import { COMMANDS, type Command, commandNamed, commandSynopsis, commandsAccepting } from './commands.ts';
import { allOptions, type DescribedOption, optionNamed, optionSynopsis } from './options.ts';

export const NAME = 'chrony-wasm';

export const SUMMARY = "read the state of this machine's clock, without chronyc";

export const ON_REPORTS = 'the first fourteen print the same as chronyc -n';

export const EXAMPLE = '-h 192.0.2.1 --json tracking';

/** The meaning of each exit status. */
export const EXIT_STATUS = [
  ['0', 'success'],
  ['1', 'an error, reported in one line on stderr'],
  ['2', 'invalid arguments'],
  ['0 to 3', 'of check and fleet --once: OK, WARNING, CRITICAL, UNKNOWN'],
] as const;

/** The environment variables that change the output. */
export const ENVIRONMENT = [
  ['NO_COLOR', 'if set, output is not colored; otherwise it is colored on a terminal only'],
  ['TERM', 'if dumb, output is not colored, and watch prints lines'],
  ['XDG_CACHE_HOME', 'the directory of the cache of compiled code; default ~/.cache, if it exists'],
  ['NODE_DISABLE_COMPILE_CACHE', 'if set, compiled code is not cached'],
  ['LC_ALL, LC_CTYPE, LANG', 'unless they select UTF-8, charts are drawn in ASCII'],
] as const;

/** The width of help, in columns: that of a terminal. */
const WIDTH = 80;

/** Breaks a text into lines of at most `width` characters. A longer word gets its own line. */
export function wrap(text: string, width = WIDTH): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const line = lines.at(-1);
    if (line !== undefined && line.length + 1 + word.length <= width)
      lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(word);
  }
  return lines;
}

/** Where the second column starts. */
const COLUMN = 23;

/** A term, with its meaning beside it. */
function entry(term: string, text: string): string {
  const [first = '', ...rest] = wrap(text, WIDTH - COLUMN);
  const gap = term.length + 3 > COLUMN ? `\n${' '.repeat(COLUMN)}` : ' '.repeat(COLUMN - 2 - term.length);
  return [`  ${term}${gap}${first}`, ...rest.map((line) => ' '.repeat(COLUMN) + line)].join('\n');
}

/** The commands that accept an option, unless all do. */
export function acceptedBy({ name, isCommandSpecific }: DescribedOption): string {
  return isCommandSpecific ? ` (${commandsAccepting(name).join(', ')})` : '';
}

function general(): string {
  return `${NAME}: ${SUMMARY}

Usage: ${NAME} [options] <command>

Commands; ${ON_REPORTS}:
${COMMANDS.map((command) => entry(commandSynopsis(command), command.summary)).join('\n')}

Options:
${allOptions.map((option) => entry(optionSynopsis(option), option.text + acceptedBy(option))).join('\n')}

Exit status:
${EXIT_STATUS.map(([status, meaning]) => entry(status, meaning)).join('\n')}

Environment:
${ENVIRONMENT.map(([name, meaning]) => entry(name, meaning)).join('\n')}

Example: ${NAME} ${EXAMPLE}
`;
}

function ofCommand(command: Command): string {
  const { name, summary, operands = [], options = [], notes = [], example } = command;
  const choices = (list: readonly string[] | undefined): string => (list ? `: ${list.join(', ')}` : '');
  const entries = [
    ...operands.map((operand) => entry(operand.name, operand.text + choices(operand.choices))),
    ...options.map(optionNamed).map((option) => entry(optionSynopsis(option), option.text)),
  ];
  const parts = [
    `${NAME} ${name}: ${summary}`,
    `Usage: ${NAME} [options] ${commandSynopsis(command)}`,
    ...(entries.length > 0 ? [entries.join('\n')] : []),
    ...notes.map((note) => wrap(note).join('\n')),
    `Options of every command, such as --json and --host: ${NAME} --help`,
    `Example: ${NAME} ${example}`,
  ];
  return `${parts.join('\n\n')}\n`;
}

/** Help for a command; general help if there is no command of that name. */
export function helpFor(name: string | undefined): string {
  const command = name === undefined ? undefined : commandNamed(name);
  return command === undefined ? general() : ofCommand(command);
}
