/** The source of the manual page. */
import { COMMANDS, type Command, commandSynopsis } from './commands.ts';
import { acceptedBy, ENVIRONMENT, EXAMPLE, EXIT_STATUS, NAME, ON_REPORTS, SUMMARY } from './help.ts';
import { allOptions, type DescribedOption, optionNamed } from './options.ts';

/** Escapes plain text: roff must not take any of it for a request, and dashes must stay searchable. */
function plain(text: string): string {
  const escaped = text.replaceAll('\\', '\\e').replaceAll('-', '\\-').replaceAll("'", '\\(aq');
  return escaped.replace(/^\./, '\\&.');
}

function bold(text: string): string {
  return `\\fB${plain(text)}\\fR`;
}

/** A placeholder for a value. */
function variable(text: string): string {
  return `\\fI${plain(text)}\\fR`;
}

/** A term, with its meaning indented below it. */
function entry(term: string, text: string): string {
  return `.TP\n${term}\n${plain(text)}`;
}

function option({ short, name, value }: DescribedOption): string {
  const forms = [...(short === undefined ? [] : [`-${short}`]), `--${name}`].map(bold).join(', ');
  return value === undefined ? forms : `${forms} ${variable(value)}`;
}

function command(each: Command): string {
  const { name, summary, operands = [], options = [], notes = [], example } = each;
  const operandText = commandSynopsis(each).slice(name.length);
  const choices = operands.flatMap((operand) =>
    operand.choices
      ? [`${operand.name}: ${operand.choices.join(', ')}`]
      : [`${operand.name}: ${operand.text}`],
  );
  const own = options.map((optionName) => option(optionNamed(optionName))).join(', ');
  return [
    `.SS ${bold(name)}${variable(operandText)}`,
    plain(`${summary}.`),
    ...choices.map((choice) => `.br\n${plain(choice)}`),
    ...(own === '' ? [] : [`.br\nOptions: ${own}`]),
    ...notes.map((note) => `.PP\n${plain(note)}`),
    `.PP\nExample: ${bold(`${NAME} ${example}`)}`,
  ].join('\n');
}

export function manualPage(version: string): string {
  return `.TH ${plain(NAME.toUpperCase())} 1 "" "${NAME} ${version}" "User Commands"
.SH NAME
${plain(NAME)} \\- ${plain(SUMMARY)}
.SH SYNOPSIS
${bold(NAME)} [options] ${variable('command')}
.SH DESCRIPTION
Requests reports from chronyd and prints them. It never changes chronyd. Commands and options may come in any order.
.SH COMMANDS
Of these commands, ${ON_REPORTS.replace('-n', '\\-n')}.
${COMMANDS.map(command).join('\n')}
.SH OPTIONS
${allOptions.map((each) => entry(option(each), each.text + acceptedBy(each))).join('\n')}
.SH EXIT STATUS
${EXIT_STATUS.map(([status, meaning]) => entry(bold(status), meaning)).join('\n')}
.SH ENVIRONMENT
${ENVIRONMENT.map(([name, meaning]) => entry(bold(name), meaning)).join('\n')}
.SH EXAMPLES
${bold(`${NAME} ${EXAMPLE}`)}
.SH SEE ALSO
.BR chronyc (1),
.BR chronyd (8),
.BR chrony.conf (5)
`;
}
