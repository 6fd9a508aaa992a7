/** For zsh 5 and later. */
import { COMMANDS } from '../manual/commands.ts';
import { allOptions, type DescribedOption } from '../manual/options.ts';
import { choicesAfter, optionForms } from './words.ts';

/** A string for zsh, whatever is in it. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** Text inside of what `_arguments` takes apart at colons and brackets. */
function escaped(text: string): string {
  return text.replaceAll(/[\\:[\]]/g, '\\$&');
}

function option(option: DescribedOption): string {
  const { multiple, path, value, text } = option;
  const forms = optionForms(option);
  const action = path ? '_files' : ' ';
  const rest = `[${escaped(text)}]${value === undefined ? '' : `:${value}:${action}`}`;
  // each form excludes the other
  const before = multiple ? '*' : `(${forms.join(' ')})`;
  return forms
    .map((form) =>
      quoted(`${before}${form}${value !== undefined && form.startsWith('--') ? '=' : ''}${rest}`),
    )
    .join(' ');
}

export function zshCompletion(): string {
  const commands = COMMANDS.map(({ name, summary }) => `    ${quoted(`${name}:${summary}`)}`);
  const choices = choicesAfter().map(
    ([name, words]) => `        ${name}) _values ${name} ${words.join(' ')} ;;`,
  );
  return `#compdef chrony-wasm
# chrony-wasm for zsh
_chrony-wasm() {
  local curcontext=$curcontext state line
  local -a commands
  commands=(
${commands.join('\n')}
  )
  _arguments -C -s \\
${allOptions.map((each) => `    ${option(each)} \\`).join('\n')}
    '1:command:->command' '2:operand:->operand'
  case $state in
    command) _describe command commands ;;
    operand)
      case $line[1] in
${choices.join('\n')}
      esac
      ;;
  esac
}
if [[ \${funcstack[1]} == _chrony-wasm ]]; then
  _chrony-wasm "$@"
else
  compdef _chrony-wasm chrony-wasm
fi
`;
}
