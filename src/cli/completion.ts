/** The completion scripts for bash, zsh and fish, made from the same descriptions as help. */
import { COMMANDS, type Command, commandNames, type SHELLS } from './manual/commands.ts';
import { allOptions, type DescribedOption } from './manual/options.ts';

const SCRIPTS: Readonly<Record<(typeof SHELLS)[number], () => string>> = {
  bash: bashCompletion,
  zsh: zshCompletion,
  fish: fishCompletion,
};

export function completionScript(shell: (typeof SHELLS)[number]): string {
  return SCRIPTS[shell]();
}

/** `-h` and `--host` */
function optionForms({ short, name }: DescribedOption): string[] {
  return short === undefined ? [`--${name}`] : [`-${short}`, `--${name}`];
}

/** All forms of the options with a value, or of the options without one. */
function formsOf(withValue: boolean): string[] {
  return allOptions.filter(({ type }) => (type === 'string') === withValue).flatMap(optionForms);
}

/** The commands whose first operand is from a list, with that list. */
function choicesAfter(): readonly (readonly [command: string, choices: readonly string[]])[] {
  return COMMANDS.flatMap((command) => {
    const choices = command.name === 'help' ? commandNames : firstChoices(command);
    return choices.length === 0 ? [] : [[command.name, choices] as const];
  });
}

function firstChoices({ operands = [] }: Command): readonly string[] {
  return operands[0]?.choices ?? [];
}

/** For bash 3.2 and later. */
function bashCompletion(): string {
  const withValue = formsOf(true);
  const paths = allOptions.filter(({ name, path }) => path && name !== 'host').flatMap(optionForms);
  const afterCommand = choicesAfter().map(
    ([name, choices]) => `      ${name}) words='${choices.join(' ')}' ;;`,
  );
  return `# chrony-wasm for bash
_chrony_wasm() {
  # COMP_WORDS would split addresses at colons, and options at =
  local line=\${COMP_LINE:0:COMP_POINT} given=()
  read -ra given <<<"$line"
  [[ $line == *[[:space:]] ]] && given+=('')
  local last=$((\${#given[@]} - 1))
  local word=\${given[last]} previous=\${given[last - 1]}
  local command='' operands=0 words='' i
  COMPREPLY=()
  case $word in
    --*=*)
      previous=\${word%%=*}
      word=\${word#*=}
      ;;
  esac
  case $previous in
    -h | --host)
      [[ $word == /* ]] && COMPREPLY=($(compgen -f -- "$word"))
      return
      ;;
    ${paths.join(' | ')})
      COMPREPLY=($(compgen -f -- "$word"))
      return
      ;;
    ${withValue.filter((form) => form !== '-h' && form !== '--host' && !paths.includes(form)).join(' | ')}) return ;;
  esac
  for ((i = 1; i < last; i++)); do
    case \${given[i]} in
      ${withValue.join(' | ')}) ((i++)) ;;
      -*) ;;
      *)
        if [[ -z $command ]]; then command=\${given[i]}; else ((operands++)); fi
        ;;
    esac
  done
  if [[ $word == -* ]]; then
    words='${[...withValue, ...formsOf(false)].join(' ')}'
  elif [[ -z $command ]]; then
    words='${commandNames.join(' ')}'
  elif ((operands == 0)); then
    case $command in
${afterCommand.join('\n')}
    esac
  fi
  COMPREPLY=($(compgen -W "$words" -- "$word"))
}
complete -F _chrony_wasm chrony-wasm
`;
}

/** Any string, quoted for zsh. */
function zshQuoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** Text for `_arguments`, which splits at colons and brackets. */
function zshEscaped(text: string): string {
  return text.replaceAll(/[\\:[\]]/g, '\\$&');
}

function zshOption(option: DescribedOption): string {
  const { multiple, path, value, text } = option;
  const forms = optionForms(option);
  const action = path ? '_files' : ' ';
  const rest = `[${zshEscaped(text)}]${value === undefined ? '' : `:${value}:${action}`}`;
  // each form excludes the other
  const before = multiple ? '*' : `(${forms.join(' ')})`;
  return forms
    .map((form) =>
      zshQuoted(`${before}${form}${value !== undefined && form.startsWith('--') ? '=' : ''}${rest}`),
    )
    .join(' ');
}

/** For zsh 5 and later. */
function zshCompletion(): string {
  const commands = COMMANDS.map(({ name, summary }) => `    ${zshQuoted(`${name}:${summary}`)}`);
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
${allOptions.map((each) => `    ${zshOption(each)} \\`).join('\n')}
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

/** Any string, quoted for fish. */
function fishQuoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}

function fishOption({ short, name, value, path, text }: DescribedOption): string {
  const forms = short === undefined ? `-l ${name}` : `-s ${short} -l ${name}`;
  // -F: also files, if the value can be a path
  const argument = value === undefined ? '' : path ? ' -r -F' : ' -x';
  return `complete -c chrony-wasm ${forms}${argument} -d ${fishQuoted(text)}`;
}

/** For fish 3 and later. */
function fishCompletion(): string {
  const commands = COMMANDS.map(
    ({ name, summary }) =>
      `complete -c chrony-wasm -n '__chrony_wasm_after ""' -a ${name} -d ${fishQuoted(summary)}`,
  );
  const choices = choicesAfter().map(
    ([name, words]) =>
      `complete -c chrony-wasm -n '__chrony_wasm_after ${name}' -a ${fishQuoted(words.join(' '))}`,
  );
  return `# chrony-wasm for fish
# The command and its operands before the cursor, without options and their values.
function __chrony_wasm_words
    set -l skip 0
    for word in (commandline -opc)[2..-1]
        if test $skip -eq 1
            set skip 0
            continue
        end
        switch $word
            case ${formsOf(true).join(' ')}
                set skip 1
            case '-*'
            case '*'
                echo $word
        end
    end
end
# Whether exactly these words are before the cursor. Fish before 3.4 has no "$(...)".
function __chrony_wasm_after
    set -l words (__chrony_wasm_words)
    test "$words" = "$argv"
end
complete -c chrony-wasm -f
${[...commands, ...choices, ...allOptions.map(fishOption)].join('\n')}
`;
}
