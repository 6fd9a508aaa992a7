/** What `--help` prints. */
import { COMMANDS, type Command, commandNamed, commandSynopsis, takersOf } from './commands.ts';
import { allOptions, type DescribedOption, optionNamed, optionSynopsis } from './options.ts';
import { ENVIRONMENT, EXAMPLE, EXIT_STATUS, NAME, ON_REPORTS, SUMMARY } from './pages.ts';
import { WIDTH, wrap } from './wrap.ts';

/** Where the second column begins. */
const COLUMN = 23;

/** A term, and beside it what it means. */
function entry(term: string, text: string): string {
  const [first = '', ...rest] = wrap(text, WIDTH - COLUMN);
  const gap = term.length + 3 > COLUMN ? `\n${' '.repeat(COLUMN)}` : ' '.repeat(COLUMN - 2 - term.length);
  return [`  ${term}${gap}${first}`, ...rest.map((line) => ' '.repeat(COLUMN) + line)].join('\n');
}

/** Which commands take it, where not all do. */
export function takers({ name, some }: DescribedOption): string {
  return some ? ` (${takersOf(name).join(', ')})` : '';
}

function general(): string {
  return `${NAME}: ${SUMMARY}

Usage: ${NAME} [options] <command>

Commands; ${ON_REPORTS}:
${COMMANDS.map((command) => entry(commandSynopsis(command), command.summary)).join('\n')}

Options:
${allOptions.map((option) => entry(optionSynopsis(option), option.text + takers(option))).join('\n')}

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
    `Options of every command, like --json and --host: ${NAME} --help`,
    `Example: ${NAME} ${example}`,
  ];
  return `${parts.join('\n\n')}\n`;
}

/** Help for a command; for all of them if it is none. */
export function helpFor(name: string | undefined): string {
  const command = name === undefined ? undefined : commandNamed(name);
  return command === undefined ? general() : ofCommand(command);
}
